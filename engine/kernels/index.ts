import { run } from './dispatch.generated';
import { isAnyFilled } from './emission-ring';

export { run } from './dispatch.generated';
export { openWindow } from './input-window';

/**
 * Runs a step again and again, `steps` times or until there is something in one of the lists at `watched`; returns how
 * often.
 */
export function runUntil(from: usize, to: usize, steps: i32, watched: usize): i32 {
  for (let done = 1; done <= steps; done++) {
    run(from, to);
    if (isAnyFilled(watched)) return done;
  }
  return steps;
}

