import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind, encodeWithin } from './encoder.ts';

const parameters = {
  ...rangeParameters,
  phases: { doc: 'steps of a period, which are binary digits', form: 'integer', default: 8, minimum: 1, maximum: 30 },
  emits: {
    doc: '"spikes": of value 1 in every phase; "weighted": of the value that their phase stands for',
    form: 'word',
    words: ['spikes', 'weighted'],
    default: 'spikes',
  },
} as const satisfies ParameterTable;

/**
 * Phase code (weighted spikes: Kim, Kim, Huh, Lee and Choi 2018): time is divided into periods of K phases, and a spike
 * in phase k = 0 … K − 1 stands for the weight 2^(K−1−k)/(2^K − 1): the binary digits of the value, the highest first,
 * in every whole period of the sample. (The paper's weight 2^−(k+1) is the same but for the factor that makes the
 * weights add up to 1.) The value is known within ½/(2^K − 1) of the range after one period, with K steps where a count
 * needs 2^K. Elements = channels.
 */
export const phase = encoderKind({
  type: 'phase',
  examples: [{ parameters: { phases: 5 } }, { parameters: { emits: 'weighted' } }],
  parameters,
  emits: ({ emits }) => (emits === 'weighted' ? 'graded' : 'spikes'),

  prepare(read, { where, size, steps }) {
    const range = readRange(where, read, size, [0, 1]);
    const { phases } = read;
    if (phases > steps) {
      throw new SpikewireError(
        'parameter',
        `${where}.phases`,
        `is ${phases}`,
        `at most the ${steps} steps of a sample`,
      );
    }
    const used = steps - (steps % phases);
    const largest = 2 ** phases - 1;
    const weighted = read.emits === 'weighted';
    const digits = new Uint32Array(size);
    return encodeWithin(range, digits.byteLength, (sample, emit) => {
      for (let i = 0; i < size; i++) digits[i] = Math.round(largest * range.toUnit(i, sample[i]!));
      for (let step = 0; step < used; step++) {
        const bit = phases - 1 - (step % phases);
        const value = weighted ? 2 ** bit / largest : 1;
        for (let i = 0; i < size; i++) if ((digits[i]! >>> bit) & 1) emit(step, i, value);
      }
    });
  },
});
