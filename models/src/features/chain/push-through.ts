import type { EmitFrame, Feature } from '../feature.ts';
import { FRAME_NUMBER, LARGEST_NUMBER } from '../frame-numbers.ts';

/** Hands a frame through features in a row to `last`. `note` is told what each of them takes. */
export function pushThrough(
  features: readonly Feature[],
  last: EmitFrame,
  note: (feature: Feature, ...frame: Parameters<EmitFrame>) => void = () => {},
): EmitFrame {
  return features.reduceRight<EmitFrame>((next, feature) => {
    const emit = withinReach(feature.outputs, next);
    return (channel, frame) => {
      note(feature, channel, frame);
      feature.push(channel, frame, emit);
    };
  }, last);
}

/** Hands frames of `width` numbers on, each within ±10^60: what is none after powers of wild samples is 0. */
function withinReach(width: number, emit: EmitFrame): EmitFrame {
  const reached = new Float64Array(width);
  return (channel, frame) => {
    if (frame.every(FRAME_NUMBER.has)) {
      emit(channel, frame);
      return;
    }
    for (let k = 0; k < width; k++) reached[k] = Math.max(-LARGEST_NUMBER, Math.min(LARGEST_NUMBER, frame[k]! || 0));
    emit(channel, reached);
  };
}
