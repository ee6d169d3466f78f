import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import { expect, it, vi } from 'vitest';
import type { SpeakingSensor } from './sensor.ts';
import { SensorStream } from './sensor-stream.ts';

vi.mock('node:timers/promises', () => ({ setTimeout: vi.fn(async () => {}) }));

it('a sensor that is lost is looked for ever more rarely, and soon again once it was there', async () => {
  let opened = 0;
  const sensor: SpeakingSensor = {
    description: { address: 'made:x', name: 'made up', channels: [{ name: 'x', unit: '' }] },
    async *samples() {
      opened++;
      if (opened === 9) yield { origin: 0, times: Float64Array.of(1), values: Float64Array.of(1) };
      if (opened < 11) throw new SpikewireError('input', 'made:x', 'is gone');
    },
  };
  const stream = new SensorStream(sensor);
  expect((await stream.read())!.values[0]).toBe(1);
  expect(await stream.read()).toBeUndefined();
  const waits = vi.mocked(delay).mock.calls.map(([milliseconds]) => milliseconds);
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 250, 500]);
});
