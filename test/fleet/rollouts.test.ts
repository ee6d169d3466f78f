import { describe, expect, it } from 'vitest';
import { SETTING } from './many-rollouts.ts';
import { type FleetOptions, rollOut } from './virtual-fleet.ts';

const isHere = process.getBuiltinModule?.('node:sqlite') !== undefined;

// A thousand of them: `node test/fleet/rollouts.mjs`.
describe.skipIf(!isHere)('a rollout over 80 devices that run the updates of a device', () => {
  const small: Omit<FleetOptions, 'worse'> = { ...SETTING, seed: 1, devices: 80 };
  const plan = { ...SETTING.plan, shadow: 60, waveHours: 12 };

  it('brings a better base to all of them', async () => {
    const end = await rollOut({ ...small, plan, worse: -0.05 });
    expect(end).toMatchObject({ phase: 'done', installed: 80, exposed: 80 });
  });

  it('stops one that is 5 points worse in the shadow: it answers nowhere', async () => {
    const end = await rollOut({ ...small, plan, worse: 0.05 });
    expect(end).toMatchObject({ phase: 'stopped', installed: 0, exposed: 0 });
    expect(end.trialDays).toBeLessThanOrEqual(2);
  });

  it('ends in the same way with the same seed, and leaves a base in the waves when it proves to be worse', async () => {
    // The first labels are not enough to see it: the plan lets it pass with little evidence.
    const gates = { abortMargin: 0.005, abortEvidence: 100, goMargin: 0.2, goEvidence: 1.2 };
    const options = { ...small, worse: 0.05, plan: { ...plan, gates, waves: [0.5, 1] } };
    const end = await rollOut(options);
    expect(end).toMatchObject({ phase: 'stopped', installed: 0 });
    expect(end.exposed).toBeGreaterThan(0);
    expect(await rollOut(options)).toEqual(end);
  });
});
