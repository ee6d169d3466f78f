import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind, encodeWithin } from './encoder.ts';

const parameters = {
  ...rangeParameters,
  frames: { doc: 'parts of a sample that come one after the other', form: 'integer', minimum: 1 },
  gain: { doc: 'current at the upper end of the range', form: 'number', default: 1 },
} as const satisfies ParameterTable;

/**
 * A sample as a sequence, such as an image row by row (Bellec et al. 2018): number f·size + i is the direct current of
 * element i during frame f, gain·x with x on [0, 1]. The frames share the steps of the sample evenly; elements =
 * channels / frames.
 */
export const sequence = encoderKind({
  type: 'sequence',
  examples: [{ parameters: { frames: 1 } }],
  parameters,
  emits: () => 'graded',

  prepare(read, { where, size, steps }) {
    const { frames, gain } = read;
    if (steps < frames) {
      const expected = `one at least for each of ${frames} frames`;
      throw new SpikewireError('parameter', where, `a sample has ${steps} steps`, expected);
    }
    const range = readRange(where, read, size * frames, [0, 1]);
    const current = new Float64Array(range.channels);
    return encodeWithin(range, current.byteLength, (sample, emit) => {
      for (let k = 0; k < current.length; k++) current[k] = gain * range.toUnit(k, sample[k]!);
      for (let step = 0; step < steps; step++) {
        const first = Math.floor((step * frames) / steps) * size;
        for (let i = 0; i < size; i++) if (current[first + i] !== 0) emit(step, i, current[first + i]!);
      }
    });
  },
});
