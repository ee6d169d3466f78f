import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readModel, writeModel } from '../file/spike.ts';
import type { Edge, GraphNode } from '../graph/graph.ts';
import { defaultSemantics, type Semantics } from '../graph/semantics.ts';
import type { LearningDeclaration, Model } from '../model/model.ts';
import type { NeuronQuantization } from '../model/quantization.ts';
import { RandomGenerator } from '../random/generator.ts';
import { resolveGraph } from '../resolve/resolve.ts';
import { scalar, type Tensor, tensor } from '../tensor.ts';
import { dequantize } from './dequantize.ts';
import { integerFormOf, neuronConstants } from './integer-form.ts';
import { valueFor } from './per-neuron.ts';
import { quantize } from './quantize.ts';
import { quantizationReport } from './report.ts';

type Parameters = GraphNode['parameters'];

function model(
  nodes: Record<string, [type: string, parameters: Parameters]>,
  edges: readonly (readonly [string, string, number?])[],
  semantics: Partial<Semantics> = {},
  learning: Record<string, LearningDeclaration[]> = {},
): Model {
  return {
    graph: {
      nodes: new Map(Object.entries(nodes).map(([name, [type, parameters]]) => [name, { type, parameters }])),
      edges: edges.map(([source, target, delay = 0]): Edge => ({ source, target, delay })),
    },
    semantics: { ...defaultSemantics, ...semantics },
    learning: new Map(Object.entries(learning)),
    encoder: new Map(),
    decoder: new Map(),
    channels: [],
    sample: { steps: 10, between: 'reset' },
    labels: [],
    provenance: {},
    selfTests: [],
  };
}

const shape = (...sizes: number[]): Parameters => ({ shape: tensor(Int32Array.from(sizes)) });
const list = (values: number[]): Tensor => tensor(Float64Array.from(values));
const matrix = (rows: number[][]): Tensor => tensor(Float64Array.from(rows.flat()), [rows.length, rows[0]!.length]);

function normal(random: RandomGenerator, shape: number[], size: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: count }, () => random.nextNormal() * size),
    shape,
  );
}

const integersOf = (quantized: Model, node: string, key = 'weight') =>
  Array.from((quantized.graph.nodes.get(node)!.parameters[key] as Tensor).data);
const realOf = (quantized: Model, node: string, key = 'weight') =>
  Array.from((dequantize(quantized).graph.nodes.get(node)!.parameters[key] as Tensor).data);
/** Of each neuron. */
const wholeConstants = (quantized: Model, name: string) => {
  const { nodes } = resolveGraph(quantized.graph, quantized.semantics);
  const { scale, ...constants } = neuronConstants(quantized.quantization!, nodes.find((node) => node.name === name)!);
  const { decay } = constants;
  return { ...constants, scale: Float64Array.from(decay, (_, i) => valueFor(scale, i, decay.length)) };
};

/** Input → two branches of dense connections, one recurrent → LIF → convolution-free read-out; all sizes random. */
const randomNet = fc
  .record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    inputs: fc.integer({ min: 1, max: 12 }),
    neurons: fc.integer({ min: 1, max: 9 }),
    size: fc.double({ min: 0.01, max: 10, noNaN: true }),
    recurrent: fc.double({ min: 0.001, max: 10, noNaN: true }),
    threshold: fc.double({ min: 0.05, max: 20, noNaN: true }),
    bias: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    comparison: fc.constantFrom('gt' as const, 'ge' as const),
    reset: fc.constantFrom('value' as const, 'subtract' as const),
    spikes: fc.constantFrom('one' as const, 'many' as const),
  })
  .map(({ seed, inputs, neurons, size, recurrent, threshold, bias, comparison, reset, spikes }) => {
    const random = new RandomGenerator(seed, 'net');
    return model(
      {
        in: ['Input', shape(inputs)],
        fc: ['Affine', { weight: normal(random, [neurons, inputs], size), bias: scalar(bias) }],
        lif: [
          'LIF',
          {
            tau: list(Array.from({ length: neurons }, () => 0.002 + 0.05 * random.nextUniform())),
            r: scalar(2),
            v_threshold: scalar(threshold),
            v_reset: scalar(-0.1),
            v_leak: scalar(0.03),
            v_min: scalar(-3 * threshold),
          },
        ],
        rec: ['Linear', { weight: normal(random, [neurons, neurons], recurrent) }],
        read: ['Linear', { weight: normal(random, [2, neurons], 1) }],
        li: ['LI', { tau: scalar(0.01) }],
        out: ['Output', {}],
      },
      [
        ['in', 'fc'],
        ['fc', 'lif'],
        ['lif', 'rec', 1],
        ['rec', 'lif'],
        ['lif', 'read'],
        ['read', 'li'],
        ['li', 'out'],
      ],
      { threshold: comparison, reset, spikesPerStep: reset === 'subtract' ? spikes : 'one' },
    );
  });

