import {
  type AdaptationQuantization,
  formatModel,
  type Model,
  type NeuronQuantization,
  parseModel,
  quantize,
  RandomGenerator,
  readModel,
  resolveGraph,
  writeModel,
} from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockedEngine } from '../clocked/engine/clocked.ts';
import { newCounters, type RunningNetwork } from '../engine.ts';
import { EventBuffer } from '../event-buffer.ts';
import { integerEngine } from './integer.ts';
import { createIntegerPopulation } from './integer-population.ts';
import { referenceEngine } from './reference.ts';

const SIZE = 12;
const lsnn = { tau: 0.02, v_threshold: 1, tau_ref: 0.002, beta: 1.8, tau_theta: 0.3 };

/** A layer of neurons behind the given weights, one row per neuron. */
function layer(
  weight: readonly (readonly number[])[],
  neuron: Readonly<Record<string, unknown>> = lsnn,
  semantics: Readonly<Record<string, unknown>> = {},
): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [weight[0]!.length] },
      fc: { type: 'Linear', weight },
      cell: { type: 'ALIF', ...neuron },
      out: { type: 'Output', shape: [weight.length] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001, integrate: 'exact', ...semantics },
  });
}

/** Spikes of each neuron where input i has a spike in step t if `arrives(t, i)`. */
function spikesOf(network: RunningNetwork, steps: number, arrives: (t: number, i: number) => boolean): number[] {
  const index = network.graph.nodes.findIndex(({ name }) => name === 'in');
  const inputs = network.graph.nodes[index]!.shape[0]!;
  const input = new EventBuffer(steps * inputs);
  for (let t = 0; t < steps; t++) for (let i = 0; i < inputs; i++) if (arrives(t, i)) input.push(t, index, i, 1);
  const output = new EventBuffer(steps * network.graph.nodes.at(-1)!.shape[0]!);
  network.run(steps, input, output);
  const counts = new Array<number>(network.graph.nodes.at(-1)!.shape[0]!).fill(0);
  for (let k = 0; k < output.length; k++) counts[output.index[k]!]! += 1;
  return counts;
}

