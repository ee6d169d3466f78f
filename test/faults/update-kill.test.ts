import { expect, it } from 'vitest';
import { killAmidUpdates } from './update-kill.ts';

it('a device that is killed again and again amid its updates starts, loses no lesson, and ends them', {
  timeout: 600_000,
}, async () => {
  const { interruptedIn, saved, interruptions } = await killAmidUpdates({ interruptions: 100, seed: 20261201 });
  expect(interruptions).toBe(100);
  // There was something to lose between two kills; how much, depends on how fast the machine is.
  expect(saved).toBeGreaterThan(interruptions);
  for (const state of ['start', 'shadow', 'install', 'probation'])
    expect(interruptedIn[state], state).toBeGreaterThan(0);
});
