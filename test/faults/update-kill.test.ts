import { expect, it } from 'vitest';
import { killAmidUpdates } from './update-kill.ts';

it('a device that is killed again and again amid its updates starts, loses no lesson, and ends them', {
  timeout: 600_000,
}, async () => {
  const { killedIn, ends, saved, kills } = await killAmidUpdates({ kills: 100, seed: 20261201 });
  expect(kills).toBe(100);
  expect(saved).toBeGreaterThan(1000);
  for (const state of ['start', 'shadow', 'probation']) expect(killedIn[state], state).toBeGreaterThan(0);
  expect(Object.keys(ends).length).toBeGreaterThan(1);
});
