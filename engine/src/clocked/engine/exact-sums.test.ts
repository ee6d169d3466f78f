import { type Model, parseModel, RandomGenerator, resolveGraph, wire } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { learnedConnections } from '../../learn/learned-connections.ts';
import type { KernelForm } from '../kernels/kernels.ts';
import type { NumberForm } from '../number-form.ts';
import { Structure } from '../structure.ts';
import { clockedEngine } from './clocked.ts';
import { compileProgram } from './compiler.ts';
import { exactNumbers, floatNumbers } from './exact-sums.ts';
import { floatForm } from './float-form.ts';
import { ClockedNetwork } from './network.ts';

/** The same form without any whole number. */
const plainForm: NumberForm = { ...floatForm, placed: () => floatNumbers };

const STEPS = 12;

const plan = fc.record({
  seed: fc.nat(),
  /** A vector, or an image with a convolution and a pooling behind it. */
  image: fc.boolean(),
  pooling: fc.constantFrom('AvgPool2d', 'SumPool2d', undefined),
  hidden: fc.integer({ min: 1, max: 40 }),
  channels: fc.integer({ min: 1, max: 18 }),
  behind: fc.constantFrom('Linear', 'Affine', 'Sparse', 'AllButOne'),
  /** A connection back with this delay; 0 is none. */
  recurrent: fc.constantFrom(0, 0, 2),
  /** Delay in front of the second connection. */
  late: fc.constantFrom(0, 0, 2),
  /** Powers of two that weights are multiples of, into the first and the second population, and back. */
  exponents: fc.tuple(
    fc.integer({ min: -9, max: 0 }),
    fc.integer({ min: -9, max: -2 }),
    fc.integer({ min: -9, max: -2 }),
  ),
  type: fc.constantFrom('LIF', 'IF', 'CubaLIF'),
  /** Whether neurons have the same constants. */
  ...{ alike: fc.boolean(), biased: fc.boolean(), rests: fc.boolean(), floor: fc.boolean() },
  reset: fc.constantFrom('value', 'subtract'),
  /** What the last population is: spiking once a step or often, or handing on its state. */
  last: fc.constantFrom('once', 'many', 'LI', 'CubaLI'),
  threshold: fc.constantFrom('gt', 'ge'),
  /** Share of steps in which values arrive that are not 1. */
  graded: fc.constantFrom(0, 0.3, 1),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

describe('whole weights and sums in a net of real numbers', () => {
  it('give every event, state and weight bit for bit as float32 does, in both forms of the kernels', () => {
    fc.assert(
      fc.property(plan, (each) => {
        const model = modelOf(each);
        expect(formatsOf(model).first).not.toBe('float32');
        const truth = observe(load(model, plainForm, 'wasm'), each);
        for (const kernels of ['wasm', 'typescript'] as const) {
          expect(observe(load(model, floatForm, kernels), each)).toEqual(truth);
        }
        expect(observe(load(model, plainForm, 'typescript'), each)).toEqual(truth);
      }),
      { numRuns: 200 },
    );
  });

  it('go on from a state that the other form of the kernels has saved, or a net without whole numbers', () => {
    fc.assert(
      fc.property(plan, (each) => {
        const model = modelOf(each);
        const loadEach = () => [
          load(model, floatForm, 'wasm'),
          load(model, floatForm, 'typescript'),
          load(model, plainForm, 'wasm'),
        ];
        const networks = loadEach();
        for (const network of networks) observe(network, each);
        const [state, ...states] = networks.map((network) => network.save());
        for (const other of states) expect(other).toEqual(state);
        const restored = loadEach();
        restored.forEach((network, k) => {
          network.restore([...states, state!][k]!);
        });
        const [truth, ...others] = [...networks, ...restored].map((network) => observe(network, each));
        for (const other of others) expect(other).toEqual(truth);
      }),
      { numRuns: 60 },
    );
  });

  it('take a quarter of the memory that float32 takes for the weights of a large layer', () => {
    const weight = Array.from({ length: 256 }, (_, row) => Array.from({ length: 784 }, (_, k) => ((row + k) % 9) / 64));
    const model = dense(weight);
    const difference = load(model, plainForm, 'typescript').bytes - load(model, floatForm, 'typescript').bytes;
    // Three bytes of every weight, less the second sums for steps in which the Input has other numbers than spikes.
    expect(difference).toBeGreaterThan(3 * 784 * 256 - 4096);
  });
});

describe('weights are kept as whole numbers', () => {
  const formatOf = (weight: number[][], node: object = {}) => formatsOf(dense(weight, node)).first;

  it('where they are multiples of a power of two, up to 127 times', () => {
    expect(formatOf([[127 / 64, -1 / 64, 0.5]])).toBe('int8');
    expect(formatOf([[0, 0, 0]])).toBe('int8');
    expect(formatOf([[128, 1, 3]])).toBe('float32');
    expect(formatOf([[127 / 64, 1 / 128, 0.5]])).toBe('float32');
    expect(formatOf([[0.1, 0.2, 0.3]])).toBe('float32');
  });

  it('where no sum can pass what float32 counts exactly, in as few bits as hold it', () => {
    const sumsOf = (inputs: number) => {
      const model = dense([new Array(inputs).fill(127)]);
      const structure = new Structure(wire(resolveGraph(model.graph, model.semantics)), floatForm);
      const cells = structure.wiring.graph.nodes.findIndex(({ name }) => name === 'cells');
      return exactNumbers(structure, new Set()).sumsOf(cells);
    };
    expect(sumsOf(258)).toBe('int16');
    expect(sumsOf(259)).toBe('int32');
    expect(sumsOf(132104)).toBe('int32');
    expect(sumsOf(132105)).toBe('float32');
  });

  it('not where weights change, nor behind neurons that may spike several times a step, nor behind numbers', () => {
    const learning = { second: { rule: 'pes', learningRate: 1e-3, tauPre: 0.005 } };
    expect(formatsOf(chain({})).second).toBe('int8');
    expect(formatsOf(chain({}, learning)).second).toBe('float32');
    expect(formatsOf(chain({ semantics: { reset: 'subtract', spikesPerStep: 'many' } })).second).toBe('float32');
    expect(formatsOf(chain({ type: 'LI', v_threshold: undefined })).second).toBe('float32');
  });

  it('not behind averages over areas that are no power of two', () => {
    const kernel = (size: number) => {
      const nodes = {
        in: { type: 'Input', shape: [1, 6, 6] },
        first: { type: 'Conv2d', weight: [[[[1]]]] },
        cells: cell,
        pool: { type: 'AvgPool2d', kernel_size: size, stride: size },
        flat: { type: 'Flatten' },
        second: { type: 'Linear', weight: [new Array((6 / size) ** 2).fill(0.5)] },
        answer: cell,
        out: { type: 'Output', shape: [1] },
      };
      return formatsOf(parseModel({ nodes, edges: inSeries(nodes), semantics: { dt: 0.001 } })).second;
    };
    expect(kernel(2)).toBe('int8');
    expect(kernel(3)).toBe('float32');
  });
});

const cell = { type: 'LIF', tau: 0.01, r: 6, v_threshold: 1 };

function inSeries(nodes: Record<string, unknown>): [string, string][] {
  const names = Object.keys(nodes);
  return names.slice(1).map((name, k) => [names[k]!, name]);
}

function dense(weight: number[][], node: object = {}): Model {
  const nodes = {
    in: { type: 'Input', shape: [weight[0]!.length] },
    first: { type: 'Linear', weight },
    cells: { ...cell, ...node },
    out: { type: 'Output', shape: [weight.length] },
  };
  return parseModel({ nodes, edges: inSeries(nodes), semantics: { dt: 0.001 } });
}

function chain(
  node: { readonly type?: string; readonly v_threshold?: undefined; readonly semantics?: object },
  learning = {},
): Model {
  const cells = Object.fromEntries(Object.entries({ ...cell, ...node }).filter(([, value]) => value !== undefined));
  const nodes = {
    in: { type: 'Input', shape: [2] },
    first: { type: 'Linear', weight: [[1, 0.5]] },
    cells,
    second: { type: 'Linear', weight: [[0.25]] },
    answer: { type: 'LI', tau: 0.01 },
    out: { type: 'Output', shape: [1] },
  };
  return parseModel({ nodes, edges: inSeries(nodes), learning, semantics: { dt: 0.001 } });
}

/** In what format the weights of each connection lie in memory. */
function formatsOf(model: Model): Record<string, string> {
  const graph = resolveGraph(model.graph, model.semantics);
  const learned = new Set(learnedConnections(model, graph).map(({ index }) => index));
  const { weights } = compileProgram(wire(graph), floatForm, learned);
  return Object.fromEntries([...weights].map(([index, { packing }]) => [graph.nodes[index]!.name, packing.format]));
}

function load(model: Model, form: NumberForm, kernels: KernelForm): RunningNetwork {
  if (form === floatForm) return clockedEngine.load(model, { kernels });
  const graph = resolveGraph(model.graph, model.semantics);
  return new ClockedNetwork(model, compileProgram(wire(graph), form, new Set()), form, [], { kernels });
}

function modelOf(each: Plan): Model {
  const random = new RandomGenerator(each.seed, 'exact sums');
  const draw = (bound: number) => Math.floor(bound * random.nextUniform());
  /** Multiples of 2^exponent: few of them large, so that neurons spike now and then. */
  const weights = (rows: number, columns: number, exponent: number) => {
    const largest = Math.min(126, Math.max(1, Math.round(1.2 / Math.sqrt(columns) / 2 ** exponent)));
    return Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => (draw(2 * largest + 1) - largest + draw(2)) * 2 ** exponent),
    );
  };
  const { image, pooling, hidden, channels, exponents, alike } = each;
  const values = (size: number, low: number, high: number) =>
    alike ? low : Array.from({ length: size }, () => low + (high - low) * random.nextUniform());
  const population = (size: number) => ({
    type: each.type,
    ...(each.type === 'CubaLIF' ? { tau_mem: 0.01, tau_syn: 0.005 } : each.type === 'LIF' ? { tau: 0.01 } : {}),
    r: each.type === 'IF' ? 500 : 5,
    v_threshold: values(size, 0.4, 1.2),
    tau_ref: each.rests ? 0.002 : 0,
    ...(each.floor ? { v_min: -0.25 } : {}),
    semantics: { reset: each.reset, threshold: each.threshold },
  });
  const bias = (size: number) =>
    each.biased ? { bias: Array.from({ length: size }, () => random.nextUniform() / 8) } : {};
  const nodes: Record<string, unknown> = {};
  let size = hidden;
  if (image) {
    const kernels = weights(channels, 9, exponents[0]).map((row) => [[row.slice(0, 3), row.slice(3, 6), row.slice(6)]]);
    nodes.in = { type: 'Input', shape: [1, 8, 8] };
    nodes.first = { type: 'Conv2d', weight: kernels, ...bias(channels) };
    nodes.cells = { ...population(36 * channels), v_threshold: 0.4 };
    if (pooling !== undefined) nodes.pool = { type: pooling, kernel_size: 2, stride: 2 };
    nodes.flat = { type: 'Flatten' };
    size = channels * (pooling === undefined ? 36 : 9);
  } else {
    nodes.in = { type: 'Input', shape: [30] };
    nodes.first = {
      type: each.biased ? 'Affine' : 'Linear',
      weight: weights(hidden, 30, exponents[0]),
      ...bias(hidden),
    };
    nodes.cells = population(hidden);
  }
  const after = each.behind === 'AllButOne' ? size : 7;
  nodes.second = connection(each, weights(after, size, exponents[1]), bias(after));
  nodes.answer = each.last.endsWith('LI') ? readOut(each.last) : manySpikes(population(after), each.last === 'many');
  nodes.out = { type: 'Output', shape: [after] };
  const edges: unknown[] = inSeries(nodes).map((edge) =>
    edge[1] === 'second' ? [...edge, { delay: each.late }] : edge,
  );
  if (each.recurrent > 0) {
    nodes.back = { type: 'Linear', weight: weights(after, after, exponents[2]) };
    edges.push(['answer', 'back', { delay: each.recurrent }], ['back', 'answer']);
  }
  return parseModel({ nodes, edges, semantics: { dt: 0.001 } });
}

