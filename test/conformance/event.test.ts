import { parseModel, RandomGenerator, type Tensor } from '@spikewire/models';
import fc from 'fast-check';
import { EventBuffer, engineNamed, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { arbitraryImageNet } from './arbitrary-image-net.ts';
import { arbitraryNet, type RandomNet } from './arbitrary-model.ts';
import { isAwayFromTies, playTaught } from './behaviour/random-nets.ts';
import { play } from './play.ts';
import { describeEngine } from './suite.ts';

const event = engineNamed('event');
// Many steps at once and one after the other differ by rounding.
const float64 = { membrane: 1e-11, readOut: 1e-11 };

describeEngine('event', event.load, float64, { load: referenceEngine.load, bitExact: false });

describe('the event engine spikes as the float64 reference does, away from ties', () => {
  const expectEqual = (net: RandomNet) => {
    fc.pre(isAwayFromTies(referenceEngine.load, net));
    const [actual, expected] = [event.load(net.model), referenceEngine.load(net.model)] as const;
    const { out: _numbers, ...events } = playTaught(actual, net);
    const { out: _others, ...truth } = playTaught(expected, net);
    expect(events).toEqual(truth);
    expect(actual.counters.spikes).toBe(expected.counters.spikes);
    for (const { name, kind } of actual.graph.nodes) {
      if (kind.role !== 'neuron') continue;
      const membranes = expected.readState(name, 'v');
      actual.readState(name, 'v').forEach((v, i) => {
        expect(Math.abs(v - membranes[i]!), `${name}[${i}]`).toBeLessThan(1e-9 * Math.max(1, Math.abs(v)));
      });
    }
  };

  it('in nets with convolutions and poolings', () => {
    fc.assert(fc.property(arbitraryImageNet, expectEqual), { numRuns: 60 });
  });

  it('in nets whose synapses are listed', () => {
    fc.assert(
      fc.property(arbitraryNet, (net) => expectEqual(listed(net))),
      { numRuns: 60 },
    );
  });

  it('over long silences', () => {
    const silent = fc.tuple(arbitraryNet, fc.nat(), fc.integer({ min: 50, max: 600 })).map(([net, seed, steps]) => {
      const random = new RandomGenerator(seed, 'silences');
      const size = net.model.graph.nodes.get('in')!.parameters.shape as { readonly data: ArrayLike<number> };
      const elements = Array.from(size.data).reduce((product, length) => product * length, 1);
      const events = Array.from({ length: steps }, (_, step) => [step, random.nextInteger(elements)]);
      return { ...net, steps, stimulus: { in: events.filter(() => random.nextUniform() < 0.02) } };
    });
    fc.assert(fc.property(silent, expectEqual), { numRuns: 60 });
  });
});

/** The same net with Sparse in place of Linear, but for the read-out. */
function listed(net: RandomNet): RandomNet {
  const nodes = new Map(net.model.graph.nodes);
  for (const [name, node] of nodes) {
    if (node.type !== 'Linear' || name === 'decode') continue;
    const { shape, data } = node.parameters.weight as Tensor;
    const [outputs, inputs] = [shape[0]!, shape[1]!];
    const list = (values: readonly number[]) => ({ shape: [values.length], data: Float64Array.from(values) });
    const synapses = Array.from(
      { length: inputs * outputs },
      (_, k) => [Math.floor(k / outputs), k % outputs] as const,
    );
    const parameters = {
      weight: list(synapses.map(([input, output]) => data[output * inputs + input]!)),
      target: list(synapses.map(([, output]) => output)),
      offset: list(Array.from({ length: inputs + 1 }, (_, input) => input * outputs)),
      outputs: list([outputs]),
    };
    nodes.set(name, { ...node, type: 'Sparse', parameters });
  }
  return { ...net, model: { ...net.model, graph: { ...net.model.graph, nodes } } };
}

describe('the event engine in silence', () => {
  // More steps than anybody could visit: a test that does not end has found the fault.
  const steps = 2 ** 40;
  const cell = { tau: 0.02, tau_ref: 0.002, v_threshold: 1, v_leak: 0.25 };
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight: [[30], [-30]] },
      cell: { type: 'LIF', ...cell },
      decode: { type: 'Linear', weight: [[1, 1]] },
      filter: { type: 'Lowpass', tau: 0.05 },
      out: { type: 'Output', shape: [1] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cell', { delay: 3 }],
      ['cell', 'decode'],
      ['decode', 'filter'],
      ['filter', 'out'],
    ],
    semantics: { dt: 0.001, integrate: 'exact' },
  });

  it('does nothing between events, until read-outs have faded and after', () => {
    const net = event.load(model);
    const output = new EventBuffer(10_000);
    net.run(steps, new EventBuffer(0), output);
    expect(net.step).toBe(steps);
    expect([...net.readState('cell', 'v')]).toEqual([0.25, 0.25]);
    const events = play(net, 100_000, { in: [[7, 0]] });
    expect(events.cell).toEqual([[10, 0, 1]]);
    // τ·ln(2^50) seconds.
    expect(events.out!.length).toBeGreaterThan(1000);
    expect(events.out!.length).toBeLessThan(2000);
    net.run(steps, new EventBuffer(0), output);
    expect(net.counters.spikes).toBe(1);
  });

  it('keeps spikes that are due in the distant future', () => {
    // 1/64 per step would be a tie; this ramp needs a little more than 10^9 steps.
    const ramp = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        drive: { type: 'Affine', weight: [[1]], bias: [1] },
        cell: { type: 'IF', r: 0.9999e-6, v_threshold: 1 },
      },
      edges: chain('in', 'drive', 'cell'),
      semantics: { dt: 0.001 },
    });
    const net = event.load(ramp);
    const [nothing, raster] = [new EventBuffer(0), new EventBuffer(10)];
    for (let window = 0; window < 4; window++) net.run(5e8, nothing, nothing, raster);
    const first = Math.floor(1 / 0.9999e-9);
    expect([raster.length, raster.step[0]]).toEqual([1, first - 1e9]);
  });
});
