import { type CodingParameterTable, readParameters } from '../coding/parameters.ts';
import type { FeatureKind } from './feature.ts';

const parameters = {
  floor: { doc: 'what is smaller counts as this', form: 'elements', default: 1e-12, above: 0 },
} as const satisfies CodingParameterTable;

/** Natural logarithm ln max(x, floor) of each number: what energies need, which span many powers of ten. */
export const logarithm: FeatureKind = {
  type: 'logarithm',
  parameters,

  prepare(given, { width }) {
    const floor = readParameters('feature "logarithm"', given, parameters).numbers.floor!;
    const logarithms = new Float64Array(width);
    return {
      takes: width,
      outputs: width,
      frames: 'each',
      state: {},
      push(channel, frame, emit) {
        for (let k = 0; k < width; k++) logarithms[k] = Math.log(Math.max(frame[k]!, floor));
        emit(channel, logarithms);
      },
    };
  },
};
