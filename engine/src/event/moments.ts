import { type NumberRange, real, whole } from '@spikewire/models';
import type { TimeAxis } from './flow.ts';

/** What the time of something that has happened, or of a rest's end, may be in a saved state. */
export function momentOn(axis: TimeAxis): NumberRange {
  return axis === 'grid' ? whole(-1) : real(0);
}
