import { describe, expect, it } from 'vitest';
import { putLoad } from './load/load.ts';

const isHere = process.getBuiltinModule?.('node:sqlite') !== undefined && process.platform === 'linux';

// Two thousand of them: `node test/fleet/load.mjs`.
describe.skipIf(!isHere)('20 devices that report to a controller by HTTP', () => {
  it('get a base by a rollout, and are answered as fast as is measured', async () => {
    const options = { agents: 20, every: 1, seed: 1, saturated: { seconds: 1, atOnce: 4 }, patience: 10 };
    const result = await putLoad(options, () => {});
    const number = expect.any(Number);
    const reached = { half: number, nearlyAll: number, all: number };
    const figures = { reports: number, perSecond: number, p50: number, p99: number, processorPerReport: number };
    expect(result).toEqual({
      ...{ agents: 20, joinedPerSecond: number, memory: { empty: number, most: number, ofDevice: number } },
      // Too few judge to install it without a person.
      rollout: { ...figures, refused: {}, try: reached, install: NEVER, answers: NEVER },
      saturated: { ...figures, refused: {} },
      load: [number, number],
    });
    expect(result.rollout.reports).toBeGreaterThan(20);
    expect(result.saturated.reports).toBeGreaterThan(4);
    expect(result.rollout.p50).toBeLessThanOrEqual(result.rollout.p99);
  });
});

const NEVER = { half: null, nearlyAll: null, all: null };
