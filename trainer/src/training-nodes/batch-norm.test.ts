import { EventBuffer, engineNamed } from '@spikewire/engine';
import {
  elementCount,
  type Model,
  parseModel,
  RandomGenerator,
  readParameters,
  resolveGraph,
  type Shape,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { add, filled, multiply } from '../graph/operations/elementwise.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { given, type Value } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { placeNodes } from '../lowering/placed.ts';
import { Signal } from '../lowering/signal.ts';
import { stbp } from '../methods/stbp.ts';
import { netFor, type TrainNetParameters } from '../runs/gradient/train-net.ts';
import { withTestPart } from '../samples/test-part.ts';
import { lowerPlan, planOf, type TrainingPlan, trainedModel } from '../training/plan.ts';
import { forwardProgram } from '../training/programs.ts';
import { batchNormNode } from './batch-norm.ts';

const EPSILON = 1e-5;

const random = (name: string) => {
  const generator = new RandomGenerator(3, name);
  return (shape: Shape, low = -1, high = 1) =>
    Float32Array.from({ length: elementCount(shape) }, () => low + (high - low) * generator.nextUniform());
};

/** Numbers of [rows, channels, places], channel by channel. */
function byChannel(x: ArrayLike<number>, [rows, channels, ...pixels]: Shape): number[][] {
  const size = elementCount(pixels);
  const all = Array.from({ length: rows! * size }, (_, k) => k);
  return Array.from({ length: channels! }, (_, c) =>
    all.map((k) => x[(Math.floor(k / size) * channels! + c) * size + (k % size)]!),
  );
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

const KEYS = ['scale', 'offset', 'mean', 'variance'] as const;

/** The node over a signal, and every number that it is given. */
function lowered(shape: Shape, gain: number, learns: boolean) {
  const [draw, channels] = [random(`${shape}`), [shape[1]!]];
  const numbers = new Map<string, Float32Array>([['x', draw(shape)]]);
  for (const key of KEYS) numbers.set(key, draw(channels, 0.5, 1.5));
  const arrays = new Map<string, Value>(KEYS.map((key) => [key, given(key, channels)]));
  const node = batchNormNode(gain).lower((key) => arrays.get(key)!, learns);
  const x = given('x', shape);
  // Two steps, each with half of the rows.
  const { rows } = node.over(Signal.ofRows(x, 2));
  return { x, rows, next: node.next!, numbers, arrays };
}

describe.each<[Shape]>([[[8, 3]], [[4, 2, 3, 2]]])('batch norm of %j', (shape) => {
  it('takes mean and deviation of each channel over samples, steps and places while it learns', () => {
    const { rows, next, numbers } = lowered(shape, 0.7, true);
    const found = interpret(programOf({ rows, ...next }), numbers);
    const [scale, offset] = [numbers.get('scale')!, numbers.get('offset')!];
    for (const [c, values] of byChannel(numbers.get('x')!, shape).entries()) {
      const [m, v] = [mean(values), variance(values)];
      const expected = values.map((x) => (scale[c]! * 0.7 * (x - m)) / Math.sqrt(v + EPSILON) + offset[c]!);
      for (const [k, y] of byChannel(found.get('rows')!, shape)[c]!.entries()) expect(y).toBeCloseTo(expected[k]!, 9);
      expect(found.get('mean')![c]).toBeCloseTo(0.9 * numbers.get('mean')![c]! + 0.1 * m, 9);
      const unbiased = (v * values.length) / (values.length - 1);
      expect(found.get('variance')![c]).toBeCloseTo(0.9 * numbers.get('variance')![c]! + 0.1 * unbiased, 9);
    }
  });

  it('takes the running ones when it is evaluated, and its fold is the same', () => {
    const { rows, numbers } = lowered(shape, 0.7, false);
    const found = byChannel(interpret(programOf({ rows }), numbers).get('rows')!, shape);
    const [scale, offset, m, v] = KEYS.map((key) => numbers.get(key)!) as [Float32Array, ...Float32Array[]];
    const { factors, summands } = batchNormNode(0.7).fold!((key) => numbers.get(key)!);
    for (const [c, values] of byChannel(numbers.get('x')!, shape).entries()) {
      for (const [k, x] of values.entries()) {
        const expected = (scale[c]! * 0.7 * (x - m![c]!)) / Math.sqrt(v![c]! + EPSILON) + offset![c]!;
        expect(found[c]![k]).toBeCloseTo(expected, 9);
        expect(factors[c]! * x + summands[c]!).toBeCloseTo(expected, 9);
      }
    }
  });

  it('has the gradients of central differences, through mean and deviation', () => {
    const { x, rows, numbers: single, arrays } = lowered(shape, 0.7, true);
    const numbers = new Map([...single].map(([name, values]) => [name, Float64Array.from(values)]));
    const weights = Float64Array.from(random('weights')(shape));
    numbers.set('weights', weights);
    const weighted = multiply(multiply(rows, rows), given('weights', shape));
    const loss = sumTo(add(weighted, rows), []);
    const wanted = [x, arrays.get('scale')!, arrays.get('offset')!];
    const names = ['x', 'scale', 'offset'];
    const gradients = gradientsOf(loss, filled([], 1), wanted);
    const found = interpret(programOf(Object.fromEntries(names.map((name, k) => [name, gradients[k]!]))), numbers);
    const forward = programOf({ loss });
    const at = () => interpret(forward, numbers).get('loss')![0]!;
    for (const name of names) {
      const values = numbers.get(name)!;
      for (let i = 0; i < values.length; i++) {
        const kept = values[i]!;
        values[i] = kept + 1e-5;
        const above = at();
        values[i] = kept - 1e-5;
        const difference = (above - at()) / 2e-5;
        values[i] = kept;
        expect(Math.abs(found.get(name)![i]! - difference), `${name}[${i}]`).toBeLessThan(1e-6);
      }
    }
  });
});

const images = {
  ...{ name: 'images', classes: ['a', 'b', 'c'], shape: [2, 6, 6] },
  ...{ samples: [new Float32Array(72).fill(1)], labels: Int32Array.of(0) },
};

/** A net that nobody has trained, with biases, and with arrays as a training might leave them. */
function netOf(arch: string, seed: number, changes: object = {}) {
  const chosen = readParameters('stbp', { arch, steps: 8, ...changes }, stbp.parameters);
  const net = netFor({ data: images, seed }, chosen as unknown as TrainNetParameters);
  const draw = random(`${arch} ${seed}`);
  for (const { parameters } of net.model.graph.nodes.values()) {
    const { bias } = parameters;
    if (typeof bias === 'object') (bias.data as Float32Array).set(draw(bias.shape, -0.3, 0.3));
  }
  const plan = planOf(net.model, net);
  const arrays = new Map(plan.learned.map(({ name, start }) => [name, start.slice()]));
  for (const { name, arrays: own } of plan.trainingNodes) {
    for (const [key, { shape }] of Object.entries(own)) {
      const [low, high] = key === 'variance' ? [0.05, 0.5] : key === 'scale' ? [0.5, 2] : [-0.3, 0.9];
      arrays.set(`${name}.${key}`, draw(shape, low, high));
    }
  }
  return { plan, arrays, sample: draw(images.shape, 0, 1) };
}

/** The spikes of all neurons, step by step, as `<node> <index> <step>`. */
function spikesOfPlan(plan: TrainingPlan, arrays: ReadonlyMap<string, Float32Array>, sample: Float32Array): string[] {
  const { signals, populations } = lowerPlan(plan, 1, false);
  const parts = [...populations.keys()].flatMap((name) =>
    signals.get(name)!.parts.map((part, step) => [name, step, part] as const),
  );
  const program = programOf(Object.fromEntries(parts.map(([name, step, part]) => [`${name} ${step}`, part])));
  const found = interpret(program, new Map([...arrays, ['input/in', sample]]));
  return parts.flatMap(([name, step]) =>
    Array.from(found.get(`${name} ${step}`)!).flatMap((spike, i) => (spike === 1 ? [`${name} ${i} ${step}`] : [])),
  );
}

function spikesOfEngine(model: Model, sample: Float32Array): string[] {
  const network = engineNamed('clocked').load(model);
  const { nodes } = network.graph;
  const spikes: string[] = [];
  for (let step = 0; step < model.sample.steps; step++) {
    const [arriving, leaving, raster] = [new EventBuffer(100), new EventBuffer(100), new EventBuffer(1000)];
    const input = nodes.findIndex(({ name }) => name === 'in');
    for (const [i, value] of sample.entries()) arriving.push(0, input, i, value);
    network.run(1, arriving, leaving, raster);
    for (let k = 0; k < raster.length; k++) spikes.push(`${nodes[raster.node[k]!]!.name} ${raster.index[k]} ${step}`);
  }
  return spikes;
}

const NETS: readonly [string, object][] = [
  ['72-bn-20-tdbn-10-3', {}],
  ['72-tdbn0.5-20-bn-3', { threshold: 0.6, reset: 'value', integrate: 'exact' }],
  ['4C3-bn-5C2-tdbn-3', { threshold: 0.4 }],
  ['bn-4C3-P2-tdbn-R8-drop0.5-bn-+8-bn-3', { neuron: 'cubalif', tau: 0.002 }],
];

describe.each(NETS)('%s', (arch, changes) => {
  it('spikes on the clocked engine, folded, as its graph in evaluation form does', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { plan, arrays, sample } = netOf(arch, seed, changes);
      const expected = spikesOfPlan(plan, arrays, sample);
      const folded = trainedModel(plan, arrays);
      expect(expected.length).toBeGreaterThan(10);
      expect(spikesOfEngine(folded, sample).sort()).toEqual(expected.sort());
      expect(spikesOfEngine(plan.model, sample).sort()).not.toEqual(expected);
      expect([...folded.graph.nodes.keys()]).toEqual([...plan.model.graph.nodes.keys()]);
    }
  });

  it('is evaluated by ONNX Runtime as by its formulas', async () => {
    const { plan, arrays, sample } = netOf(arch, 1, changes);
    const program = forwardProgram(plan, 1);
    const inputs = { ...Object.fromEntries(arrays), 'input/in': sample, targets: Float32Array.of(0, 1, 0) };
    const outputs = { losses: new Float32Array(1), answers: new Float32Array(3) };
    const executable = await onnxRuntime(1).compile(program);
    await executable.run(inputs, outputs);
    await executable.close();
    const expected = interpret(program, new Map(Object.entries(inputs)));
    expect(Array.from(outputs.answers)).toEqual(
      Array.from(expected.get('answers')!, (answer) => expect.closeTo(answer, 5)),
    );
    expect(outputs.losses[0]).toBeCloseTo(expected.get('losses')![0]!, 5);
  });
});

