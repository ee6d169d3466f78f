import type { ParameterTable } from '../parameters/declaration.ts';
import { featureKind, framesOf16 } from './feature.ts';

const parameters = {
  floor: { doc: 'what is smaller counts as this', form: 'number', default: 1e-12, above: 0 },
} as const satisfies ParameterTable;

/** Natural logarithm ln max(x, floor) of each number: what energies need, which span many powers of ten. */
export const logarithm = featureKind({
  type: 'logarithm',
  examples: [
    {
      stages: [
        framesOf16,
        { type: 'filterbank', parameters: { sampleRate: 100, filters: 2 } },
        { type: 'logarithm', parameters: {} },
      ],
      outputs: 2,
    },
  ],
  parameters,

  prepare({ floor }, { where, width, memory }) {
    memory.take(where, width);
    const logarithms = new Float64Array(width);
    return {
      takes: width,
      outputs: width,
      frames: 'each',
      work: width,
      state: {},
      push(channel, frame, emit) {
        for (let k = 0; k < width; k++) logarithms[k] = Math.log(Math.max(frame[k]!, floor));
        emit(channel, logarithms);
      },
    };
  },
});
