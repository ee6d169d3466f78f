import { meanSquareOf } from './moments.ts';
import { statistic } from './statistic.ts';

/** Root mean square √(Σ x² / n) of a frame: with vibrations, the strength as a whole (ISO 20816). */
export const rms = statistic('rms', (frame) => Math.sqrt(meanSquareOf(frame)));