describe('a run with batch norm', () => {
  const open = (backend = interpreter) => {
    const chosen = { arch: '3-bn-16-drop0.3-tdbn-3', steps: 4, epochs: 2, batch: 20 };
    const site = { data: withTestPart(clouds(200)), backend, seed: 2 };
    return stbp.start(site, readParameters('stbp', chosen, stbp.parameters));
  };

  it.each([interpreter, onnxRuntime(1)])(
    'goes on bit for bit with its running statistics, on $name',
    async (backend) => {
      const [whole, part, resumed] = await Promise.all([open(backend), open(backend), open(backend)]);
      for (let k = 0; k < 10; k++) await whole.step();
      for (let k = 0; k < 4; k++) await part.step();
      await resumed.restore(structuredClone(part.save()), 'test');
      for (let k = 4; k < 10; k++) await resumed.step();
      expect(resumed.save()).toEqual(whole.save());
      expect(resumed.model(resumed.save())).toEqual(whole.model(whole.save()));
      const { arrays } = whole.save();
      expect(Math.abs(Number(arrays['layer1.batch-norm.mean']![0]))).toBeGreaterThan(0.01);
      for (const run of [whole, part, resumed]) await run.close();
    },
  );

  it('does not learn the biases in front, which the mean takes away', async () => {
    const run = await open();
    const { arrays } = run.save();
    expect(Array.from(arrays['layer2.batch-norm.variance']!)).toEqual([1, 1, 1]);
    expect(Array.from(arrays['layer2.batch-norm.mean']!)).toEqual([0, 0, 0]);
    expect(Object.keys(arrays).filter((name) => !name.includes('/'))).toEqual([
      'layer1.weight',
      ...KEYS.slice(0, 2).map((key) => `layer1.batch-norm.${key}`),
      'layer2.weight',
      ...KEYS.slice(0, 2).map((key) => `layer2.batch-norm.${key}`),
      ...KEYS.slice(2).map((key) => `layer1.batch-norm.${key}`),
      ...KEYS.slice(2).map((key) => `layer2.batch-norm.${key}`),
    ]);
  });
});

