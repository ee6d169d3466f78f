import type { SamplePlan } from '@spikewire/models';

/** What a model says of readings that are all zeros: those that it learned from had none, or nothing. */
export function zerosIn(readings: Iterable<ArrayLike<number>>): Pick<SamplePlan, 'zeros'> {
  for (const reading of readings) if (Array.prototype.every.call(reading, (value) => value === 0)) return {};
  return { zeros: 'never' };
}
