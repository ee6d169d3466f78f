import { real } from '../kept-numbers.ts';
import type { EmitFrame } from './feature.ts';

/** Numbers beyond are no sensor's, and their powers would leave float64. */
export const LARGEST_NUMBER = 1e60;

/** What a number of a frame may be. */
export const FRAME_NUMBER = real(-LARGEST_NUMBER, LARGEST_NUMBER);

/** Hands frames of `width` numbers on, each within ±10^60: what is none after powers of wild samples is 0. */
export function withinReach(width: number, emit: EmitFrame): EmitFrame {
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