function readOut(type: string): object {
  return type === 'LI' ? { type, tau: 0.01, r: 3 } : { type, tau_mem: 0.01, tau_syn: 0.005, r: 3 };
}

function manySpikes(population: { readonly semantics: object }, many: boolean): object {
  if (!many) return population;
  return { ...population, semantics: { ...population.semantics, reset: 'subtract', spikesPerStep: 'many' } };
}

function connection({ behind, biased }: Plan, weight: number[][], bias: object): object {
  if (behind === 'AllButOne') return { type: behind, weight: weight.map(([first]) => first!) };
  if (behind === 'Sparse') {
    const [target, data, offset]: [number[], number[], number[]] = [[], [], [0]];
    for (let input = 0; input < weight[0]!.length; input++) {
      weight.forEach((row, output) => {
        if ((input + output) % 3 > 0 && output > 0) return;
        target.push(output);
        data.push(row[input]!);
      });
      offset.push(target.length);
    }
    return { type: 'Sparse', weight: data, target, offset, outputs: weight.length };
  }
  return { type: biased ? 'Affine' : 'Linear', weight, ...(biased ? bias : {}) };
}

/** Everything that can be seen of a net in a run. */
function observe(network: RunningNetwork, { seed, image, graded }: Plan) {
  const random = new RandomGenerator(seed, 'stimulus');
  const size = image ? 64 : 30;
  const [input, output, raster] = [STEPS * size, STEPS * 1000, STEPS * 1000].map((room) => new EventBuffer(room));
  for (let step = 0; step < STEPS; step++) {
    const isGraded = random.nextUniform() < graded;
    for (let index = 0; index < size; index++) {
      if (random.nextUniform() < 0.3) input!.push(step, 0, index, isGraded ? 2 * random.nextNormal() : 1);
    }
  }
  network.run(STEPS, input!, output!, raster!);
  return {
    ...{ output: output!.toList(), raster: raster!.toList(), counters: { ...network.counters } },
    membranes: ['cells', 'answer'].map((name) => [...network.readState(name, 'v')]),
    weights: ['first', 'second'].map((name) => [...network.readWeights(name)]),
  };
}
