import { describe, expect, it } from 'vitest';
import { judgedRun, Tally } from './faults/many-faulty-runs.ts';

const isHere = process.getBuiltinModule?.('node:sqlite') !== undefined;
const SEEDS = [1, 2, 3, 4, 5];

// Five hundred of them: `node test/fleet/faults.mjs`.
describe.skipIf(!isHere)('small fleets whose controllers, devices and network fail', () => {
  it.each(SEEDS)('break no rule, with the seed %i', async (seed) => {
    const run = await judgedRun(seed);
    expect(run.violations).toEqual([]);
    const tally = new Tally();
    tally.add(run);
    for (const name of ['committed look', 'device crashes', 'undone', 'entered install', 'took'])
      expect(tally.counts[name], name).toBeGreaterThan(0);
    expect(tally.counts.sent).toBeGreaterThan(tally.counts.answered!);
  });
});
