import { real } from '../kept-numbers.ts';

/** Numbers beyond are no sensor's, and their powers would leave float64. */
export const LARGEST_NUMBER = 1e60;

/** What a number of a frame may be. */
export const FRAME_NUMBER = real(-LARGEST_NUMBER, LARGEST_NUMBER);
