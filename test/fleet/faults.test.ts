import { describe, expect, it } from 'vitest';
import { judgedRun, Tally } from './faults/many-faulty-runs.ts';

const isHere = process.getBuiltinModule?.('node:sqlite') !== undefined;
// Few that meet together what is to be met.
const SEEDS = [8, 11, 908];

// Five hundred of them: `node test/fleet/faults.mjs`.
describe.skipIf(!isHere)('small fleets whose controllers, devices and network fail', () => {
  const tally = new Tally();

  it.each(SEEDS)('break no rule, with the seed %i', async (seed) => {
    const run = await judgedRun(seed);
    tally.add(run);
    expect(run.violations).toEqual([]);
  });

  it('have met what was to be met', () => {
    const { counts } = tally;
    const met = [
      'undone',
      'device crashes',
      'entered install',
      'entered rollback',
      'rollouts done',
      'rollouts stopped',
    ];
    expect(met.filter((name) => !(counts[name]! > 0))).toEqual([]);
    // A lease is taken by another controller, and requests and answers are lost.
    expect(counts.took).toBeGreaterThan(counts['begin done']!);
    expect(counts.sent).toBeGreaterThan(counts.answered!);
  });
});
