import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { featureKind, framesOf16 } from '../feature.ts';
import { OBJECT } from '../frame-memory.ts';
import { spacedFrequencies } from './frequency-scale.ts';
import { PowerSpectrum, readBand, spectrumParameters, spectrumWork, takeSpectrum } from './spectrum.ts';

const parameters = {
  ...spectrumParameters,
  filters: { doc: 'triangular filters from low to high', form: 'integer', minimum: 1, maximum: 32_768 },
  spacing: {
    doc: '"mel", "log" or "linear": on which scale the corners of the triangles are evenly spaced',
    form: 'word',
    words: ['mel', 'log', 'linear'],
    default: 'mel',
  },
} as const satisfies ParameterTable;

/**
 * Triangular filterbank over the power spectrum (Davis and Mermelstein 1980; Hann window, see PowerSpectrum): with
 * corners p_0 = low … p_(F+1) = high, filter j = 1 … F rises from 0 at p_(j−1) to 1 at p_j and falls to 0 at p_(j+1),
 * linear in Hz. Between p_1 and p_F the filters add up to 1, so that no energy there is lost or counted twice.
 */
export const filterbank = featureKind({
  type: 'filterbank',
  examples: [{ stages: [framesOf16, { type: 'filterbank', parameters: { sampleRate: 100, filters: 2 } }], outputs: 2 }],
  parameters,

  prepare(read, { where, width, memory }) {
    const { filters, spacing } = read;
    memory.take(where, filters + width, filters * OBJECT);
    takeSpectrum(where, width, memory);
    const spectrum = new PowerSpectrum(where, width, read.sampleRate);
    const corners = spacedFrequencies(where, spacing, readBand(where, read), filters + 2);
    const bank = Array.from({ length: filters }, (_, j) => triangle(corners.subarray(j, j + 3), spectrum));
    const empty = bank.findIndex(({ weights }) => weights.length === 0);
    if (empty >= 0) {
      const centre = `${corners[empty + 1]!.toPrecision(4)} Hz`;
      const problem = `is ${filters}, of which that at ${centre} holds no line of the spectrum`;
      const expected = `filters wider than ${spectrum.resolution.toPrecision(4)} Hz, or a longer window`;
      throw new SpikewireError('parameter', `${where}.filters`, problem, expected);
    }
    const energies = new Float64Array(filters);
    const products = bank.reduce((sum, { weights }) => sum + weights.length, 0);
    return {
      takes: width,
      outputs: filters,
      frames: 'each',
      work: spectrumWork(width) + products,
      state: {},
      push(channel, frame, emit) {
        spectrum.measure(frame);
        for (let j = 0; j < filters; j++) {
          const { first, weights } = bank[j]!;
          let energy = 0;
          for (let k = 0; k < weights.length; k++) energy += weights[k]! * spectrum.power[first + k]!;
          energies[j] = energy;
        }
        emit(channel, energies);
      },
    };
  },
});

interface Triangle {
  /** First line with a weight. */
  readonly first: number;
  readonly weights: Float64Array;
}

function triangle([from, peak, to]: ArrayLike<number> & Iterable<number>, { resolution }: PowerSpectrum): Triangle {
  const first = Math.floor(from! / resolution) + 1;
  const end = Math.ceil(to! / resolution);
  const weights = Float64Array.from({ length: Math.max(0, end - first) }, (_, k) => {
    const frequency = (first + k) * resolution;
    return frequency <= peak! ? (frequency - from!) / (peak! - from!) : (to! - frequency) / (to! - peak!);
  });
  return { first, weights };
}
