import { setTimeout as pauseOfMachine } from 'node:timers/promises';
import type { RandomGenerator } from '@spikewire/models';

/** Lets so many milliseconds pass; settles at once, in either way, when the signal aborts. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** A timer of more than 24.8 days would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Lets so many seconds pass, at most 24.8 days, or less where the signal aborts. Never rejects. */
export async function pauseFor(
  seconds: number,
  signal: AbortSignal,
  pause: Pause = (milliseconds) => pauseOfMachine(milliseconds, undefined, { signal }),
): Promise<void> {
  await pause(Math.min(1000 * seconds, LONGEST_MS), signal).catch(() => {}); // it ends early
}

/** From 0.75 to 1.25 times as much: devices that once did something together drift apart. */
export function jittered(seconds: number, random: RandomGenerator): number {
  return seconds * (0.75 + 0.5 * random.nextUniform());
}
