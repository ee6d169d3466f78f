import type { ParameterTable } from '../parameters/declaration.ts';
import { readParameters } from '../parameters/read.ts';
import { featureKind, framesOf16 } from './feature.ts';

const parameters = {
  length: { doc: 'consecutive samples of each channel in a reading', form: 'integer', minimum: 1, maximum: 65_536 },
} as const satisfies ParameterTable;

/**
 * Readings that hold a block of samples, as fast sensors send them: `length` consecutive samples of the first channel,
 * then those of the next. Hands on one sample after another. Only at the beginning of a chain.
 */
export const block = featureKind({
  type: 'block',
  examples: [
    {
      stages: [{ type: 'block', parameters: { length: 5 } }, framesOf16, { type: 'mean', parameters: {} }],
      outputs: 1,
    },
  ],
  parameters,

  prepare(given) {
    const { length } = readParameters('feature "block"', given, parameters);
    const single = new Float64Array(1);
    return {
      takes: length,
      outputs: 1,
      frames: length,
      work: 0,
      state: {},
      takesFor: (samples) => Math.ceil(samples / length),
      push(channel, frame, emit) {
        for (let k = 0; k < length; k++) {
          single[0] = frame[k]!;
          emit(channel, single);
        }
      },
    };
  },
});
