import { type NumberRange, real } from '@spikewire/models';
import { HUGE } from './kernel-constants.ts';

/** What a float32 number of a saved state may be: kernels hold theirs within these ends. */
export const HELD: NumberRange = real(-HUGE, HUGE);
