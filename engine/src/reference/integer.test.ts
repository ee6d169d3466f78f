import {
  defaultSemantics,
  dequantize,
  ensemble,
  type Model,
  quantize,
  RandomGenerator,
  type Semantics,
  scalar,
  type Tensor,
  tensor,
} from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunningNetwork } from '../engine.ts';
import { EventBuffer } from '../event-buffer.ts';
import { integerEngine } from './integer.ts';
import { referenceEngine } from './reference.ts';

type Nodes = Record<string, readonly [type: string, parameters: Record<string, Tensor>]>;
type Edges = readonly (readonly [source: string, target: string, delay?: number])[];

function model(nodes: Nodes, edges: Edges, semantics: Partial<Semantics> = {}): Model {
  return {
    graph: {
      nodes: new Map(Object.entries(nodes).map(([name, [type, parameters]]) => [name, { type, parameters }])),
      edges: edges.map(([source, target, delay = 0]) => ({ source, target, delay })),
    },
    semantics: { ...defaultSemantics, ...semantics },
    learning: new Map(),
    encoder: new Map(),
    decoder: new Map(),
    channels: [],
    sample: { steps: 10, between: 'reset' },
    labels: [],
    provenance: {},
    selfTests: [],
  };
}

const chain = (...names: string[]): Edges => names.slice(1).map((name, k) => [names[k]!, name] as const);
const shape = (...sizes: number[]) => ({ shape: tensor(Int32Array.from(sizes)) });

function normal(random: RandomGenerator, shape: number[], size: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: count }, () => random.nextNormal() * size);
  return tensor(data, shape);
}

/** One event per element and step with the given probability; `value` gives what it carries. */
function inputEvents(
  running: RunningNetwork,
  { steps, size, rate, seed }: { steps: number; size: number; rate: number; seed: number },
  value: (random: RandomGenerator) => number = () => 1,
): EventBuffer {
  const random = new RandomGenerator(seed, 'input');
  const index = running.graph.nodes.findIndex(({ name }) => name === 'in');
  const buffer = new EventBuffer(steps * size);
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < size; i++) if (random.nextUniform() < rate) buffer.push(step, index, i, value(random));
  }
  return buffer;
}

function runAll(running: RunningNetwork, steps: number, input: EventBuffer) {
  const output = new EventBuffer(100_000);
  const raster = new EventBuffer(1_000_000);
  running.run(steps, input, output, raster);
  return { output: output.toList(), raster: raster.toList() };
}

/** Two populations and a read-out between them: every part of the text in one net. */
function everything(seed: number, semantics: Partial<Semantics>): Model {
  const random = new RandomGenerator(seed, 'everything');
  const taus = Float64Array.from({ length: 7 }, () => 0.003 + 0.03 * random.nextUniform());
  return model(
    {
      in: ['Input', shape(9)],
      fc: ['Affine', { weight: normal(random, [7, 9], 1), bias: tensor(Float64Array.from(taus, (tau) => 3 * tau)) }],
      lif: [
        'LIF',
        {
          tau: tensor(taus),
          r: scalar(4),
          v_threshold: scalar(0.6),
          v_reset: scalar(-0.05),
          v_leak: scalar(0.02),
          v_min: scalar(-0.4),
          tau_ref: scalar(0.002),
        },
      ],
      rec: ['Linear', { weight: normal(random, [7, 7], 0.1) }],
      read: ['Linear', { weight: normal(random, [3, 7], 1) }],
      low: ['Lowpass', { tau: scalar(0.01) }],
      back: ['Linear', { weight: normal(random, [4, 3], 1) }],
      if: ['IF', { r: scalar(1000), v_threshold: scalar(1.5) }],
      out: ['Output', {}],
      state: ['Output', {}],
    },
    [
      ...chain('in', 'fc', 'lif'),
      ['lif', 'rec', 2],
      ['rec', 'lif'],
      ...chain('lif', 'read', 'low', 'back'),
      ['back', 'if', 1],
      ['if', 'out'],
      ['low', 'state'],
    ],
    semantics,
  );
}

interface OracleState {
  v: bigint[];
  rest: number[];
}

/** Section 2 of the semantics with BigInt, for the net `everything`. */
class Oracle {
  readonly #model: Model;
  readonly #many: boolean;
  readonly #states = new Map<string, OracleState>();
  readonly #past: { lif: bigint[]; back: bigint[] }[] = [];