it.each([
  ['nowhere', /^batch-norm behind node "nowhere": has no such node; expected in, /],
  [
    'cells',
    /^batch-norm behind node "cells": cannot be folded into it; expected an Affine or a convolution with a bias/,
  ],
  ['plain', /^batch-norm behind node "plain": cannot be folded/],
  ['back', /^node "back.batch-norm": lies in a cycle; expected one that needs no other step$/],
])('is refused behind %s in one line', (behind, line) => {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      plain: { type: 'Linear', weight: [[1, 2]] },
      cells: { type: 'LIF', tau: 0.01, v_threshold: 1 },
      back: { type: 'Affine', weight: [[1]], bias: [0] },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'plain'],
      ['plain', 'cells'],
      ['cells', 'back', { delay: 1 }],
      ['back', 'cells'],
      ['cells', 'out'],
    ],
    encoder: { in: { type: 'direct' } },
  });
  const parts = netFor({ model, data: images, seed: 1 }, readParameters('stbp', {}, stbp.parameters) as never);
  const lower = () =>
    lowerPlan(planOf(model, { ...parts, trainingNodes: [{ behind, node: batchNormNode(1) }] }), 2, true);
  expect(lower).toThrow(line);
});

it('is refused behind matrices with leading dimensions, whose rows are no channels', () => {
  const { graph, semantics } = parseModel({
    nodes: {
      in: { type: 'Input', shape: [2, 1] },
      rows: {
        type: 'Affine',
        weight: [
          [[1], [2]],
          [[3], [4]],
        ],
        bias: [0, 0],
      },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'rows'],
      ['rows', 'out'],
    ],
  });
  const placements = [{ behind: 'rows', node: batchNormNode(1) }];
  expect(() => placeNodes(resolveGraph(graph, semantics), placements)).toThrow(/node "rows": cannot be folded into it/);
});
