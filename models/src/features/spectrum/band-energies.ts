import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { featureKind, framesOf16 } from '../feature.ts';
import { spacedFrequencies } from './frequency-scale.ts';
import { PowerSpectrum, readBand, spectrumParameters, spectrumWork, takeSpectrum } from './spectrum.ts';

const parameters = {
  ...spectrumParameters,
  bands: { doc: 'bands from low to high', form: 'integer', minimum: 1, maximum: 32_768 },
  spacing: {
    doc: '"linear", "log" or "mel": on which scale all bands are of one width',
    form: 'word',
    words: ['linear', 'log', 'mel'],
    default: 'linear',
  },
} as const satisfies ParameterTable;

/** A line this close to an edge, in lines, lies on it. */
const ON_EDGE = 1e-9;

/**
 * Energies of neighbouring bands of the power spectrum (Hann window, see PowerSpectrum): band b is the sum of the lines
 * f with e_b ≤ f < e_(b+1), the last band up to and with `high`. No line counts twice; over the whole spectrum the
 * bands add up to the windowed mean square of the frame.
 */
export const bandEnergies = featureKind({
  type: 'band-energies',
  examples: [
    { stages: [framesOf16, { type: 'band-energies', parameters: { sampleRate: 100, bands: 3 } }], outputs: 3 },
  ],
  parameters,

  prepare(read, { where, width, memory }) {
    const { bands, spacing } = read;
    takeSpectrum(where, width, memory);
    const spectrum = new PowerSpectrum(where, width, read.sampleRate);
    const edges = spacedFrequencies(where, spacing, readBand(where, read), bands + 1);
    const lines = edges.map((edge) => Math.ceil(edge / spectrum.resolution - ON_EDGE));
    lines[bands] = Math.floor(edges[bands]! / spectrum.resolution + ON_EDGE) + 1;
    for (let b = 0; b < bands; b++) {
      if (lines[b]! < lines[b + 1]!) continue;
      const band = `${edges[b]!.toPrecision(4)} to ${edges[b + 1]!.toPrecision(4)} Hz`;
      const problem = `is ${bands}, of which ${band} holds no line of the spectrum`;
      const expected = `bands wider than ${spectrum.resolution.toPrecision(4)} Hz, or a longer window`;
      throw new SpikewireError('parameter', `${where}.bands`, problem, expected);
    }
    const energies = new Float64Array(bands);
    return {
      takes: width,
      outputs: bands,
      frames: 'each',
      work: spectrumWork(width) + lines[bands]! - lines[0]!,
      state: {},
      push(channel, frame, emit) {
        spectrum.measure(frame);
        for (let b = 0; b < bands; b++) {
          let energy = 0;
          for (let k = lines[b]!; k < lines[b + 1]!; k++) energy += spectrum.power[k]!;
          energies[b] = energy;
        }
        emit(channel, energies);
      },
    };
  },
});
