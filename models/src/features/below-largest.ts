import type { ParameterTable } from '../parameters/declaration.ts';
import { featureKind, framesOf16 } from './feature.ts';

const parameters = {
  depth: { doc: 'what lies lower than this below the largest counts as so low', form: 'number', default: 12, above: 0 },
} as const satisfies ParameterTable;

/**
 * Each number less the largest of its frame, max(x − max, −depth): behind logarithms a spectrum that does not depend on
 * how loud it was, and in which noise far below it does not count. A depth of 12 is e^12 of an energy, 52 dB.
 */
export const belowLargest = featureKind({
  type: 'below-largest',
  examples: [{ stages: [framesOf16, { type: 'below-largest', parameters: {} }], outputs: 16 }],
  parameters,

  prepare({ depth }, { where, width, memory }) {
    memory.take(where, width);
    const below = new Float64Array(width);
    return {
      takes: width,
      outputs: width,
      frames: 'each',
      work: 2 * width,
      state: {},
      push(channel, frame, emit) {
        let largest = frame[0]!;
        for (let k = 1; k < width; k++) largest = Math.max(largest, frame[k]!);
        for (let k = 0; k < width; k++) below[k] = Math.max(frame[k]! - largest, -depth);
        emit(channel, below);
      },
    };
  },
});
