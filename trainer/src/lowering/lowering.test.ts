import { EventBuffer, referenceEngine } from '@spikewire/engine';
import {
  elementCount,
  type Model,
  parseModel,
  RandomGenerator,
  type ResolvedGraph,
  resolveGraph,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { add, filled, multiply } from '../graph/operations/elementwise.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { type LearnedChoice, learnedParametersOf, withLearned } from './learned.ts';
import { type LoweredGraph, lowerGraph } from './lower.ts';

const BATCH = 2;
const STEPS = 7;

/** Weights in ±reach around `middle`, nested to a shape, the same in every run. */
function draw(shape: readonly number[], reach = 1, middle = 0.15): unknown {
  const random = new RandomGenerator(shape.length, `${shape}`);
  const nest = ([size, ...rest]: readonly number[]): unknown =>
    size === undefined
      ? middle + reach * (2 * random.nextUniform() - 1)
      : Array.from({ length: size }, () => nest(rest));
  return nest(shape);
}

const dense = (outputs: number, inputs: number) => ({ type: 'Linear', weight: draw([outputs, inputs]) });
const input = (...shape: number[]) => ({ type: 'Input', shape });
const output = { type: 'Output' };
const lif = { type: 'LIF', tau: 0.003, r: 3, v_threshold: 0.4 };
const euler = { reset: 'subtract' };
/** An answer by the mean of each of three channels of `more`. */
const answer = {
  nodes: {
    all: { type: 'GlobalAvgPool2d' },
    flat: { type: 'Flatten' },
    factors: { type: 'Scale', scale: [2.5, 1.7, 1.9] },
    last: lif,
    out: output,
  },
  edges: [
    ['more', 'all'],
    ['all', 'flat'],
    ['flat', 'factors'],
    ['factors', 'last'],
    ['last', 'out'],
  ],
};

/** Nets of every structure and form of neuron, each with something that a chain of layers does not have. */
const nets: Readonly<Record<string, { nodes: object; edges: unknown[]; semantics?: object }>> = {
  'dense layers with biases': {
    nodes: {
      in: input(6),
      a: { type: 'Affine', weight: draw([5, 6]), bias: draw([5]) },
      cells: { ...lif, v_leak: 0.05, v_initial: 0.1 },
      b: { type: 'Affine', weight: draw([3, 5]), bias: 0.2 },
      last: { ...lif, tau: [0.002, 0.003, 0.004] },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'b'],
      ['b', 'last'],
      ['last', 'out'],
    ],
    semantics: euler,
  },
  'matrices with leading dimensions': {
    nodes: {
      in: input(2, 4),
      a: { type: 'Affine', weight: draw([2, 3, 4]), bias: draw([3]) },
      cells: lif,
      b: { type: 'Affine', weight: draw([2, 2, 3]), bias: draw([2, 2]) },
      last: lif,
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'b'],
      ['b', 'last'],
      ['last', 'out'],
    ],
  },
  'a recurrent net with delays': {
    nodes: {
      in: input(4),
      a: dense(5, 4),
      cells: { ...lif, v_reset: 0.1 },
      again: { type: 'Affine', weight: draw([5, 5]), bias: draw([5], 0.1, 0) },
      b: dense(3, 5),
      last: { ...lif, semantics: { integrate: 'exact' } },
      back: dense(5, 3),
      out: output,
    },
    edges: [
      ['in', 'a', { delay: 1 }],
      ['a', 'cells'],
      ['cells', 'again', { delay: 2 }],
      ['again', 'cells'],
      ['cells', 'b'],
      ['b', 'last'],
      ['last', 'back', { delay: 1 }],
      ['back', 'cells', { delay: 1 }],
      ['last', 'out', { delay: 1 }],
    ],
  },
  'adapting cells that rest and inhibit each other': {
    nodes: {
      in: input(4),
      a: dense(5, 4),
      cells: { ...lif, type: 'ALIF', theta_plus: 0.2, tau_theta: 0.005, beta: 0.1, tau_ref: 0.002 },
      others: { type: 'AllButOne', weight: -0.3 },
      b: dense(3, 5),
      last: { type: 'ALIF', tau: 0.004, r: 4, v_leak: 0.02, v_threshold: 0.3, theta_plus: 0.1, theta_initial: 0.05 },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'others', { delay: 1 }],
      ['others', 'cells'],
      ['cells', 'b'],
      ['b', 'last'],
      ['last', 'out'],
    ],
    semantics: euler,
  },
  'synaptic currents, a floor, and rests of different length': {
    nodes: {
      in: input(4),
      a: dense(5, 4),
      cells: {
        type: 'CubaLIF',
        tau_syn: 0.002,
        tau_mem: 0.004,
        r: 4,
        w_in: 2,
        v_threshold: 0.4,
        v_reset: 0.05,
        v_min: -0.3,
      },
      b: dense(3, 5),
      last: { ...lif, tau_ref: [0, 0.001, 0.002], v_threshold: [0.2, 0.3, 0.4] },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'b'],
      ['b', 'last'],
      ['last', 'out'],
    ],
    semantics: { integrate: 'exact', threshold: 'ge' },
  },
  'a residual branch, without leak': {
    nodes: {
      in: input(5),
      a: dense(5, 5),
      cells: { type: 'IF', r: 1000, v_threshold: 0.6 },
      b: dense(5, 5),
      sum: { type: 'Threshold', threshold: 0.3 },
      c: dense(3, 5),
      last: { type: 'IF', r: 800, v_threshold: 0.5 },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'b'],
      ['b', 'sum'],
      ['cells', 'sum'],
      ['sum', 'c'],
      ['c', 'last'],
      ['last', 'out'],
    ],
    semantics: euler,
  },
  'sparse synapses and elements that pass late': {
    nodes: {
      in: input(4),
      late: { type: 'Delay', delay: [0.001, 0.003, 0.001, 0.002] },
      a: { type: 'Sparse', outputs: 5, offset: [0, 2, 3, 5, 7], target: [0, 3, 1, 2, 4, 0, 4], weight: draw([7]) },
      cells: lif,
      b: { type: 'Sparse', outputs: 3, offset: [0, 1, 2, 3, 5, 6], target: [0, 1, 2, 0, 1, 2], weight: 0.7 },
      last: lif,
      out: output,
    },
    edges: [
      ['in', 'late'],
      ['late', 'a'],
      ['a', 'cells'],
      ['cells', 'b'],
      ['b', 'last'],
      ['last', 'out'],
    ],
  },
  'convolutions of all kinds, pooling, factors and a sub-graph': {
    nodes: {
      in: input(2, 7, 6),
      a: { type: 'Conv2d', weight: draw([4, 1, 3, 2]), bias: draw([4]), stride: [2, 1], padding: 1, groups: 2 },
      cells: lif,
      mean: { type: 'AvgPool2d', kernel_size: 2, stride: 1 },
      factor: { type: 'Scale', scale: 1.3 },
      inside: {
        type: 'NIRGraph',
        nodes: {
          in: { type: 'Input', shape: [4, 3, 6] },
          conv: { type: 'Conv2d', weight: draw([3, 4, 2, 2]), dilation: [1, 2] },
          out: { type: 'Output', shape: [3, 2, 4] },
        },
        edges: [
          ['in', 'conv'],
          ['conv', 'out'],
        ],
      },
      more: lif,
      sum: { type: 'SumPool2d', kernel_size: [2, 4], stride: [2, 4] },
      flat: { type: 'Flatten' },
      factors: { type: 'Scale', scale: [0.5, 0.7, 0.9] },
      last: lif,
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'mean'],
      ['mean', 'factor'],
      ['factor', 'inside'],
      ['inside', 'more'],
      ['more', 'sum'],
      ['sum', 'flat'],
      ['flat', 'factors'],
      ['factors', 'last'],
      ['last', 'out'],
    ],
    semantics: euler,
  },
  'a net that goes down and up again, joined to what was before': {
    nodes: {
      in: input(2, 4, 6),
      a: { type: 'Conv2d', weight: draw([3, 2, 3, 3]), bias: draw([3]), padding: 'same' },
      cells: lif,
      mean: { type: 'AvgPool2d', kernel_size: 2, stride: 2 },
      b: { type: 'Conv2d', weight: draw([2, 3, 1, 1]) },
      deep: { ...lif, r: 5 },
      up: { type: 'Upsample2d', scale_factor: 2 },
      before: { type: 'Concat', channels: 5 },
      earlier: { type: 'Concat', channels: 5, start: 2 },
      c: { type: 'Conv2d', weight: draw([3, 5, 3, 3]), padding: 'same' },
      more: lif,
      ...answer.nodes,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'mean'],
      ['mean', 'b'],
      ['b', 'deep'],
      ['deep', 'up'],
      ['up', 'before'],
      ['before', 'c'],
      ['cells', 'earlier'],
      ['earlier', 'c'],
      ['c', 'more'],
      ...answer.edges,
    ],
    semantics: euler,
  },
  'transposed convolutions': {
    nodes: {
      in: input(4, 3, 4),
      a: {
        type: 'ConvTranspose2d',
        weight: draw([6, 2, 3, 2]),
        bias: draw([6]),
        ...{ stride: [2, 3], padding: [1, 0], output_padding: [1, 0], groups: 2 },
      },
      cells: lif,
      b: { type: 'ConvTranspose2d', weight: draw([3, 6, 2, 2]), padding: [2, 1], dilation: [2, 1] },
      more: lif,
      ...answer.nodes,
    },
    edges: [['in', 'a'], ['a', 'cells'], ['cells', 'b'], ['b', 'more'], ...answer.edges],
    semantics: euler,
  },
  'convolutions along one axis': {
    nodes: {
      in: input(2, 9),
      a: { type: 'Conv1d', weight: draw([4, 2, 3]), bias: draw([4]), stride: 2 },
      cells: lif,
      mean: { type: 'AvgPool1d', kernel_size: 2, stride: 2 },
      b: { type: 'Conv1d', weight: draw([3, 4, 2]) },
      last: lif,
      flat: { type: 'Flatten' },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'mean'],
      ['mean', 'b'],
      ['b', 'last'],
      ['last', 'flat'],
      ['flat', 'out'],
    ],
    semantics: euler,
  },
  'max pooling by count and by the first arrival, over windows that overlap and of a sum that comes back': {
    nodes: {
      in: input(2, 6, 5),
      a: { type: 'Conv2d', weight: draw([3, 2, 2, 2]), bias: draw([3]) },
      early: { type: 'MaxPool2d', kernel_size: [2, 1], stride: 1, winner: 'first' },
      cells: lif,
      counted: { type: 'MaxPool2d', kernel_size: [3, 2], stride: [2, 1], padding: [1, 0] },
      b: { type: 'Conv2d', weight: draw([3, 3, 1, 1]) },
      more: lif,
      back: { type: 'MaxPool2d', kernel_size: 1, stride: 1, winner: 'first' },
      first: { type: 'MaxPool2d', kernel_size: [2, 3], stride: [2, 3], padding: [1, 1], winner: 'first' },
      flat: { type: 'Flatten' },
      c: dense(3, 6),
      last: { ...lif, r: 4 },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'early'],
      ['early', 'cells'],
      ['cells', 'counted'],
      ['counted', 'b'],
      ['b', 'more'],
      ['more', 'back'],
      ['back', 'b', { delay: 1 }],
      ['more', 'first'],
      ['first', 'flat'],
      ['flat', 'c'],
      ['c', 'last'],
      ['last', 'out'],
    ],
    semantics: euler,
  },
  conductances: {
    nodes: {
      in: input(4),
      excite: dense(5, 4),
      inhibit: dense(5, 4),
      cells: {
        type: 'ConductanceLIF',
        ...{
          tau: 0.004,
          tau_e: 0.002,
          tau_i: 0.003,
          e_e: 3,
          e_i: -1,
          v_threshold: 0.3,
          theta_plus: 0.1,
          tau_theta: 0.01,
        },
      },
      b: dense(3, 5),
      last: lif,
      out: output,
    },
    edges: [
      ['in', 'excite'],
      ['in', 'inhibit'],
      ['excite', 'cells', { port: 'excitatory' }],
      ['inhibit', 'cells', { port: 'inhibitory' }],
      ['cells', 'b'],
      ['b', 'last'],
      ['last', 'out'],
    ],
  },
  'read-outs of all kinds, one behind the other': {
    nodes: {
      in: input(4),
      a: dense(5, 4),
      low: { type: 'Lowpass', tau: 0.003 },
      b: dense(4, 5),
      cuba: { type: 'CubaLI', tau_syn: 0.002, tau_mem: 0.004, r: 2, w_in: 3, v_leak: 0.1 },
      c: dense(3, 4),
      sum: { type: 'I', r: 300, v_initial: 0.2 },
      li: { type: 'LI', tau: 0.005, r: 5, v_leak: 0.1, v_initial: 0.3 },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'low'],
      ['low', 'b'],
      ['b', 'cuba'],
      ['cuba', 'c'],
      ['c', 'sum'],
      ['sum', 'li'],
      ['li', 'out'],
    ],
  },
  'an analogue net with maxima': {
    nodes: {
      in: input(1, 4, 6),
      a: { type: 'Conv2d', weight: draw([2, 1, 2, 3]), bias: draw([2]) },
      units: { type: 'ReLU' },
      largest: { type: 'MaxPool2d', kernel_size: [3, 2], stride: [3, 2] },
      flat: { type: 'Flatten' },
      b: { type: 'Affine', weight: draw([3, 4]), bias: draw([3]) },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'units'],
      ['units', 'largest'],
      ['largest', 'flat'],
      ['flat', 'b'],
      ['b', 'out'],
    ],
  },
  'an analogue net': {
    nodes: {
      in: input(4),
      a: { type: 'Affine', weight: draw([5, 4]), bias: draw([5]) },
      units: { type: 'ReLU' },
      b: { type: 'Affine', weight: draw([3, 5]), bias: draw([3]) },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'units'],
      ['units', 'b'],
      ['b', 'out'],
    ],
  },
  'an analogue net with ceilings': {
    nodes: {
      in: input(4),
      a: { type: 'Affine', weight: draw([5, 4]), bias: draw([5]) },
      units: { type: 'ReLU', ceiling: [0.2, 0.3, 0.4, 0.5, 0.6] },
      b: { type: 'Affine', weight: draw([3, 5]), bias: draw([3]) },
      out: output,
    },
    edges: [
      ['in', 'a'],
      ['a', 'units'],
      ['units', 'b'],
      ['b', 'out'],
    ],
  },
};

