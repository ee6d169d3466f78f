import { describe, expect, it } from 'vitest';
import { putLoad } from './load/load.ts';

const isHere = process.getBuiltinModule?.('node:sqlite') !== undefined && process.platform === 'linux';

// Two thousand of them: `node test/fleet/load.mjs`.
describe.skipIf(!isHere)('40 devices that report to a controller by HTTP', () => {
  it('get a base by a rollout, and are answered as fast as is measured', async () => {
    // So few reports without pauses that the limit of each device refuses none, however fast the machine is.
    const options = { agents: 40, every: 1, seed: 1, saturated: { seconds: 0.3, atOnce: 2 }, patience: 10 };
    const result = await putLoad(options, () => {});
    const number = expect.any(Number);
    const reached = { half: number, nearlyAll: number, all: number };
    const figures = { reports: number, perSecond: number, p50: number, p99: number, processorPerReport: number };
    expect(result).toEqual({
      ...{ agents: 40, joinedPerSecond: number, memory: { empty: number, most: number, ofDevice: number } },
      // Too few judge to install it without a person.
      rollout: { ...figures, refused: {}, try: reached, install: NEVER, answers: NEVER },
      saturated: { ...figures, refused: {} },
      load: [number, number],
    });
    expect(result.rollout.reports).toBeGreaterThan(40);
    expect(result.saturated.reports).toBeGreaterThan(2);
    expect(result.rollout.p50).toBeLessThanOrEqual(result.rollout.p99);
  });
});

const NEVER = { half: null, nearlyAll: null, all: null };
