import { parseModel, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../../event-buffer.ts';
import { tabledEventEngine } from '../event.ts';

/**
 * Near its threshold and at rest after its spikes: no table foresees all of them, so that steps of its own come in
 * between.
 */
const model = parseModel({
  nodes: {
    in: { type: 'Input', shape: [4] },
    drive: { type: 'Affine', weight: [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? 1 : 0))), bias: 25 },
    cell: {
      ...{ type: 'AdEx', tau: 0.01, tau_w: 0.1, delta_t: 2, r: 1, v_leak: -70, v_threshold: -50, v_peak: 0 },
      ...{ v_reset: -58, a: 0.2, b: 3, tau_ref: 0.004, v_initial: -70 },
    },
    out: { type: 'Output', shape: [4] },
  },
  edges: [
    ['in', 'drive'],
    ['drive', 'cell'],
    ['cell', 'out'],
  ],
  semantics: { dt: 0.0005 },
});

describe('TabledPopulation', () => {
  it('goes on as if nobody had looked at its state', () => {
    const [watched, alone] = [tabledEventEngine.load(model), tabledEventEngine.load(model)];
    const random = new RandomGenerator(3, 'arrivals');
    const input = new EventBuffer(4);
    const output = new EventBuffer(4);
    for (let step = 0; step < 4000; step++) {
      input.clear();
      for (let i = 0; i < 4; i++) if (random.nextUniform() < 0.01) input.push(0, 0, i, 800 * random.nextUniform());
      for (const net of [watched, alone]) {
        output.clear();
        net.run(1, input, output);
      }
      for (const variable of ['v', 'w', 'refractory']) watched.readState('cell', variable);
    }
    expect(alone.counters.spikes).toBeGreaterThan(50);
    expect(Buffer.compare(watched.save(), alone.save())).toBe(0);
  });
});
