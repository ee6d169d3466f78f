import { access } from 'node:fs/promises';
import type { Check, CheckResult } from '../check.ts';

/** Earlier than any version of this program: the clock has not been set since power came back. */
const EARLIEST_YEAR = 2024;

const ADVICE =
  'let the network set it before the stream starts (chrony with "makestep"), or fit a battery-backed clock';

/** Whether times of readings can be trusted: boards such as most Pis have no clock that runs without power. */
export const clock: Check = {
  name: 'clock',
  look: async () => judgeClock(new Date(), await hasFile('/proc/device-tree/model'), await hasFile('/dev/rtc0')),
};

/**
 * @param isBoard a machine described by a device tree, so one that may lack a battery
 * @param hasClockChip the kernel has a real-time clock
 */
export function judgeClock(now: Date, isBoard: boolean, hasClockChip: boolean): CheckResult {
  const time = now.toISOString().slice(0, 19);
  if (now.getUTCFullYear() < EARLIEST_YEAR) {
    return { state: 'note', found: `${time} UTC: not set yet; times of readings will jump when it is`, advice: ADVICE };
  }
  if (isBoard && !hasClockChip) {
    return { state: 'note', found: `${time} UTC, but no clock chip: after a power failure it jumps`, advice: ADVICE };
  }
  return { state: 'ok', found: `${time} UTC` };
}

function hasFile(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
