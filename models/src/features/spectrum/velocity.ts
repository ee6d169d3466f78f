import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { featureKind, framesOf16 } from '../feature.ts';
import { writeDeviations } from '../moments.ts';
import { PowerSpectrum, readBand, spectrumParameters, spectrumWork, takeSpectrum } from './spectrum.ts';

const parameters = {
  sampleRate: spectrumParameters.sampleRate,
  low: { doc: 'lowest frequency', unit: 'Hz', form: 'number', default: 10, above: 0 },
  high: { doc: 'highest frequency', unit: 'Hz', form: 'number', default: 1000, above: 0 },
  unit: { doc: 'what acceleration is in', form: 'word', words: ['m/s2', 'g'], default: 'm/s2' },
} as const satisfies ParameterTable;

/** mm/s² in one unit of acceleration; g is standard gravity. */
const MILLIMETRES = { 'm/s2': 1000, g: 9806.65 };

/**
 * Root mean square of the velocity in mm/s, from acceleration: √(Σ P_k/(2πf_k)²) over the lines low ≤ f_k ≤ high of the
 * power spectrum, which is integration there; 10 to 1000 Hz is what ISO 10816-3 judges machines by. Of a sine of
 * amplitude A and frequency f, A/(√2·2πf).
 */
export const velocity = featureKind({
  type: 'velocity',
  examples: [
    { stages: [framesOf16, { type: 'velocity', parameters: { sampleRate: 100, low: 10, high: 40 } }], outputs: 1 },
  ],
  parameters,

  prepare(read, { where, width, memory }) {
    memory.take(where, width);
    takeSpectrum(where, width, memory);
    const spectrum = new PowerSpectrum(where, width, read.sampleRate);
    const [low, high] = readBand(where, read);
    const { resolution } = spectrum;
    if (resolution > low) {
      const problem = `is ${low}, but lines of the spectrum lie ${resolution.toPrecision(3)} Hz apart`;
      throw new SpikewireError('parameter', `${where}.low`, problem, 'a longer window, or a higher frequency');
    }
    const [first, last] = [Math.ceil(low / resolution), Math.floor(high / resolution)];
    const scale = MILLIMETRES[read.unit];
    const samples = new Float64Array(width);
    const value = new Float64Array(1);
    return {
      takes: width,
      outputs: 1,
      frames: 'each',
      // A mean in two passes, and the deviations from it.
      work: spectrumWork(width) + 3 * width + last - first,
      state: {},
      push(channel, frame, emit) {
        // What the window leaves of a mean, gravity for one, would be large at low frequencies.
        writeDeviations(samples, frame);
        spectrum.measure(samples);
        let sum = 0;
        for (let k = first; k <= last; k++) sum += spectrum.power[k]! / (2 * Math.PI * k * resolution) ** 2;
        value[0] = scale * Math.sqrt(sum);
        emit(channel, value);
      },
    };
  },
});