function modelOf(net: string | object): { model: Model; graph: ResolvedGraph } {
  const model = parseModel(typeof net === 'string' ? nets[net]! : net);
  return { model, graph: resolveGraph(model.graph, model.semantics) };
}

interface LowerChoice extends LearnedChoice {
  readonly smooth?: boolean;
  readonly held?: boolean;
}

function lowered(graph: ResolvedGraph, { smooth = false, held = false, ...choice }: LowerChoice = {}) {
  const learned = learnedParametersOf(graph, choice);
  const surrogate = prepared('surrogate', surrogates, 'sigmoid:temperature=1');
  const spikes = { surrogate, smooth, throughReset: smooth };
  const steady = new Set(held ? ['in'] : []);
  const net = lowerGraph(graph, { batch: BATCH, steps: STEPS, held: steady, learned, spikes });
  const numbers = new Map<string, Float64Array>(learned.map(({ name, start }) => [name, Float64Array.from(start)]));
  const random = new RandomGenerator(5, 'input');
  for (const [name, { shape }] of net.inputs) {
    // Half of the numbers are spikes, the others currents.
    const one = () => (random.nextUniform() < 0.5 ? random.nextInteger(2) : random.nextUniform());
    numbers.set(`input/${name}`, Float64Array.from({ length: elementCount(shape) }, one));
  }
  return { net, numbers, learned };
}