describe('an adaptive threshold in whole numbers', () => {
  const bits16 = fc.integer({ min: -(2 ** 15) + 1, max: 2 ** 15 });
  const bits32 = fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));

  it('is the text of the integer form in BigInt, with any constants that a file may have', () => {
    const numbers = fc.record({
      ...{ membraneBits: fc.constantFrom<16 | 32>(16, 32), fraction: fc.integer({ min: -4, max: 8 }) },
      ...{ decay: bits16, bias: bits32, threshold: bits32, after: bits32, minimum: fc.option(bits32), initial: bits16 },
      ...{ extra: fc.integer({ min: 0, max: 31 }), left: bits16, rise: bits32, raised: bits32 },
      ...{ subtracts: fc.boolean(), seed: fc.nat() },
    });
    fc.assert(
      fc.property(numbers, (drawn) => {
        const one = (value: number) => Int32Array.of(value);
        const { membraneBits, fraction, minimum } = drawn;
        const adaptation: AdaptationQuantization = {
          ...{ fraction: drawn.extra, decay: one(drawn.left), rise: one(drawn.rise), initial: one(drawn.raised) },
        };
        const constants: NeuronQuantization = {
          ...{ membraneBits, fraction, scale: Float64Array.of(0.01), decay: one(drawn.decay), bias: one(drawn.bias) },
          ...{ initial: one(Math.max(-32768, drawn.initial - 1)), threshold: one(drawn.threshold), adaptation },
          ...(drawn.subtracts ? { subtract: one(drawn.after) } : { reset: one(drawn.after) }),
          ...(minimum === null ? {} : { minimum: one(minimum) }),
        };
        const { graph, semantics } = layer([[1]], lsnn, { reset: drawn.subtracts ? 'subtract' : 'value' });
        const counters = newCounters();
        const resolved = resolveGraph(graph, semantics).nodes.find(({ name }) => name === 'cell')!;
        const population = createIntegerPopulation(resolved, constants, counters);
        const text = textOf(constants, 2);
        const random = new RandomGenerator(drawn.seed, 'arrivals');
        const emitted = new Float64Array(1);
        for (let step = 0; step < 60; step++) {
          const x = random.nextInteger(4000) - 1500;
          population.visit([Float64Array.of(x)], emitted);
          expect(emitted[0]).toBe(text.step(BigInt(x)));
          expect([population.state.v![0], population.state.theta![0]]).toEqual([Number(text.v), Number(text.a)]);
        }
        expect([counters.saturatedHigh, counters.saturatedLow]).toEqual([text.high, text.low]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([32, 16] as const)('gives the rates of real numbers over any current, with membranes of %i bits', (width) => {
    for (const reset of ['value', 'subtract']) {
      for (const neuron of [lsnn, { ...lsnn, beta: 0, theta_plus: 0.2 }, { ...lsnn, tau_theta: 2 }]) {
        const model = layer(
          Array.from({ length: SIZE }, (_, i) => [0.8 + 0.4 * i]),
          neuron,
          { reset },
        );
        const whole = quantize(model, { bits: 8, membraneBits: width });
        const real = spikesOf(referenceEngine.load(model), 10_000, () => true);
        const counts = spikesOf(clockedEngine.load(whole), 10_000, () => true);
        expect(real[0]).toBe(0);
        expect(real.at(-1)).toBeGreaterThan(300);
        for (const [i, count] of real.entries()) expect(Math.abs(counts[i]! - count)).toBeLessThanOrEqual(0.02 * count);
      }
    }
  });

  it.each([32, 16] as const)('spikes about as often for random spikes, with membranes of %i bits', (width) => {
    const random = new RandomGenerator(11, 'weights');
    const weight = Array.from({ length: SIZE }, () => Array.from({ length: 30 }, () => random.nextNormal() + 0.4));
    const model = layer(weight, { ...lsnn, r: 3 }, { reset: 'subtract' });
    const events = new Set<number>();
    for (let k = 0; k < 30 * 20_000; k++) if (random.nextUniform() < 0.03) events.add(k);
    const arrives = (t: number, i: number) => events.has(30 * t + i);
    const real = spikesOf(referenceEngine.load(model), 20_000, arrives);
    const counts = spikesOf(clockedEngine.load(quantize(model, { bits: 8, membraneBits: width })), 20_000, arrives);
    real.forEach((count, i) => {
      expect(count).toBeGreaterThan(100);
      expect(Math.abs(counts[i]! - count)).toBeLessThanOrEqual(0.03 * count);
    });
  });

  it('is told in real units, and comes back from a file', () => {
    const model = layer([[4]], { ...lsnn, theta_initial: 0.5 });
    for (const membraneBits of [32, 16] as const) {
      const whole = quantize(model, { bits: 8, membraneBits });
      for (const form of [readModel(writeModel(whole)), parseModel(formatModel(whole).json)]) {
        const { digest: _, ...read } = form as Model & { digest?: string };
        expect(read.quantization).toEqual(whole.quantization);
        const [real, integer, clocked] = [
          referenceEngine.load(model),
          integerEngine.load(form),
          clockedEngine.load(form),
        ];
        for (const network of [real, integer, clocked]) spikesOf(network, 100, () => true);
        expect(integer.readState('cell', 'theta')).toEqual(clocked.readState('cell', 'theta'));
        expect(integer.readState('cell', 'theta')[0]).toBeCloseTo(real.readState('cell', 'theta')[0]!, 2);
      }
    }
  });

  it('is refused where a factor is −1, which 32 bits cannot hold of their lowest number', () => {
    const whole = quantize(layer([[4]]), { bits: 8 });
    const { adaptation, ...constants } = whole.quantization!.neurons.get('cell')!;
    const turned = { ...constants, adaptation: { ...adaptation!, decay: Int32Array.of(-(2 ** 15)) } };
    const hostile = { ...whole, quantization: { ...whole.quantization!, neurons: new Map([['cell', turned]]) } };
    for (const engine of [integerEngine, clockedEngine])
      expect(() => engine.load(hostile)).toThrow(/"cell".*factor of −1/);
  });

  it('is refused where a node lacks it, or has it without need', () => {
    const whole = quantize(layer([[4]]), { bits: 8 });
    const { adaptation, ...constants } = whole.quantization!.neurons.get('cell')!;
    const withNeuron = (type: string, neuron: NeuronQuantization): Model => {
      const { beta: _, tau_theta: __, ...parameters } = whole.graph.nodes.get('cell')!.parameters;
      const nodes = new Map(whole.graph.nodes);
      if (type === 'LIF') nodes.set('cell', { type, parameters });
      const neurons = new Map([['cell', neuron]]);
      return { ...whole, graph: { ...whole.graph, nodes }, quantization: { ...whole.quantization!, neurons } };
    };
    for (const engine of [integerEngine, clockedEngine]) {
      expect(() => engine.load(withNeuron('ALIF', { ...constants, adaptation: adaptation! }))).not.toThrow();
      expect(() => engine.load(withNeuron('LIF', constants))).not.toThrow();
      for (const wrong of [
        withNeuron('ALIF', constants),
        withNeuron('LIF', { ...constants, adaptation: adaptation! }),
      ]) {
        expect(() => engine.load(wrong)).toThrow(/"cell".*lacks constants of the integer form/);
      }
    }
  });
});

/** Section 2 of the semantics for one neuron of which thresholds adapt. */
function textOf(constants: NeuronQuantization, rest: number) {
  const { membraneBits, fraction, decay, bias, threshold, reset, subtract, minimum, initial } = constants;
  const { fraction: extra, decay: left, rise, initial: raised } = constants.adaptation!;
  const big = (values: Int32Array | undefined) => BigInt(values?.[0] ?? 0);
  const multiply = (value: bigint, factor: bigint) => (value * factor + 16384n) >> 15n;
  const F = BigInt(fraction);
  const floor = (v: bigint) => (minimum !== undefined && v < big(minimum) ? big(minimum) : v);
  let resting = 0;
  const neuron = {
    v: big(initial),
    a: big(raised),
    high: 0,
    low: 0,
    saturate(value: bigint, bits: number): bigint {
      const limit = 1n << BigInt(bits - 1);
      if (value >= limit) neuron.high++;
      if (value < -limit) neuron.low++;
      return value >= limit ? limit - 1n : value < -limit ? -limit : value;
    },
    step(x: bigint): number {
      neuron.a = multiply(neuron.a, big(left));
      if (resting > 0) {
        resting--;
        return 0;
      }
      const entering = F >= 0n ? x << F : (x + (1n << (-F - 1n))) >> -F;
      neuron.v = floor(neuron.saturate(multiply(neuron.v, big(decay)) + entering + big(bias), membraneBits));
      const above = neuron.a >> BigInt(extra);
      if (neuron.v <= big(threshold) + above) return 0;
      neuron.v = floor(
        reset === undefined ? neuron.saturate(neuron.v - big(subtract) - above, membraneBits) : big(reset),
      );
      neuron.a = neuron.saturate(neuron.a + big(rise), 32);
      resting = rest;
      return 1;
    },
  };
  return neuron;
}
