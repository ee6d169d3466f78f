import { SpikewireError } from '../error.ts';
import { type FeatureKind, featureKind, framesOf16 } from './feature.ts';

/** A kind that gives one number of each frame of at least two, and keeps nothing. */
export function statistic(type: string, of: (frame: Float64Array) => number): FeatureKind {
  return featureKind({
    type,
    examples: [{ stages: [framesOf16, { type, parameters: {} }], outputs: 1 }],
    parameters: {},
    prepare(_, { where, width }) {
      if (width < 2) {
        throw new SpikewireError('parameter', where, 'gets single samples', 'frames, from a "window" in front of it');
      }
      const value = new Float64Array(1);
      return {
        takes: width,
        outputs: 1,
        frames: 'each',
        state: {},
        push(channel, frame, emit) {
          value[0] = of(frame);
          emit(channel, value);
        },
      };
    },
  });
}