/** What every neuron node and the Output emit in each step, [steps·batch, …], by name. */
function emittedIn({ signals, populations }: LoweredGraph) {
  return Object.fromEntries(
    [...populations.keys(), 'out'].map((name) => {
      const { parts } = signals.get(name)!;
      return [name, parts] as const;
    }),
  );
}

describe.each(Object.keys(nets))('%s', (name) => {
  it.each([false, true])(
    'emits what the reference engine does, every node in every step (steady input: %s)',
    (held) => {
      const { model, graph } = modelOf(name);
      const { net, numbers, learned } = lowered(graph, { held });
      // The engine gets the very numbers that are learned, in float32.
      const exact = withLearned(model.graph, learned, new Map(learned.map((each) => [each.name, each.start])));
      const emitted = emittedIn(net);
      for (const [node, parts] of Object.entries(emitted)) expect(parts.length, node).toBe(STEPS);
      const named = Object.entries(emitted).flatMap(([node, parts]) =>
        parts.map((part, step) => [`${node} ${step}`, part] as const),
      );
      const found = interpret(programOf(Object.fromEntries(named)), numbers);
      const network = referenceEngine.load({ ...model, graph: exact });
      const indices = new Map(network.graph.nodes.map((node, index) => [node.name, index]));
      const given = numbers.get('input/in')!;
      const size = elementCount(graph.nodes[0]!.shape);
      let events = 0;
      for (let sample = 0; sample < BATCH; sample++) {
        network.resetActivity();
        for (let step = 0; step < STEPS; step++) {
          const [arriving, leaving, raster] = [new EventBuffer(size), new EventBuffer(1000), new EventBuffer(1000)];
          const row = held ? sample : step * BATCH + sample;
          for (let i = 0; i < size; i++) {
            const value = given[row * size + i]!;
            if (value !== 0) arriving.push(0, indices.get('in')!, i, value);
          }
          network.run(1, arriving, leaving, raster);
          for (const node of Object.keys(emitted)) {
            const { kind, shape } = graph.nodes.find((each) => each.name === node)!;
            if (kind.role === 'neuron' && kind.emits === 'state') continue;
            const buffer = node === 'out' ? leaving : raster;
            const expected = new Float64Array(elementCount(shape));
            for (let k = 0; k < buffer.length; k++) {
              if (buffer.node[k] === indices.get(node)) expected[buffer.index[k]!] = buffer.value[k]!;
            }
            const values = found
              .get(`${node} ${step}`)!
              .subarray(sample * expected.length, (sample + 1) * expected.length);
            for (const [i, value] of expected.entries()) {
              expect(Math.abs(values[i]! - value), `${node}[${i}] in step ${step}`).toBeLessThan(1e-9);
              if (value !== 0) events++;
            }
          }
        }
      }
      expect(events).toBeGreaterThan(2 * BATCH);
    },
  );

  it('has the gradients of central differences, with respect to everything that can be learned', () => {
    const { graph } = modelOf(name);
    const { net, numbers } = lowered(graph, { smooth: true, tau: true, threshold: true });
    const parts = net.signals.get('out')!.parts;
    const loss = parts
      .map((part, step) => sumTo(multiply(part, multiply(part, filled([], step - 2.3))), []))
      .reduce(add);
    const names = [...net.parameters.keys()];
    expect(names.length).toBeGreaterThan(1);
    const gradients = gradientsOf(loss, filled([], 1), [...net.parameters.values()]);
    const found = interpret(programOf(Object.fromEntries(names.map((each, k) => [each, gradients[k]!]))), numbers);
    const forward = programOf({ loss });
    const at = () => interpret(forward, numbers).get('loss')![0]!;
    let largest = 0;
    for (const each of names) {
      const values = numbers.get(each)!;
      const step = 1e-6;
      // Some of the many weights of convolutions; all of the rest.
      for (let i = 0; i < values.length; i += values.length > 30 ? 5 : 1) {
        const kept = values[i]!;
        values[i] = kept + step;
        const above = at();
        values[i] = kept - step;
        const difference = (above - at()) / (2 * step);
        values[i] = kept;
        const gradient = found.get(each)![i]!;
        largest = Math.max(largest, Math.abs(gradient));
        expect(Math.abs(gradient - difference), `${each}[${i}]`).toBeLessThan(1e-6 * Math.max(1, Math.abs(difference)));
      }
    }
    expect(largest).toBeGreaterThan(1e-3);
  });

  it('computes the same as ONNX model, forward and backward', async () => {
    const { graph } = modelOf(name);
    const { net, numbers } = lowered(graph, { tau: true, threshold: true });
    const { parts } = net.signals.get('out')!;
    const loss = parts
      .map((part, step) => sumTo(multiply(part, multiply(part, filled([], step - 2.3))), []))
      .reduce(add);
    const names = [...net.parameters.keys()];
    const gradients = gradientsOf(loss, filled([], 1), [...net.parameters.values()]);
    const program = programOf({ loss, ...Object.fromEntries(names.map((each, k) => [`∂${each}`, gradients[k]!])) });
    const rounded = Object.fromEntries([...numbers].map(([key, values]) => [key, Float32Array.from(values)]));
    const inputs = Object.fromEntries([...program.inputs.keys()].map((key) => [key, rounded[key]!]));
    const outputs = Object.fromEntries(
      [...program.outputs].map(([key, { shape }]) => [key, new Float32Array(elementCount(shape))]),
    );
    const executable = await onnxRuntime(1).compile(program);
    await executable.run(inputs, outputs);
    await executable.close();
    for (const [key, values] of interpret(program, new Map(Object.entries(inputs)))) {
      const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-2);
      for (const [i, value] of values.entries()) {
        expect(Math.abs(outputs[key]![i]! - value), `${key}[${i}]`).toBeLessThan(1e-4 * largest);
      }
    }
  });
});

