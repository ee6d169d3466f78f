import { describe, expect, it } from 'vitest';
import { needsPostgres } from '../postgres.ts';
import { needs } from '../services.ts';
import { putLoad } from './load/load.ts';

const isHere = process.getBuiltinModule?.('node:sqlite') !== undefined && process.platform === 'linux';

// Thousands of them: `node test/fleet/load.mjs`.
describe.skipIf(!isHere)('devices that report to controllers by HTTP', () => {
  const options = { every: 1, seed: 1, kill: [], patience: 10 };
  const number = expect.any(Number);
  const [reached, NEVER] = [
    { half: number, nearlyAll: number, all: number },
    { half: null, nearlyAll: null, all: null },
  ];
  const figures = { reports: number, perSecond: number, p50: number, p99: number, processorPerReport: number };

  it('40 of them get a base by a rollout, and are answered as fast as is measured', async () => {
    const result = await putLoad(
      {
        ...{ ...options, agents: 40, brokers: { kind: 'none', window: 0 }, postgres: false },
        // So few reports without pauses that the limit of each device refuses none, however fast the machine is.
        saturated: { seconds: 0.3, atOnce: 2 },
      },
      () => {},
    );
    const server = { processor: number, memory: number };
    expect(result).toEqual({
      ...{ agents: 40, joinedPerSecond: number, memory: { empty: number, most: number, ofDevice: number } },
      ...{ memoryOfAgent: number, broker: undefined },
      // Too few judge to install it without a person.
      rollout: { ...figures, refused: {}, try: reached, install: NEVER, answers: NEVER },
      orders: { lost: 40, doubled: 0, machines: 40, installed: 0 },
      saturated: { ...figures, refused: {} },
      servers: { controllers: server, brokers: { processor: 0, memory: 0 }, database: { processor: 0, memory: 0 } },
      load: [number, number],
    });
    expect(result.rollout.reports).toBeGreaterThan(40);
    expect(result.saturated.reports).toBeGreaterThan(2);
    expect(result.rollout.p50).toBeLessThanOrEqual(result.rollout.p99);
  });

  it('120 of them lose no order and get none twice when a broker and a controller are killed', async (context) => {
    needs(context, 'nats-server');
    needsPostgres(context);
    const result = await putLoad(
      {
        ...{ ...options, agents: 120, every: 3, patience: 90, brokers: { kind: 'nats', window: 1 }, postgres: true },
        ...{ kill: ['nats-1', 'controller-1'], saturated: { seconds: 0.1, atOnce: 1 } },
      },
      () => {},
    );
    expect(result.broker).toMatchObject({ connectedAgain: number, groupHint: { arrived: reached, reported: reached } });
    expect(result.broker!.lost).toBeGreaterThan(0);
    expect(result.orders).toEqual({ lost: 0, doubled: 0, machines: 120, installed: 120 });
  }, 300_000);
});
