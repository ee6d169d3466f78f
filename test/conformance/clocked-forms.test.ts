import { type GraphNode, type Model, quantize, resolveGraph, type Tensor } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryImageNet } from './arbitrary-image-net.ts';
import { arbitraryAdaptiveNet, arbitraryNet, type RandomNet } from './arbitrary-model.ts';
import { playTaught } from './behaviour/random-nets.ts';

const clocked = engineNamed('clocked');
const integer = engineNamed('integer');

const format = fc.record({
  bits: fc.constantFrom<8 | 4>(8, 4),
  membraneBits: fc.constantFrom<16 | 32>(16, 32),
  seed: fc.nat(),
});

type Format = typeof format extends fc.Arbitrary<infer Value> ? Value : never;

/** The float model as an integer model, or undefined where it has no integer form in this format. */
function quantised(net: RandomNet & { largestInput?: number | undefined }, { bits, membraneBits }: Format) {
  const inputs = resolveGraph(net.model.graph, net.model.semantics).nodes.filter(({ kind }) => kind.role === 'input');
  const range = net.largestInput ?? 'spikes';
  const calibration = { inputs: new Map(inputs.map(({ name }) => [name, range] as const)) };
  try {
    return quantize(net.model, { bits, membraneBits, calibration });
  } catch {
    return undefined;
  }
}

/** Everything that can be seen of a net. */
function observe(network: RunningNetwork) {
  const neurons = network.graph.nodes.filter(({ kind }) => kind.role === 'neuron');
  return {
    membranes: neurons.map(({ name }) => [...network.readState(name, 'v')]),
    raised: neurons.map(({ name, kind }) => (kind.type === 'ALIF' ? [...network.readState(name, 'theta')] : [])),
    saturated: neurons.map(({ name }) => [...network.readState(name, 'saturated')]),
    weights: [...network.readWeights('decode')],
    counters: { ...network.counters },
  };
}

/** Plays a net in both forms of the kernels and in the reference, each half in the other form's net. */
function expectAllEqual(net: RandomNet & { largestInput?: number | undefined }, each: Format): void {
  const model = quantised(net, each);
  fc.pre(model !== undefined);
  const load = (kernels: 'wasm' | 'typescript') => clocked.load(model!, { kernels, seed: each.seed });
  const reference = integer.load(model!, { seed: each.seed });
  const half = Math.floor(net.steps / 2);
  const networks = [load('wasm'), load('typescript')] as const;
  const truth = playTaught(reference, net, 0, half);
  for (const network of networks) {
    expect(playTaught(network, net, 0, half)).toEqual(truth);
    expect(observe(network)).toEqual(observe(reference));
  }
  const [wasm, typescript] = networks.map((network) => network.save());
  expect(wasm).toEqual(typescript);
  const exchanged = [load('wasm'), load('typescript')] as const;
  exchanged[0].restore(typescript!);
  exchanged[1].restore(wasm!);
  const rest = playTaught(reference, net, half);
  for (const network of exchanged) {
    expect(playTaught(network, net, half)).toEqual(rest);
    expect(observe(network)).toEqual(observe(reference));
  }
}

describe('both forms of the clocked engine and the integer reference are equal bit for bit', () => {
  it('in layered and recurrent nets with delays, of 8 and 4 bits, with membranes of 16 and 32', () => {
    fc.assert(fc.property(arbitraryNet, format, expectAllEqual), { numRuns: 120 });
  });

  it('in nets with thresholds that adapt', () => {
    fc.assert(fc.property(arbitraryAdaptiveNet, format, expectAllEqual), { numRuns: 120 });
  });

  it('in nets with convolutions and poolings, spikes and graded input', () => {
    fc.assert(fc.property(arbitraryImageNet, format, expectAllEqual), { numRuns: 120 });
  });
});

describe('both forms of the clocked engine are equal bit for bit in float32', () => {
  const expectEqual = (net: RandomNet) => {
    const networks = (['wasm', 'typescript'] as const).map((kernels) => clocked.load(net.model, { kernels }));
    const [events, others] = networks.map((network) => playTaught(network, net));
    expect(events).toEqual(others);
    const [wasm, typescript] = networks.map((network) => network.save());
    expect(wasm).toEqual(typescript);
  };

  it('in layered and recurrent nets', () => {
    fc.assert(fc.property(arbitraryNet, expectEqual), { numRuns: 60 });
  });

  it('in nets with convolutions and poolings', () => {
    fc.assert(fc.property(arbitraryImageNet, expectEqual), { numRuns: 60 });
  });
});

describe('the clocked engine in float32 spikes as the float64 reference does', () => {
  /** A relative change of all thresholds that must not change a spike, for a net to count as away from ties. */
  const MARGIN = 2e-4;

  const spikesOf = (net: RandomNet, load: (model: Model) => RunningNetwork, factor = 1) => {
    const { out: _numbers, ...spikes } = playTaught(load(withThresholds(net.model, factor)), net);
    return spikes;
  };

  it('in nets with convolutions and poolings, away from ties', () => {
    fc.assert(
      fc.property(arbitraryImageNet, (net) => {
        const truth = spikesOf(net, referenceEngine.load);
        const near = [1 - MARGIN, 1 + MARGIN].map((factor) => spikesOf(net, referenceEngine.load, factor));
        fc.pre(near.every((spikes) => JSON.stringify(spikes) === JSON.stringify(truth)));
        // Means of all places are no multiples of a power of two, and differ in their last digits.
        const spikes = truth.spikes!.map(([step, index, value]) => [step, index, expect.closeTo(value!, 5)]);
        expect(spikesOf(net, clocked.load)).toEqual({ ...truth, spikes });
      }),
      { numRuns: 60 },
    );
  });

  function withThresholds(model: Model, factor: number): Model {
    const scaled = ([name, node]: [string, GraphNode]): [string, GraphNode] => {
      const { shape, data } = (node.parameters.v_threshold ?? { shape: [], data: [] }) as Tensor;
      if (data.length === 0) return [name, node];
      const v_threshold = { shape, data: Float64Array.from(data, (theta) => theta * factor) };
      return [name, { ...node, parameters: { ...node.parameters, v_threshold } }];
    };
    return { ...model, graph: { ...model.graph, nodes: new Map([...model.graph.nodes].map(scaled)) } };
  }
});
