import { clockedEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { nextReadingModel, quantize, writeModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { Session } from '../session/session.ts';
import { sealSlot, slotImage } from '../store/slot.ts';
import { inspectState } from './inspect-state.ts';

const channels = [{ name: 'level', unit: 'm' }];
const float = nextReadingModel({ channels, neurons: 10, rangeWarmUp: 5, monitor: { warmUp: 5 } });

async function learnedBy(model: typeof float) {
  const executor = new InProcessExecutor(clockedEngine, model);
  const session = new Session(model, executor);
  for (let k = 0; k < 20; k++) await session.feed({ time: k, values: Float64Array.of(Math.sin(k)) });
  return { session: await session.save(), network: executor.network };
}

describe('a saved state', () => {
  it.each([
    ['float32', float],
    ['int16', quantize(float, { bits: 8, calibration: {} })],
  ] as const)('in %s says whose it is, how far it went and what was learned', async (format, model) => {
    const { session, network } = await learnedBy(model);
    const weights = network.readWeights('reading/decode');
    const expected = {
      version: '2',
      engine: 'clocked',
      step: network.step,
      learned: [
        {
          connection: 'reading/decode',
          weights: 10,
          format,
          lowest: Math.min(...weights),
          highest: Math.max(...weights),
        },
      ],
    };
    expect(inspectState(session)).toMatchObject({ ...expected, readings: 20 });
    expect(inspectState(network.save())).toMatchObject(expected);
    const slot = slotImage(session);
    sealSlot(slot, 'ab'.repeat(32), 7n);
    expect(inspectState(slot)).toMatchObject({ ...expected, readings: 20, save: '7' });
    slot[100]! ^= 1;
    expect(() => inspectState(slot)).toThrow(/^slot: bytes changed or missing/);
  });

  it('is told from what is none', () => {
    expect(inspectState(writeModel(float))).toBeUndefined();
    expect(inspectState(new TextEncoder().encode('{"nodes": {}}'))).toBeUndefined();
    expect(inspectState(new Uint8Array(200))).toBeUndefined();
  });
});