  constructor(quantized: Model) {
    this.#model = quantized;
    this.#many = quantized.semantics.spikesPerStep === 'many';
    for (const [name, size] of Object.entries({ lif: 7, low: 3, if: 4 })) {
      const state: OracleState = { v: new Array(size).fill(0n), rest: new Array(size).fill(0) };
      this.#states.set(name, state);
      state.v = state.v.map((_, o) => this.#constant(name, 'initial', o)!);
    }
  }

  /** That of one neuron: a list with fewer counts for equally many each. */
  #constant(
    name: string,
    key: 'initial' | 'decay' | 'bias' | 'threshold' | 'reset' | 'subtract' | 'minimum',
    o: number,
  ) {
    const values = this.#model.quantization!.neurons.get(name)![key];
    return values && BigInt(values[Math.floor((o * values.length) / this.v(name).length)]!);
  }

  /** One step; `n` is what arrives in whole numbers. Returns the spikes of `if` and what `low` hands on. */
  step(n: bigint[]) {
    const before = (steps: number) => this.#past.at(-steps);
    const zeros = (length: number) => Array.from({ length }, () => 0n);
    const rest = Math.round(0.002 / this.#model.semantics.dt);
    const fromInput = this.#through('fc', n);
    const fromLif = this.#through('rec', before(2)?.lif ?? zeros(7));
    const lif = this.#fire('lif', add(fromInput, fromLif), rest);
    const low = this.#readOut('low', this.#through('read', lif));
    const back = this.#through('back', low);
    const spikes = this.#fire('if', before(1)?.back ?? zeros(4), 0);
    this.#past.push({ lif, back });
    return { spikes, low, lif };
  }

  v(name: string): bigint[] {
    return this.#states.get(name)!.v;
  }

  #through(name: string, n: bigint[]): bigint[] {
    const { data, shape } = this.#model.graph.nodes.get(name)!.parameters.weight as Tensor;
    const h = BigInt(this.#model.quantization!.connections.get(name)!.shift);
    return Array.from({ length: shape[0]! }, (_, o) =>
      n.reduce((sum, count, i) => sum + BigInt(data[o * n.length + i]!) * (1n << h) * count, 0n),
    );
  }

  #integrate(name: string, o: number, x: bigint): bigint {
    const { membraneBits, fraction } = this.#model.quantization!.neurons.get(name)!;
    const F = BigInt(fraction);
    const shifted = F >= 0n ? x << F : (x + (1n << (-F - 1n))) >> -F;
    const [decay, bias] = [this.#constant(name, 'decay', o)!, this.#constant(name, 'bias', o)!];
    const v = ((this.v(name)[o]! * decay + (1n << 14n)) >> 15n) + shifted + bias;
    return saturate(v, membraneBits);
  }

  #fire(name: string, x: bigint[], rest: number): bigint[] {
    const state = this.#states.get(name)!;
    const { membraneBits } = this.#model.quantization!.neurons.get(name)!;
    return x.map((arriving, o) => {
      if (state.rest[o]! > 0) {
        state.rest[o]!--;
        return 0n;
      }
      const reset = this.#constant(name, 'reset', o);
      const floor = (v: bigint) => {
        const minimum = this.#constant(name, 'minimum', o) ?? v;
        return v < minimum ? minimum : v;
      };
      let v = floor(this.#integrate(name, o, arriving));
      let n = 0n;
      while (v > this.#constant(name, 'threshold', o)! && n < (this.#many ? 127n : 1n)) {
        v = reset ?? saturate(v - this.#constant(name, 'subtract', o)!, membraneBits);
        n++;
      }
      if (n > 0n) state.rest[o] = rest;
      state.v[o] = floor(v);
      return n;
    });
  }

  #readOut(name: string, x: bigint[]): bigint[] {
    const g = BigInt(this.#model.quantization!.neurons.get(name)!.handOn!);
    return x.map((arriving, o) => {
      const v = this.#integrate(name, o, arriving);
      this.#states.get(name)!.v[o] = v;
      return saturate((v + (1n << (g - 1n))) >> g, 8);
    });
  }
}

function add(a: bigint[], b: bigint[]): bigint[] {
  return a.map((value, i) => value + b[i]!);
}

function saturate(v: bigint, bits: number): bigint {
  const limit = 1n << BigInt(bits - 1);
  return v >= limit ? limit - 1n : v < -limit ? -limit : v;
}

const semanticsChoices = fc.constantFrom<Partial<Semantics>>(
  { threshold: 'gt', reset: 'value' },
  { threshold: 'ge', reset: 'subtract' },
  { threshold: 'gt', reset: 'subtract', spikesPerStep: 'many', integrate: 'exact' },
);
const forms = fc.record({
  bits: fc.constantFrom(8 as const, 4 as const),
  membraneBits: fc.constantFrom(32 as const, 16 as const),
});

describe('integer engine', () => {
  it('equals the text of the integer form in BigInt, bit for bit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        semanticsChoices,
        forms,
        fc.boolean(),
        (seed, chosen, form, graded) => {
          const calibration = { inputs: new Map([['in', graded ? 2 : ('spikes' as const)]]) };
          const quantized = quantize(everything(seed, chosen), { ...form, calibration });
          const { scale, maximum } = quantized.quantization!.inputs.get('in')!;
          const running = integerEngine.load(quantized);
          const value = (random: RandomGenerator) => (graded ? 3 * random.nextNormal() : 1);
          const input = inputEvents(running, { steps: 60, size: 9, rate: 0.3, seed }, value);
          const { output, raster } = runAll(running, 60, input);
          const oracle = new Oracle(quantized);
          const expected: string[] = [];
          const unit = quantized.quantization!.neurons.get('low')!;
          let spikes = 0;
          let clipped = 0;
          for (let step = 0, event = 0; step < 60; step++) {
            const n = Array.from({ length: 9 }, () => 0n);
            for (; input.step[event] === step && event < input.length; event++) {
              const whole = Math.round(input.value[event]! / scale);
              const held = Math.max(-maximum, Math.min(maximum, whole));
              if (held !== whole) clipped++;
              n[input.index[event]!] = BigInt(held);
            }
            const { spikes: emitted, low, lif } = oracle.step(n);
            emitted.forEach((count, i) => {
              if (count) expected.push(`${step} out ${i} ${count}`);
            });
            low.forEach((state, i) => {
              const real = Number(state) * unit.scale[0]! * 2 ** (unit.handOn! - unit.fraction);
              if (state) expected.push(`${step} state ${i} ${real}`);
            });
            for (const count of [...emitted, ...lif]) spikes += Number(count);
          }
          const found = Array.from(output.step, (step, k) => {
            const { name } = running.graph.nodes[output.node[k]!]!;
            return `${step} ${name} ${output.index[k]} ${output.value[k]}`;
          });
          expect(found.sort()).toEqual(expected.sort());
          expect(running.counters.spikes).toBe(spikes);
          expect(Array.from(raster.value).reduce((a, b) => a + b, 0)).toBe(spikes);
          expect(running.counters.clippedInputs).toBe(clipped);
          for (const name of ['lif', 'low', 'if']) {
            const { scale, fraction } = quantized.quantization!.neurons.get(name)!;
            const real = oracle
              .v(name)
              .map(
                (v, i) => (Number(v) * scale[Math.floor((i * scale.length) / oracle.v(name).length)]!) / 2 ** fraction,
              );
            const found = running.readState(name, 'v');
            for (const [i, v] of found.entries()) expect(v).toBeCloseTo(real[i]!, 9);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order in which a step’s events arrive', () => {
    const quantized = quantize(everything(5, {}), { bits: 8, calibration: { inputs: new Map([['in', 2]]) } });
    const forward = integerEngine.load(quantized);
    const backward = integerEngine.load(quantized);
    const values = (random: RandomGenerator) => random.nextNormal();
    const input = inputEvents(forward, { steps: 50, size: 9, rate: 0.5, seed: 2 }, values);
    const reversed = new EventBuffer(input.length);
    for (let step = 0; step < 50; step++) {
      for (let k = input.length - 1; k >= 0; k--) {
        if (input.step[k] === step) reversed.push(step, input.node[k]!, input.index[k]!, input.value[k]!);
      }
    }
    expect(runAll(backward, 50, reversed)).toEqual(runAll(forward, 50, input));
  });

  it('counts saturations of 16-bit membranes at both ends', () => {
    const weight = tensor(Float64Array.of(1, -1), [2, 1]);
    const net = model(
      {
        in: ['Input', shape(1)],
        fc: ['Linear', { weight }],
        if: ['IF', { r: scalar(1000), v_threshold: scalar(1e-3) }],
      },
      chain('in', 'fc', 'if'),
    );
    const running = integerEngine.load(quantize(net, { bits: 8, membraneBits: 16 }));
    runAll(running, 5, inputEvents(running, { steps: 5, size: 1, rate: 1, seed: 1 }));
    expect(running.counters).toMatchObject({ saturatedHigh: 5, saturatedLow: 5 });
    expect(Array.from(running.readState('if', 'saturated'))).toEqual([5, 5]);
  });

  it('fires at the rate of the float reference', () => {
    const random = new RandomGenerator(11, 'nets');
    const fully: [string, Nodes, Edges, number][] = [
      [
        'dense',
        {
          in: ['Input', shape(64)],
          a: ['Affine', { weight: normal(random, [40, 64], 1), bias: normal(random, [40], 0.3) }],
          lif: ['LIF', { tau: scalar(0.02), r: scalar(3), v_threshold: scalar(1) }],
          b: ['Linear', { weight: normal(random, [10, 40], 1) }],
          if: ['IF', { r: scalar(200), v_threshold: scalar(1) }],
          out: ['Output', {}],
        },
        chain('in', 'a', 'lif', 'b', 'if', 'out'),
        64,
      ],
      [
        'convolution and average pooling',
        {
          in: ['Input', shape(1, 12, 12)],
          conv: ['Conv2d', { weight: normal(random, [6, 1, 3, 3], 1) }],
          lif: ['LIF', { tau: scalar(0.01), r: scalar(6), v_threshold: scalar(0.7) }],
          pool: ['AvgPool2d', { kernel_size: scalar(2), stride: scalar(2) }],
          flat: ['Flatten', {}],
          b: ['Linear', { weight: normal(random, [8, 150], 1) }],
          if: ['IF', { r: scalar(400), v_threshold: scalar(1) }],
          out: ['Output', {}],
        },
        chain('in', 'conv', 'lif', 'pool', 'flat', 'b', 'if', 'out'),
        144,
      ],
    ];
    // Relative difference of all spikes, and of the neurons' rates (root mean square), over 800 steps.
    const bounds = {
      '8/32': [0.004, 0.02],
      '8/16': [0.004, 0.02],
      '4/32': [0.05, 0.15],
      '4/16': [0.05, 0.15],
    } as const;
    for (const [name, nodes, edges, size] of fully) {
      const net = model(nodes, edges, { reset: 'subtract' });
      const float = referenceEngine.load(net);
      const drive = { steps: 800, size, rate: 0.1, seed: 4 };
      const wanted = ratesOf(float, runAll(float, 800, inputEvents(float, drive)).raster);
      for (const [form, [total, spread]] of Object.entries(bounds)) {
        const [bits, membraneBits] = form.split('/').map(Number) as [8 | 4, 32 | 16];
        const integer = integerEngine.load(quantize(net, { bits, membraneBits }));
        const rates = ratesOf(integer, runAll(integer, 800, inputEvents(integer, drive)).raster);
        const power = (values: number[]) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
        const differences = [...wanted].map(([neuron, count]) => (rates.get(neuron) ?? 0) - count);
        expect(Math.abs(integer.counters.spikes / float.counters.spikes - 1), `${name} ${form}`).toBeLessThan(total);
        expect(power(differences) / power([...wanted.values()]), `${name} ${form}`).toBeLessThan(spread);
      }
    }
  });

  it('equals the float reference over the dequantised model, away from ties', () => {
    const random = new RandomGenerator(8, 'ties');
    const net = model(
      {
        in: ['Input', shape(32)],
        a: ['Linear', { weight: normal(random, [20, 32], 1) }],
        if: ['IF', { r: scalar(1000), v_threshold: scalar(2.3) }],
        out: ['Output', {}],
      },
      chain('in', 'a', 'if', 'out'),
    );
    const quantized = quantize(net, { bits: 8 });
    const integer = integerEngine.load(quantized);
    const float = referenceEngine.load(dequantize(quantized));
    // Without a leak and a bias nothing is rounded: the same spikes, and real weights as the engine reads them.
    const drive = { steps: 500, size: 32, rate: 0.1, seed: 3 };
    expect(runAll(integer, 500, inputEvents(integer, drive))).toEqual(runAll(float, 500, inputEvents(float, drive)));
    expect(integer.readWeights('a')).toEqual(float.readWeights('a'));
  });

  it('learns by PES like the float reference, and continues bit for bit after a restore', () => {
    const base = model(
      {
        in: ['Input', shape(20)],
        fc: ['Linear', { weight: tensor(new Float64Array(20), [1, 20]) }],
        low: ['Lowpass', { tau: scalar(0.01) }],
        out: ['Output', {}],
      },
      chain('in', 'fc', 'low', 'out'),
    );
    const net: Model = {
      ...base,
      learning: new Map([['fc', [{ rule: 'pes', parameters: { learningRate: 0.02 }, bounds: [-1, 1] }]]]),
    };
    const quantized = quantize(net, { bits: 8, calibration: { states: new Map([['low', 1]]) } });
    const teach = (running: RunningNetwork, rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        const output = new EventBuffer(1000);
        const input = inputEvents(running, { steps: 10, size: 20, rate: 0.3, seed: Number(running.step) + 1 });
        running.run(10, input, output);
        running.teach('fc', [running.readState('low', 'v')[0]! - 0.5]);
      }
    };
    const float = referenceEngine.load(net);
    const integer = integerEngine.load(quantized, { seed: 9 });
    teach(float, 300);
    teach(integer, 300);
    const wanted = float.readWeights('fc');
    // Two and a half steps of q = 1/127: the float net feels its small weights, the integer net those rounded to q.
    const differences = Array.from(integer.readWeights('fc'), (w, k) => Math.abs(w - wanted[k]!));
    expect(Math.max(...differences)).toBeLessThan(0.02);
    expect(Math.max(...wanted)).toBeGreaterThan(0.05);
    for (const running of [float, integer]) expect(running.readState('low', 'v')[0]).toBeCloseTo(0.5, 1);

    const saved = integer.save();
    const other = integerEngine.load(quantized, { seed: 1 });
    other.restore(saved);
    teach(integer, 50);
    teach(other, 50);
    expect(other.save()).toEqual(integer.save());
    integer.resetLearning();
    expect(integer.readWeights('fc').every((w) => w === 0)).toBe(true);
  });

  it('represents a number in an ensemble as closely as the float reference', () => {
    const net = ensemble({ name: 'x', neurons: 100, dimensions: 1, random: new RandomGenerator(3, 'nef'), dt: 0.001 });
    const identity: Model = {
      ...model({}, []),
      graph: {
        nodes: new Map([
          ['in', { type: 'Input', parameters: shape(1) }],
          ...net.nodes,
          ['out', { type: 'Output', parameters: {} }],
        ]),
        edges: [
          { source: 'in', target: net.input, delay: 0 },
          ...net.edges,
          { source: net.output, target: 'out', delay: 0 },
        ],
      },
      encoder: new Map([['in', { type: 'direct', parameters: {} }]]),
    };
    const calibration = { states: new Map([[net.output, 1.5]]) };
    const errorOf = (running: RunningNetwork) => {
      const index = running.graph.nodes.findIndex(({ name }) => name === 'in');
      let squares = 0;
      for (let x = -10; x <= 10; x++) {
        const input = new EventBuffer(250);
        const output = new EventBuffer(250);
        for (let step = 0; step < 250; step++) input.push(step, index, 0, x / 10);
        running.run(250, input, output);
        // The mean of the last 200 steps, after the low-pass has settled; a step that hands on 0 has no event.
        const sum = output.value.reduce((total, value, k) => total + (output.step[k]! >= 50 ? value : 0), 0);
        squares += (sum / 200 - x / 10) ** 2;
      }
      return Math.sqrt(squares / 21);
    };
    const float = errorOf(referenceEngine.load(identity));
    expect(float).toBeLessThan(0.02);
    expect(errorOf(integerEngine.load(quantize(identity, { bits: 8, calibration })))).toBeLessThan(float + 0.005);
    const small = quantize(identity, { bits: 8, membraneBits: 16, calibration });
    expect(errorOf(integerEngine.load(small))).toBeLessThan(float + 0.01);
  });

  it('refuses a float model and an integer model without constants', () => {
    const net = everything(1, {});
    expect(() => integerEngine.load(net)).toThrow(/got a float model; expected a model that is quantised/);
    const quantized = quantize(net, { bits: 8 });
    const without = { ...quantized, quantization: { ...quantized.quantization!, neurons: new Map() } };
    expect(() => integerEngine.load(without)).toThrow(/lacks constants of the integer form/);
    const connections = new Map(quantized.quantization!.connections).set('fc', { shift: 24 });
    const overflowing = { ...quantized, quantization: { ...quantized.quantization!, connections } };
    expect(() => integerEngine.load(overflowing)).toThrow(/"lif".*may get sums beyond 32 bits/);
  });
});

function ratesOf(running: RunningNetwork, raster: { node: Int32Array; index: Int32Array; value: Float64Array }) {
  const rates = new Map<string, number>();
  raster.node.forEach((index, k) => {
    const neuron = `${running.graph.nodes[index]!.name} ${raster.index[k]}`;
    rates.set(neuron, (rates.get(neuron) ?? 0) + raster.value[k]!);
  });
  return rates;
}
