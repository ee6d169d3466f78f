import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { describeEngine } from './suite.ts';

const auto = engineNamed('auto');
const float32 = { membrane: 1e-4, readOut: 1e-4 };

describeEngine('auto', auto.load, float32, { load: referenceEngine.load, bitExact: false });

/** A layer that is given so many spikes per step. */
function layer(neurons: number): Model {
  const random = new RandomGenerator(3, 'layer');
  const weight = Array.from({ length: neurons }, () => Array.from({ length: 4 }, () => random.nextNormal()));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [4] },
      fc: { type: 'Linear', weight },
      cell: { type: 'LIF', tau: 0.0207, r: 12, v_threshold: 0.83 },
      out: { type: 'Output', shape: [neurons] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001, integrate: 'exact' },
  });
}

function run(net: RunningNetwork, steps: number, every: number): number[][] {
  const input = new EventBuffer(steps);
  const place = net.graph.nodes.findIndex(({ name }) => name === 'in');
  for (let step = 0; step < steps; step += every) input.push(step, place, step % 4, 1);
  const output = new EventBuffer(100_000);
  net.run(steps, input, output);
  return Array.from({ length: output.length }, (_, k) => [output.step[k]!, output.index[k]!]);
}

/** The engine to which a saved state belongs. */
function engineOf(net: RunningNetwork): string {
  const header = new TextDecoder().decode(net.save().subarray(8, 2000));
  return /"engine":"([^"]+)"/.exec(header)![1]!;
}

describe('the engine that is chosen by activity', () => {
  it.each([
    ['event', 50],
    ['clocked', 1],
  ])('is %s where a spike comes every %d steps, with the same spikes all along', (name, every) => {
    const model = layer(60);
    const [net, reference] = [auto.load(model), referenceEngine.load(model)];
    expect(engineOf(net)).toBe('clocked');
    for (let window = 0; window < 6; window++) expect(run(net, 100, every)).toEqual(run(reference, 100, every));
    expect(engineOf(net)).toBe(name);
    expect(net.counters.spikes).toBe(reference.counters.spikes);
  });

  it('counts on from what the other one counted', () => {
    // What follows from a bias is counted by the clocked engine alone.
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [4] },
        drive: { type: 'Affine', weight: [[1, 1, 1, 1]], bias: [0.01] },
        fc: { type: 'Linear', weight: Array.from({ length: 300 }, () => [0.1]) },
        cell: { type: 'LIF', tau: 0.02, v_threshold: 1 },
        out: { type: 'Output', shape: [300] },
      },
      edges: [
        ['in', 'drive'],
        ['drive', 'fc'],
        ['fc', 'cell'],
        ['cell', 'out'],
      ],
    });
    const net = auto.load(model);
    let counted = 0;
    for (let window = 0; window < 6; window++) {
      run(net, 100, 50);
      expect(net.counters.synapticOperations).toBeGreaterThan(counted);
      counted = net.counters.synapticOperations;
    }
    expect(engineOf(net)).toBe('event');
  });

  it('is the one that a saved state belongs to', () => {
    const model = layer(60);
    for (const every of [50, 1]) {
      const net = auto.load(model);
      run(net, 400, every);
      for (const resumed of [auto.load(model), auto.load(model)]) {
        run(resumed, 300, 51 - every);
        resumed.restore(net.save());
        expect(engineOf(resumed)).toBe(engineOf(net));
        expect(run(resumed, 100, every)).toHaveLength(run(net, 100, every).length);
        net.restore(resumed.save());
        expect(net.save()).toEqual(resumed.save());
      }
    }
  });
});
