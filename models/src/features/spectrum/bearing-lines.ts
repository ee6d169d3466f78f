import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { featureKind, framesOf16 } from '../feature.ts';
import { writeDeviations } from '../moments.ts';
import { bearingFrequencies, bearingParameters } from './bearing-frequencies.ts';
import { realTransform } from './fourier.ts';
import { PowerSpectrum, readBand, spectrumParameters, spectrumWork, TABLES, takeSpectrum } from './spectrum.ts';

const parameters = {
  ...spectrumParameters,
  shaft: { doc: 'turns of the shaft per second', unit: 'Hz', form: 'number', above: 0 },
  ...bearingParameters,
  harmonics: { doc: 'multiples of each frequency that count', form: 'integer', default: 3, minimum: 1, maximum: 32 },
} as const satisfies ParameterTable;

/** A frequency is looked for within so many lines of the spectrum, and within this share of itself: elements slip. */
const LINES = 1.5;
const SLIP = 0.01;

/**
 * How strongly the envelope swings at the frequencies of a bearing, outer race, inner race, ball and cage: amplitudes
 * √(2·Σ P) of the lines of the envelope's power spectrum around each frequency and its harmonics, in the unit of the
 * samples. The envelope is |x + i·H(x)| of what lies from `low` to `high`, H the Hilbert transform (Randall and Antoni
 * 2011, section 5): of (1 + m·cos ωt)·cos Ωt it is 1 + m·cos ωt, so m stands at ω.
 */
export const bearingLines = featureKind({
  type: 'bearing-lines',
  examples: [
    {
      stages: [
        framesOf16,
        {
          type: 'bearing-lines',
          parameters: { sampleRate: 100, shaft: 2, balls: 8, ballDiameter: 1, pitchDiameter: 5 },
        },
      ],
      outputs: 4,
    },
  ],
  parameters,

  prepare(read, { where, width, memory }) {
    const { shaft, sampleRate, harmonics, ballDiameter, pitchDiameter } = read;
    if (ballDiameter >= pitchDiameter) {
      const expected = `a number below the pitch diameter, ${pitchDiameter}`;
      throw new SpikewireError('parameter', `${where}.ballDiameter`, `is ${ballDiameter}`, expected);
    }
    // Beside the lines, signal and envelope, tables of another transform.
    memory.take(where, 5 * width, TABLES * width);
    takeSpectrum(where, width, memory);
    const spectrum = new PowerSpectrum(where, width, sampleRate);
    const envelopeOf = analyticEnvelope(width, sampleRate, readBand(where, read));
    const { bpfo, bpfi, bsf, ftf } = bearingFrequencies(read, shaft);
    const lines = [bpfo, bpfi, bsf, ftf].map((f) => linesAround(f, harmonics, spectrum));
    const amplitudes = new Float64Array(lines.length);
    return {
      takes: width,
      outputs: lines.length,
      frames: 'each',
      // A transform there, one back of twice the numbers, the envelope and its deviations, and a spectrum.
      work: spectrumWork(width) + 3 * width * Math.log2(width) + 5 * width,
      state: {},
      push(channel, frame, emit) {
        spectrum.measure(envelopeOf(frame));
        for (const [k, own] of lines.entries()) {
          let power = 0;
          for (const line of own) power += spectrum.power[line]!;
          amplitudes[k] = Math.sqrt(2 * power);
        }
        emit(channel, amplitudes);
      },
    };
  },
});

/** The lines that belong to a frequency and its harmonics, each once; none of them that of the mean. */
function linesAround(frequency: number, harmonics: number, { power, resolution }: PowerSpectrum): readonly number[] {
  const lines = new Set<number>();
  for (let h = 1; h <= harmonics; h++) {
    const middle = (h * frequency) / resolution;
    const reach = Math.max(LINES, SLIP * middle);
    const last = Math.min(power.length - 1, Math.floor(middle + reach));
    for (let line = Math.max(1, Math.ceil(middle - reach)); line <= last; line++) lines.add(line);
  }
  return [...lines];
}

/** Gives the envelope of frames in a band, less its mean; a view, valid until the next call. */
function analyticEnvelope(width: number, sampleRate: number, [low, high]: readonly [number, number]) {
  const transform = realTransform(width);
  const lines = new Float64Array(2 * width);
  const signal = new Float64Array(2 * width);
  const envelope = new Float64Array(width);
  const first = Math.max(1, Math.ceil((low * width) / sampleRate));
  const last = Math.floor((high * width) / sampleRate);
  return (frame: Float64Array): Float64Array => {
    transform.realTransform(lines, frame);
    // The negative lines of an analytic signal are 0, the others count twice, that in the middle once.
    lines.fill(0, 0, 2 * first);
    lines.fill(0, 2 * last + 2);
    for (let k = 2 * first; k < Math.min(width, 2 * last + 2); k++) lines[k]! *= 2;
    transform.inverseTransform(signal, lines);
    for (let n = 0; n < width; n++) envelope[n] = Math.sqrt(signal[2 * n]! ** 2 + signal[2 * n + 1]! ** 2);
    writeDeviations(envelope, envelope);
    return envelope;
  };
}