const options = fc.record({
  bits: fc.constantFrom(8 as const, 4 as const),
  membraneBits: fc.constantFrom(32 as const, 16 as const),
});

describe('quantize', () => {
  it('equals the text computed straightforwardly for one dense layer', () => {
    const weight = [
      [0.5, -1, 0.25],
      [0.1, 0.2, 0.8],
    ];
    const tau = [0.02, 0.01];
    const net = model(
      {
        in: ['Input', shape(3)],
        fc: ['Affine', { weight: matrix(weight), bias: list([0.05, -0.02]) }],
        lif: [
          'LIF',
          { tau: list(tau), r: scalar(3), v_leak: scalar(0.1), v_threshold: scalar(1), v_reset: scalar(0.2) },
        ],
        out: ['Output', {}],
      },
      [
        ['in', 'fc'],
        ['fc', 'lif'],
        ['lif', 'out'],
      ],
    );
    const quantized = quantize(net, { bits: 8 });
    const { neurons, connections, inputs } = quantized.quantization!;
    const lif = neurons.get('lif')!;
    expect(inputs.get('in')).toEqual({ scale: 1, maximum: 1 });
    expect(connections.get('fc')).toEqual({ shift: 0 });
    weight.forEach((row, o) => {
      const gain = (0.001 / tau[o]!) * 3;
      const u = (Math.max(...row.map(Math.abs)) * gain) / 127;
      expect(lif.scale[o]).toBeCloseTo(u, 12);
      row.forEach((w, i) => {
        expect(Math.abs(integersOf(quantized, 'fc')[o * 3 + i]! - (w * gain) / u)).toBeLessThanOrEqual(0.5 + 1e-9);
      });
      expect(lif.decay[o]).toBe(Math.round((1 - 0.001 / tau[o]!) * 32768));
      expect(lif.threshold![o]).toBe(Math.floor((1 / u) * 2 ** lif.fraction));
      expect(lif.reset![o]).toBe(Math.round((0.2 / u) * 2 ** lif.fraction));
      const bias = (0.001 / tau[o]!) * 0.1 + gain * [0.05, -0.02][o]!;
      expect(lif.bias[o]).toBe(Math.round((bias / u) * 2 ** lif.fraction));
      expect(lif.initial[o]).toBe(Math.round((0.1 / u) * 2 ** lif.fraction));
    });
    expect(lif.fraction).toBe(8);
    expect(lif.subtract).toBeUndefined();
    expect(quantized.graph.nodes.get('fc')!.parameters.weight).toMatchObject({ shape: [2, 3] });
    expect((quantized.graph.nodes.get('fc')!.parameters.weight as Tensor).data).toBeInstanceOf(Int8Array);
  });

  it('takes the largest F with k ≤ 2^13 for membranes of 16 bits, also a negative one', () => {
    const build = (threshold: number) =>
      quantize(
        model(
          {
            in: ['Input', shape(1)],
            fc: ['Linear', { weight: matrix([[127]]) }],
            if: ['IF', { r: scalar(1000), v_threshold: scalar(threshold) }],
            out: ['Output', {}],
          },
          [
            ['in', 'fc'],
            ['fc', 'if'],
            ['if', 'out'],
          ],
        ),
        { bits: 8, membraneBits: 16 },
      ).quantization!.neurons.get('if')!;
    // u = 1, so that k = θ·2^F.
    expect([build(8192).fraction, build(8192).threshold![0]]).toEqual([0, 8192]);
    expect([build(8193).fraction, build(8193).threshold![0]]).toEqual([-1, 4096]);
    expect([build(100).fraction, build(100).threshold![0]]).toEqual([6, 6400]);
    expect(build(1e6).fraction).toBe(-7);
  });

  it('holds |real weight − weight| within half a step of each connection', () => {
    fc.assert(
      fc.property(randomNet, options, (net, chosen) => {
        const quantized = quantize(net, chosen);
        for (const name of ['fc', 'rec', 'read']) {
          const wanted = Array.from((net.graph.nodes.get(name)!.parameters.weight as Tensor).data);
          const real = realOf(quantized, name);
          const integers = integersOf(quantized, name);
          const columns = (net.graph.nodes.get(name)!.parameters.weight as Tensor).shape[1]!;
          wanted.forEach((w, k) => {
            // The step is what one integer is worth in this row.
            const row = Math.floor(k / columns) * columns;
            const other = Array.from({ length: columns }, (_, i) => row + i).find((at) => integers[at] !== 0);
            if (other === undefined) return;
            const step = real[other]! / integers[other]!;
            expect(Math.abs(real[k]! - w)).toBeLessThanOrEqual(step * 0.5 * (1 + 1e-9));
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('spikes at v > k exactly where the real numbers do', () => {
    fc.assert(
      fc.property(randomNet, options, (net, chosen) => {
        const { threshold, scale, fraction } = wholeConstants(quantize(net, chosen), 'lif');
        const theta = (net.graph.nodes.get('lif')!.parameters.v_threshold as Tensor).data[0]!;
        const real = (v: number, i: number) => (v * scale[i]!) / 2 ** fraction;
        threshold!.forEach((k, i) => {
          if (net.semantics.threshold === 'gt') {
            expect(real(k, i) > theta).toBe(false);
            expect(real(k + 1, i) > theta).toBe(true);
          } else {
            expect(real(k, i) >= theta).toBe(false);
            expect(real(k + 1, i) >= theta).toBe(true);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps every sum within 32 bits and every constant within the membrane', () => {
    fc.assert(
      fc.property(randomNet, options, (net, chosen) => {
        const quantized = quantize(net, chosen);
        const { neurons, connections } = quantized.quantization!;
        const lif = wholeConstants(quantized, 'lif');
        const size = lif.scale.length;
        const inputs = integersOf(quantized, 'fc').length / size;
        const most = net.semantics.spikesPerStep === 'many' ? 127n : 1n;
        for (let o = 0; o < size; o++) {
          const sum = (name: string, columns: number, n: bigint) =>
            integersOf(quantized, name)
              .slice(o * columns, (o + 1) * columns)
              .reduce((total, q) => total + BigInt(Math.abs(q)) * 2n ** BigInt(connections.get(name)!.shift) * n, 0n);
          const worst = sum('fc', inputs, 1n) + sum('rec', size, most);
          const shifted = lif.fraction >= 0 ? worst << BigInt(lif.fraction) : worst >> BigInt(-lif.fraction);
          expect(shifted + BigInt(Math.abs(lif.bias[o]!))).toBeLessThan(2n ** 31n);
          expect(Math.abs(lif.threshold![o]!)).toBeLessThanOrEqual(2 ** (chosen.membraneBits - 3));
          const held = 2 ** (chosen.membraneBits - 1);
          for (const values of [lif.reset, lif.subtract, lif.initial, lif.minimum]) {
            if (values) expect(Math.abs(values[o]!)).toBeLessThan(held);
          }
        }
        expect(new Set(neurons.get('li')!.scale).size).toBe(1);
        expect(neurons.get('li')!.handOn).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it('gives a strong branch an h, so that a weak one keeps its precision', () => {
    const random = new RandomGenerator(3, 'branches');
    const strong = normal(random, [8, 20], 5);
    const weak = normal(random, [8, 20], 0.02);
    const net = model(
      {
        in: ['Input', shape(20)],
        a: ['Linear', { weight: strong }],
        b: ['Linear', { weight: weak }],
        if: ['IF', { v_threshold: scalar(0.01) }],
        out: ['Output', {}],
      },
      [
        ['in', 'a'],
        ['in', 'b'],
        ['a', 'if'],
        ['b', 'if'],
        ['if', 'out'],
      ],
    );
    const { connections } = quantizationReport(net, quantize(net, { bits: 4 }));
    const alone = quantize(
      {
        ...net,
        graph: {
          nodes: net.graph.nodes,
          edges: net.graph.edges.filter(({ source, target }) => source !== 'a' && target !== 'a'),
        },
      },
      { bits: 4 },
    );
    const errorAlone = quantizationReport(net, alone).connections.find(({ node }) => node === 'b')!.relativeError;
    const errors = Object.fromEntries(connections.map(({ node, relativeError }) => [node, relativeError]));
    expect(connections.find(({ node }) => node === 'a')!.shift).toBe(8);
    // h is a power of two: at worst a step doubles.
    expect(errors.b).toBeLessThan(2 * errorAlone);
    expect(errors.a).toBeLessThan(2 * errorAlone);
  });

  it('shares a unit among the pixels of a channel and folds average pooling before and behind the weights', () => {
    const random = new RandomGenerator(5, 'conv');
    const weight = normal(random, [3, 2, 3, 3], 0.4);
    const net = model(
      {
        in: ['Input', shape(2, 12, 12)],
        before: ['AvgPool2d', { kernel_size: scalar(2), stride: scalar(2) }],
        conv: ['Conv2d', { weight, bias: list([0.1, 0, -0.1]) }],
        behind: ['SumPool2d', { kernel_size: scalar(2), stride: scalar(2) }],
        if: ['IF', { r: scalar(1000), v_threshold: scalar(1) }],
        out: ['Output', {}],
      },
      [
        ['in', 'before'],
        ['before', 'conv'],
        ['conv', 'behind'],
        ['behind', 'if'],
        ['if', 'out'],
      ],
    );
    const quantized = quantize(net, { bits: 8 });
    const lif = quantized.quantization!.neurons.get('if')!;
    for (let channel = 0; channel < 3; channel++) {
      const largest = Math.max(...Array.from(weight.data.slice(channel * 18, channel * 18 + 18), Math.abs));
      expect(lif.scale[channel]).toBeCloseTo(largest / 4 / 127, 12);
      // Four conv pixels with the bias of the channel come together in each pooled pixel.
      const bias = (4 * [0.1, 0, -0.1][channel]!) / lif.scale[channel]!;
      expect(lif.bias[channel]).toBe(Math.round(bias * 2 ** lif.fraction));
    }
    expect([lif.scale, lif.bias, lif.threshold!, lif.decay].map(({ length }) => length)).toEqual([3, 3, 3, 1]);
    const real = realOf(quantized, 'conv');
    weight.data.forEach((w, k) => {
      expect(Math.abs(real[k]! - w)).toBeLessThanOrEqual((4 * lif.scale[Math.floor(k / 18)]! * (1 + 1e-9)) / 2);
    });
  });

  it('never rounds the step of reset "subtract" to nothing', () => {
    const net = model(
      {
        in: ['Input', shape(2)],
        fc: [
          'Linear',
          {
            weight: matrix([
              [1e-6, 0],
              [0, 1],
            ]),
          },
        ],
        if: ['IF', { r: scalar(1000), v_threshold: list([0.5, 0.5]), v_reset: list([0.4999999, 0]) }],
      },
      [
        ['in', 'fc'],
        ['fc', 'if'],
      ],
      { reset: 'subtract', spikesPerStep: 'many' },
    );
    const { subtract } = quantize(net, { bits: 8, membraneBits: 16 }).quantization!.neurons.get('if')!;
    expect(subtract![0]).toBe(1);
    expect(subtract![1]).toBeGreaterThan(10);
  });

  it('writes bare edges into populations as Scale nodes of weight 1', () => {
    const net = model(
      {
        in: ['Input', shape(2)],
        a: ['IF', { r: scalar(1000), v_threshold: scalar(1) }],
        b: ['LIF', { tau: scalar(0.01), v_threshold: scalar(0.5) }],
        out: ['Output', {}],
      },
      [
        ['in', 'a'],
        ['a', 'b', 3],
        ['b', 'out'],
      ],
    );
    const quantized = quantize(net, { bits: 8 });
    expect(integersOf(quantized, 'in-a', 'scale')).toEqual([127, 127]);
    expect(realOf(quantized, 'a-b', 'scale')[0]).toBeCloseTo(1, 12);
    expect(quantized.graph.edges).toContainEqual({ source: 'a', target: 'a-b', delay: 3 });
    const resolved = resolveGraph(quantized.graph, quantized.semantics);
    const types = resolved.nodes.map(({ kind }) => kind.type).sort();
    expect(types).toEqual(['IF', 'Input', 'LIF', 'Output', 'Scale', 'Scale']);
  });

  it('dissolves sub-graphs, counts identical edges once and survives the model file', () => {
    const inner = {
      nodes: new Map<string, GraphNode>([
        ['input', { type: 'Input', parameters: {} }],
        ['fc', { type: 'Linear', parameters: { weight: matrix([[1, -0.5]]) } }],
        ['if', { type: 'IF', parameters: { r: scalar(1000), v_threshold: scalar(1) } }],
        ['output', { type: 'Output', parameters: {} }],
      ]),
      edges: [
        { source: 'input', target: 'fc', delay: 0 },
        { source: 'fc', target: 'if', delay: 0 },
        { source: 'if', target: 'output', delay: 0 },
      ],
    };
    const net = model({ in: ['Input', shape(2)], last: ['IF', { v_threshold: scalar(1) }], out: ['Output', {}] }, [
      ['in', 'block'],
      ['block', 'last'],
      ['block', 'last'],
      ['last', 'out'],
    ]);
    const nodes = new Map(net.graph.nodes).set('block', { type: 'NIRGraph', parameters: {}, graph: inner });
    const quantized = quantize({ ...net, graph: { ...net.graph, nodes } }, { bits: 8 });
    expect([...quantized.quantization!.neurons.keys()].sort()).toEqual(['block/if', 'last']);
    const scales = [...quantized.graph.nodes.values()].filter(({ type }) => type === 'Scale');
    expect(scales).toHaveLength(1);
    const read = readModel(writeModel(quantized));
    expect(read.quantization).toEqual(quantized.quantization);
    expect(realOf(read, 'block/fc')).toEqual(realOf(quantized, 'block/fc'));
  });

  it('takes graded input from the calibration or behind an encoder of values, in 127 steps', () => {
    const net = model(
      {
        in: ['Input', shape(2)],
        fc: ['Linear', { weight: matrix([[0.5, 1]]) }],
        if: ['IF', { r: scalar(1000), v_threshold: scalar(1) }],
        out: ['Output', {}],
      },
      [
        ['in', 'fc'],
        ['fc', 'if'],
        ['if', 'out'],
      ],
    );
    const direct = { ...net, encoder: new Map([['in', { type: 'direct', parameters: {} }]]) };
    expect(quantize(direct, { bits: 8 }).quantization!.inputs.get('in')).toEqual({ scale: 1 / 127, maximum: 127 });
    const calibrated = quantize(net, { bits: 8, calibration: { inputs: new Map([['in', 4]]) } });
    expect(calibrated.quantization!.inputs.get('in')).toEqual({ scale: 4 / 127, maximum: 127 });
    expect(realOf(calibrated, 'fc')[1]).toBeCloseTo(1, 12);
    expect(calibrated.quantization!.neurons.get('if')!.scale[0]).toBeCloseTo(4 / 127 / 127, 15);
  });

  it('leaves learned weights their headroom and counts them as ±127 in the bound', () => {
    const pes: LearningDeclaration[] = [{ rule: 'pes', parameters: {} }];
    const net = (weights: number[], learning: LearningDeclaration[]) =>
      model(
        {
          in: ['Input', shape(weights.length)],
          fc: ['Linear', { weight: matrix([weights]) }],
          low: ['Lowpass', { tau: scalar(0.01) }],
          out: ['Output', {}],
        },
        [
          ['in', 'fc'],
          ['fc', 'low'],
          ['low', 'out'],
        ],
        {},
        { fc: learning },
      );
    const integers = integersOf(quantize(net([1, -0.5], pes), { bits: 4 }), 'fc');
    expect(integers).toEqual([64, -32]);
    expect(integersOf(quantize(net([1, -0.5], pes), { bits: 8, headroom: 4 }), 'fc')).toEqual([32, -16]);
    const bounded = net([0, 0], [{ rule: 'pes', parameters: {}, bounds: [-2, 1] }]);
    const quantized = quantize(bounded, { bits: 8 });
    const gain = 0.1;
    expect(quantized.quantization!.neurons.get('low')!.scale[0]).toBeCloseTo((2 * gain) / 127, 12);
    // With both weights at the clip the state goes up to 2·2: it must not saturate when handed on.
    const { handOn, fraction, scale } = quantized.quantization!.neurons.get('low')!;
    expect((4 / scale[0]!) * 2 ** (fraction - handOn!)).toBeLessThanOrEqual(127.5);
    // The smallest g that lets no known range saturate.
    for (let k = 0; k < 400; k++) {
      const states = new Map([['low', 1.002 ** k]]);
      const low = quantize(net([1, -0.5], []), { bits: 8, calibration: { states } }).quantization!.neurons.get('low')!;
      const handed = (states.get('low')! / low.scale[0]!) * 2 ** (low.fraction - low.handOn!);
      expect([k, handed >= 63.75, handed < 127.5]).toEqual([k, true, true]);
    }
    const lines: string[] = [];
    quantize(net([0, 0], pes), { bits: 8, warn: (line) => lines.push(line) });
    expect(lines.join()).toMatch(/"fc" learns from 0 without bounds/);
  });

  it('warns of a leak that 15 bits cannot hold, and of a read-out without a range', () => {
    const net = model(
      {
        in: ['Input', shape(1)],
        fc: ['Linear', { weight: matrix([[1]]) }],
        li: ['LI', { tau: scalar(10) }],
        out: ['Output', {}],
      },
      [
        ['in', 'fc'],
        ['fc', 'li'],
        ['li', 'out'],
      ],
    );
    const lines: string[] = [];
    quantize(net, { bits: 8, warn: (line) => lines.push(line) });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/"li" has no calibrated range: ±1\.00/);
    // 32768·1e-4 = 3.2768 becomes 3.
    expect(lines[1]).toMatch(/tau by up to 9\.2 %/);
  });

  it('bounds an integrator without a range by the steps after which it starts anew', () => {
    const integrator = (sample: Model['sample']) => ({
      ...model(
        {
          in: ['Input', shape(2)],
          fc: ['Affine', { weight: matrix([[3, 4]]), bias: list([0.5]) }],
          sum: ['I', { r: scalar(1 / defaultSemantics.dt) }],
          out: ['Output', {}],
        },
        [
          ['in', 'fc'],
          ['fc', 'sum'],
          ['sum', 'out'],
        ],
      ),
      sample,
    });
    const rangeIn = (steps: number) => {
      const lines: string[] = [];
      quantize(integrator({ steps, between: 'reset' }), { bits: 8, warn: (line) => lines.push(line) });
      expect(lines).toHaveLength(1);
      return Number(/^read-out "sum" has no calibrated range: ±(\S+) is assumed$/.exec(lines[0]!)![1]);
    };
    // Both inputs and the bias in each step, with weights in 127 steps of 4/127.
    expect(rangeIn(1)).toBeCloseTo(7.5, 1);
    expect(rangeIn(6)).toBeCloseTo(45, 0);
    expect(() => quantize(integrator({ steps: 1, between: 'continue' }), { bits: 8 })).toThrow(
      /"sum" \(I\): has no leak and no calibrated range; expected calibration\.states \(quantize --data\)$/,
    );
  });

  it('takes the ceiling of a rectifier for its range where that is lower, and keeps it within the membrane', () => {
    const rectifiers = (ceiling: number) =>
      model(
        {
          in: ['Input', shape(1)],
          fc: ['Linear', { weight: matrix([[3], [2]]) }],
          cells: ['ReLU', { ceiling: scalar(ceiling) }],
          out: ['Output', {}],
        },
        [
          ['in', 'fc'],
          ['fc', 'cells'],
          ['cells', 'out'],
        ],
      );
    const lines: string[] = [];
    const options = { bits: 8, membraneBits: 16, warn: (line: string) => lines.push(line) } as const;
    const [low, high] = [0.5, 1e6].map((ceiling) => quantize(rectifiers(ceiling), options).quantization!.neurons);
    expect(lines).toEqual([expect.stringContaining('±0.500 is assumed'), expect.stringContaining('±3.00 is assumed')]);
    const { scale, fraction, handOn, maximum } = low!.get('cells')!;
    expect((maximum![0]! * scale[0]!) / 2 ** fraction).toBeCloseTo(0.5, 2);
    expect(maximum![0]! / 2 ** handOn!).toBeGreaterThan(63);
    expect([...high!.get('cells')!.maximum!]).toEqual([32767]);
  });

  it('refuses nets without an integer form and says what to do', () => {
    const chain = (...nodes: [string, string, Parameters][]) =>
      model(
        Object.fromEntries(nodes.map(([name, type, parameters]) => [name, [type, parameters]])),
        nodes.slice(1).map(([name], k) => [nodes[k]![0], name] as const),
      );
    const input: [string, string, Parameters] = ['in', 'Input', shape(2)];
    const unit = matrix([
      [1, 0],
      [0, 1],
    ]);
    const neuron: [string, string, Parameters] = ['if', 'IF', { v_threshold: scalar(1) }];
    const series = chain(input, ['a', 'Linear', { weight: unit }], ['b', 'Linear', { weight: unit }], neuron);
    expect(() => quantize(series, { bits: 8 })).toThrow(/"b".*follows the weights of "a".*product of both/);
    const bare = chain(input, ['a', 'Linear', { weight: unit }], ['out', 'Output', {}]);
    expect(() => quantize(bare, { bits: 8 })).toThrow(/"a".*leads to no population.*LI or Lowpass/);
    const negative = chain(input, ['if', 'IF', { v_threshold: scalar(1), r: scalar(-1) }]);
    expect(() => quantize(negative, { bits: 8 })).toThrow(/input gain.*r > 0/);
    const coarse = chain(
      input,
      ['a', 'Linear', { weight: unit }],
      ['if', 'LIF', { tau: scalar(1e-4), v_threshold: scalar(1) }],
    );
    expect(() => quantize(coarse, { bits: 8 })).toThrow(/membrane by -9/);
    const late = chain(input, ['a', 'Affine', { weight: unit, bias: scalar(1) }], neuron);
    const delayed = {
      ...late,
      graph: { ...late.graph, edges: late.graph.edges.map((edge) => ({ ...edge, delay: 1 })) },
    };
    expect(() => quantize(delayed, { bits: 8 })).toThrow(/bias and a delay/);
    const loop = model(
      { in: ['Input', shape(2)], a: ['Flatten', {}], b: ['Flatten', {}], if: neuron.slice(1) as never },
      [
        ['in', 'a'],
        ['a', 'b'],
        ['b', 'a', 1],
        ['b', 'if'],
      ],
    );
    expect(() => quantize(loop, { bits: 8 })).toThrow(/cycle of connections alone/);
    const names = Array.from({ length: 40 }, (_, k) => `f${k}`);
    const braid = model(
      {
        in: ['Input', shape(2)],
        ...Object.fromEntries(names.map((name) => [name, ['Flatten', {}] as [string, Parameters]])),
        if: neuron.slice(1) as never,
      },
      ['in', ...names].flatMap((name, k) => [
        [name, names[k] ?? 'if', 0] as const,
        [name, names[k] ?? 'if', 1] as const,
      ]),
    );
    expect(() => quantize(braid, { bits: 8 })).toThrow(/in more than 1000 ways/);
    const twice = quantize(chain(input, ['a', 'Linear', { weight: unit }], neuron), { bits: 8 });
    expect(() => quantize(twice, { bits: 8 })).toThrow(/is quantised|quantised; expected a float model/);
    expect(() => dequantize(late)).toThrow(/float model/);
    const calibration = { inputs: new Map([['nowhere', 1]]) };
    expect(() => quantize(late, { bits: 8, calibration })).toThrow(/"nowhere".*no Input/);
    const joined = model(
      {
        in: ['Input', shape(2)],
        small: ['ReLU', {}],
        large: ['ReLU', { ceiling: scalar(6) }],
        front: ['Concat', { channels: scalar(4) }],
        behind: ['Concat', { channels: scalar(4), start: scalar(2) }],
        fc: ['Linear', { weight: matrix([[1, 1, 1, 1]]) }],
        li: ['LI', { tau: scalar(1) }],
      },
      [
        ['in', 'small'],
        ['in', 'large'],
        ['small', 'front'],
        ['large', 'behind'],
        ['front', 'fc'],
        ['behind', 'fc'],
        ['fc', 'li'],
      ],
    );
    const ranges = {
      inputs: new Map([['in', 9]]),
      states: new Map([
        ['small', 1],
        ['large', 6],
      ]),
    };
    expect(() => quantize(joined, { bits: 8, calibration: ranges })).toThrow(
      /^integer form of "fc" \(Linear\): gets "small" in units of [\d.]+ and "large" in units of [\d.]+; expected separate weights/,
    );
    for (const error of [series, bare, negative]) {
      expect(() => quantize(error, { bits: 8 })).toThrow(expect.objectContaining({ code: 'unsupported' }));
    }
  });
});

describe('integerFormOf', () => {
  const float = model(
    {
      in: ['Input', shape(2)],
      w: ['Linear', { weight: tensor(Float64Array.of(0.5, 0.25), [1, 2]) }],
      cell: ['LIF', { tau: scalar(0.01), v_threshold: scalar(1) }],
      out: ['Output', {}],
    },
    [
      ['in', 'w'],
      ['w', 'cell'],
      ['cell', 'out'],
    ],
  );
  const integers = quantize(float, { bits: 8, membraneBits: 16 });
  const formWith = (changes: Partial<NeuronQuantization>, whole = integers) => {
    const neurons = new Map(whole.quantization!.neurons);
    neurons.set('cell', { ...neurons.get('cell')!, ...changes });
    const changed = { ...whole, quantization: { ...whole.quantization!, neurons } };
    return integerFormOf(changed, resolveGraph(changed.graph, changed.semantics));
  };
  const rectifier = { type: 'ReLU', parameters: { ceiling: scalar(0.5) } };
  const nodes = new Map([...float.graph.nodes, ['cell', rectifier] as const]);
  const rectified = quantize({ ...float, graph: { ...float.graph, nodes } }, { bits: 8, membraneBits: 16 });
  const one = Int32Array.of(1);

  it('refuses constants beyond the membranes that they belong to', () => {
    expect(formWith({}).wiring.graph.nodes).toHaveLength(4);
    expect(() => formWith({ threshold: Int32Array.of(32768) })).toThrow(/beyond its membranes of 16 bits/);
    expect(() => formWith({ initial: Int32Array.of(-32769) })).toThrow(/beyond its membranes of 16 bits/);
    expect(() => formWith({ decay: Int32Array.of(-(2 ** 15)) })).toThrow(/factor of −1/);
    expect(formWith({ decay: Int32Array.of(2 ** 15) }).largestSums.size).toBe(1);
    expect(formWith({ maximum: Int32Array.of(32767) }, rectified).largestSums.size).toBe(1);
    expect(() => formWith({ maximum: Int32Array.of(32768) }, rectified)).toThrow(/beyond its membranes of 16 bits/);
  });

  it('checks sums with the bias that each neuron shares with others', () => {
    const weight = tensor(new Float64Array(8).fill(0.5), [4, 2]);
    const four = new Map([...float.graph.nodes, ['w', { type: 'Linear', parameters: { weight } }] as const]);
    const whole = quantize({ ...float, graph: { ...float.graph, nodes: four } }, { bits: 8 });
    const most = 2 ** 31 - 1;
    expect(formWith({ bias: Int32Array.of(0, 1) }, whole).largestSums.get(2)).toHaveLength(4);
    expect(() => formWith({ bias: Int32Array.of(0, most) }, whole)).toThrow(/beyond 32 bits at neuron 2;/);
    expect(() => formWith({ bias: Int32Array.of(-most, 0) }, whole)).toThrow(/beyond 32 bits at neuron 0;/);
  });

  it.each<[string, Partial<NeuronQuantization>]>([
    ['what a spike takes away, beside what it resets to', { subtract: one }],
    ['a synaptic current', { current: { decay: one, gain: one, bias: one, initial: one } }],
    ['a floor', { minimum: one }],
    ['a ceiling', { maximum: one }],
    ['a number that it hands on', { handOn: 1 }],
    ['a threshold that adapts', { adaptation: { fraction: 0, decay: one, rise: one, initial: one } }],
  ])('refuses constants of what a node has not: %s', (_what, changes) => {
    expect(() => formWith(changes)).toThrow(/"cell" \(LIF\): lacks constants of the integer form, or has others/);
  });

  it.each(['minimum', 'maximum'] as const)('refuses a rectifier with a ceiling that lacks its %s', (key) => {
    const { [key]: _, ...rest } = rectified.quantization!.neurons.get('cell')!;
    const neurons = new Map([['cell', rest as NeuronQuantization]]);
    const without = { ...rectified, quantization: { ...rectified.quantization!, neurons } };
    expect(() => integerFormOf(without, resolveGraph(without.graph, without.semantics))).toThrow(/lacks constants/);
  });

  it.each(['inputs', 'connections', 'neurons'] as const)(
    'turns no model into real numbers that lacks its %s',
    (part) => {
      const without = { ...integers, quantization: { ...integers.quantization!, [part]: new Map() } };
      expect(() => dequantize(without)).toThrow(/lacks constants of the integer form/);
      expect(() => dequantize(without)).toThrow(expect.objectContaining({ code: 'graph' }));
    },
  );
});
