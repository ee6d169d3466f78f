import { atMost, type BoardLimit } from '@spikewire/engine/executor';
import { sources } from './chip.ts';
import { HELD, keysOf, type Rounding } from './rounding.ts';

/** What registers and sums have to hold beside the weights of a population. */
export function roundingLimits(name: string, { needs, fits }: Rounding): BoardLimit[] {
  const titles = {
    threshold: 'threshold in steps of 64, beside 8-bit weights',
    bias: 'bias, beside 8-bit weights',
    arriving: 'sum of arrivals in a step, beside 8-bit weights',
    driven: 'sum of current and bias, beside 8-bit weights',
  };
  return keysOf(HELD).map((key) => {
    const needed = Math.ceil(fits ? Math.min(needs[key], HELD[key]) : needs[key]);
    return atMost(titles[key], needed, HELD[key], sources.registers, name);
  });
}