describe('a reset', () => {
  it.each(['subtract', 'value'] as const)('to %s is left out of the gradient, and nothing else', (reset) => {
    const cells = { type: 'LIF', tau: 0.005, r: 5, v_threshold: 0.4 };
    const { model, graph } = modelOf({
      nodes: { in: input(3), cells, out: output },
      edges: [
        ['in', 'cells'],
        ['cells', 'out'],
      ],
      semantics: { reset },
    });
    const surrogate = prepared('surrogate', surrogates, 'arctan');
    const steady = new Set<string>();
    const net = lowerGraph(graph, { batch: 1, steps: 4, held: steady, learned: [], spikes: { surrogate } });
    const total = net.signals
      .get('out')!
      .parts.map((part) => sumTo(part, []))
      .reduce(add);
    const [gradient] = gradientsOf(total, filled([], 1), [net.inputs.get('in')!]);
    const random = new RandomGenerator(1, 'current');
    const current = Array.from({ length: 12 }, () => 2 * (2 * random.nextUniform() - 1));
    const found = interpret(programOf({ gradient: gradient! }), new Map([['input/in', current]])).get('gradient')!;
    const [decay, threshold] = [1 - model.semantics.dt / 0.005, 0.4];
    // Arctangent with α = 2.
    const slope = (x: number) => 1 / (1 + (Math.PI * x) ** 2);
    for (let neuron = 0; neuron < 3; neuron++) {
      // u_t = Σ β^(t−j)·I_j with what the resets took away held fixed: ∂u_t/∂I_j = β^(t−j), or 0 across a reset to 0.
      const u: number[] = [];
      const s: number[] = [];
      for (let v = 0, t = 0; t < 4; t++) {
        u[t] = decay * v + current[3 * t + neuron]!;
        s[t] = u[t]! > threshold ? 1 : 0;
        v = reset === 'subtract' ? u[t]! - threshold * s[t]! : u[t]! * (1 - s[t]!);
      }
      for (let j = 0; j < 4; j++) {
        const expected = u.slice(j).reduce((sum, membrane, k) => {
          const crossed = reset === 'value' && s.slice(j, j + k).includes(1);
          return crossed ? sum : sum + slope(membrane - threshold) * decay ** k;
        }, 0);
        expect(found[3 * j + neuron]).toBeCloseTo(expected, 12);
      }
    }
  });
});

