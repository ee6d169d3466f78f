import type { Check, CheckResult } from './check.ts';
import { asRoot, exists, type Machine, thisMachine } from './machine.ts';

/** Earlier than any version of this program: the clock has not been set since power came back. */
const EARLIEST_YEAR = 2024;

const FIT = 'fit a battery-backed clock';

/** Lets the network set the clock. */
export function clockAdvice(machine: Machine): string {
  if (!machine.systemd || !machine.programs.has('timedatectl')) return FIT;
  return `${asRoot(machine, 'timedatectl set-ntp true')}, or ${FIT}`;
}

/** Whether times of readings can be trusted: boards such as most Pis have no clock that runs without power. */
export const clock: Check = {
  name: 'clock',
  look: async () => {
    const [isBoard, hasChip] = [await exists('/proc/device-tree/model'), await exists('/dev/rtc0')];
    return judgeClock(new Date(), isBoard, hasChip, clockAdvice(await thisMachine()));
  },
};

/**
 * @param isBoard a machine described by a device tree, so one that may lack a battery
 * @param hasClockChip the kernel has a real-time clock
 */
export function judgeClock(now: Date, isBoard: boolean, hasClockChip: boolean, advice = FIT): CheckResult {
  const time = now.toISOString().slice(0, 19);
  if (now.getUTCFullYear() < EARLIEST_YEAR) {
    return {
      state: 'note',
      found: `${time} UTC: the clock is not set yet; times of readings will jump when it is set`,
      advice,
    };
  }
  if (isBoard && !hasClockChip) {
    return {
      state: 'note',
      found: `${time} UTC, but there is no clock chip: after a power failure, the clock jumps`,
      advice,
    };
  }
  return { state: 'ok', found: `${time} UTC` };
}