describe('what was learned', () => {
  it('goes back into the graph, time constants as such, and nothing else changes', () => {
    for (const name of Object.keys(nets)) {
      const { model, graph } = modelOf(name);
      const learned = learnedParametersOf(graph, { tau: true, threshold: true });
      const back = withLearned(model.graph, learned, new Map(learned.map((each) => [each.name, each.start])));
      const again = resolveGraph(back, model.semantics);
      expect(again.edges).toEqual(graph.edges);
      for (const [index, { node }] of graph.nodes.entries()) {
        const now = again.nodes[index]!.node.parameters;
        expect(Object.keys(now)).toEqual(Object.keys(node.parameters));
        for (const [key, value] of Object.entries(node.parameters)) {
          if (typeof value === 'string') continue;
          const found = now[key] as typeof value;
          for (const [i, number] of Array.from(value.data).entries()) expect(found.data[i]).toBeCloseTo(number, 6);
        }
      }
    }
  });

  it('cannot be learned of neurons that are not linear between spikes, which are named', () => {
    const model = parseModel({
      nodes: { in: input(2), w: dense(2, 2), cells: { type: 'Izhikevich' }, out: output },
      edges: [
        ['in', 'w'],
        ['w', 'cells'],
        ['cells', 'out'],
      ],
      semantics: { dt: 0.0005 },
    });
    const graph = resolveGraph(model.graph, model.semantics);
    expect(() => lowered(graph)).toThrow(
      /^node "cells" \(Izhikevich\): cannot be trained by gradient; expected IF, LIF, CubaLIF, ALIF, LI or/,
    );
  });
});
