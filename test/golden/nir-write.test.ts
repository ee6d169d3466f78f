import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formats } from '@spikewire/exchange/formats';
import { readHdf5 } from '@spikewire/exchange/hdf5';
import { nearestNir, primitiveTypes, writeNir } from '@spikewire/exchange/nir';
import {
  type CheckedReading,
  checkModel,
  defaultSample,
  elementCount,
  type Graph,
  type GraphNode,
  type Model,
  type ParameterValue,
  parseModel,
  quantize,
  readWith,
  scalar,
  tensor,
} from '@spikewire/models';
import fc from 'fast-check';
import { simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { needsH5py } from '../services.ts';
import { H5py, plain } from './h5py/h5py.ts';

const nir = formats.find(({ name }) => name === 'nir')!;

/** A layer behind what comes in `shape`: the node, the shape that it gives, and what comes back to it, if any. */
interface Layer {
  readonly node: GraphNode;
  readonly shape: readonly number[];
  readonly isRecurrent?: boolean;
}

const number = fc.double({ min: -2, max: 2, noNaN: true });
const positive = fc.double({ min: 1e-4, max: 0.5, noNaN: true });

function numbers(of: fc.Arbitrary<number>, shape: readonly number[]): fc.Arbitrary<ParameterValue> {
  const count = elementCount(shape);
  return fc.tuple(fc.array(of, { minLength: count, maxLength: count }), fc.boolean()).map(([values, isSingle]) => {
    // A time constant that float32 rounds to 0 is none; none here is that small.
    return tensor(isSingle ? Float32Array.from(values) : Float64Array.from(values), shape);
  });
}

const whole = (...values: number[]) => tensor(Float64Array.from(values));
const node = (type: string, parameters: Record<string, fc.Arbitrary<ParameterValue>>): fc.Arbitrary<GraphNode> =>
  fc.record(parameters).map((each) => ({ type, parameters: { ...each } }));
const constant = (value: ParameterValue) => fc.constant(value);

type LayerOf = (shape: readonly number[]) => fc.Arbitrary<Layer>;

/** Populations: each parameter has a value for each neuron. */
const populations: Readonly<Record<string, readonly string[]>> = {
  Threshold: ['threshold'],
  I: ['r'],
  LI: ['tau', 'r', 'v_leak'],
  IF: ['r', 'v_threshold', 'v_reset'],
  LIF: ['tau', 'r', 'v_leak', 'v_threshold', 'v_reset'],
  CubaLI: ['tau_syn', 'tau_mem', 'r', 'v_leak', 'w_in'],
  CubaLIF: ['tau_syn', 'tau_mem', 'r', 'v_leak', 'w_in', 'v_threshold', 'v_reset'],
  Scale: ['scale'],
  Delay: ['delay'],
};

const elementwise = Object.entries(populations).map(([type, keys]): LayerOf => {
  return (shape) =>
    fc
      .tuple(
        node(
          type,
          Object.fromEntries(keys.map((key) => [key, numbers(/^tau|delay/.test(key) ? positive : number, shape)])),
        ),
        fc.boolean(),
      )
      .map(([content, isRecurrent]) => ({
        node: content,
        shape,
        isRecurrent: isRecurrent && shape.length === 1 && !['Scale', 'Delay'].includes(type),
      }));
});

const dense = ['Linear', 'Affine'].map(
  (type): LayerOf =>
    (shape) =>
      fc.integer({ min: 1, max: 4 }).chain((outputs) => {
        const leading = shape.slice(0, -1);
        const weight = numbers(number, [...leading, outputs, shape.at(-1)!]);
        const bias = numbers(number, [outputs]);
        return node(type, type === 'Linear' ? { weight } : { weight, bias }).map((content) => ({
          node: content,
          shape: [...leading, outputs],
        }));
      }),
);

const window = fc.record({
  kernel: fc.integer({ min: 1, max: 2 }),
  stride: fc.integer({ min: 1, max: 2 }),
  padding: fc.nat(1),
});
const after = (size: number, kernel: number, stride: number, padding: number) =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

const convolution =
  (axes: 1 | 2): LayerOf =>
  (shape) =>
    fc
      .tuple(window, fc.constantFrom('number', 'same', 'valid'), fc.integer({ min: 1, max: 2 }))
      .chain(([{ kernel, stride: wanted, padding }, way, groups]) => {
        const stride = way === 'same' ? 1 : wanted;
        const channels = shape[0]!;
        const share = channels % groups === 0 ? groups : 1;
        const sizes = shape.slice(1);
        const all = (value: number) => (axes === 1 ? scalar(value) : whole(value, value));
        const pad = way === 'number' ? padding : 0;
        const size = (length: number) => (way === 'same' ? length : after(length, kernel, stride, pad));
        return node(`Conv${axes}d`, {
          weight: numbers(number, [2 * share, channels / share, ...sizes.map(() => kernel)]),
          bias: numbers(number, [2 * share]),
          stride: constant(all(stride)),
          padding: constant(way === 'number' ? all(padding) : way),
          dilation: constant(all(1)),
          groups: constant(scalar(share)),
          input_shape: constant(axes === 1 ? scalar(sizes[0]!) : whole(...sizes)),
        }).map((content) => ({ node: content, shape: [2 * share, ...sizes.map(size)] }));
      });

const pooling = ['SumPool2d', 'AvgPool2d'].map(
  (type): LayerOf =>
    (shape) =>
      window.chain(({ kernel, stride }) =>
        node(type, {
          kernel_size: constant(whole(kernel, kernel)),
          stride: constant(whole(stride, stride)),
          padding: constant(whole(0, 0)),
        }).map((content) => ({
          node: content,
          shape: [shape[0]!, ...shape.slice(1).map((size) => after(size, kernel, stride, 0))],
        })),
      ),
);

const flatten: LayerOf = (shape) =>
  node('Flatten', {
    start_dim: constant(scalar(0)),
    end_dim: constant(scalar(-1)),
    input_type: constant(whole(...shape)),
  }).map((content) => ({ node: content, shape: [elementCount(shape)] }));

function layersFor(shape: readonly number[]): LayerOf[] {
  const plain = [...elementwise, ...dense];
  const isRoomy = shape.slice(1).every((size) => size >= 2);
  if (shape.length === 2 && isRoomy) return [...plain, convolution(1), flatten];
  if (shape.length === 3 && isRoomy) return [...elementwise, ...pooling, convolution(2), convolution(2), flatten];
  return plain;
}

const name = fc
  .oneof(
    fc.constantFrom('0', '1', '10', '2', 'lif1.lif', 'a b', 'ü', '脉冲', '__proto__', 'input'),
    fc.string({ minLength: 1, maxLength: 6 }),
  )
  .map((text) => text.replaceAll(/[/\0]|\p{Cs}/gu, '|'))
  .filter((text) => text !== '.');

interface Chain {
  readonly graph: Graph;
  readonly shape: readonly number[];
}

/** Input, layers one behind the other, some of which come back to themselves or are in a sub-graph, and Output. */
function chainFrom(shape: readonly number[], length: number, depth: number): fc.Arbitrary<Chain> {
  const layers: fc.Arbitrary<readonly (Layer & { graph?: Graph })[]> = fc
    .nat(length)
    .chain((count) => grown(shape, count, depth));
  return layers.chain((list) => {
    const needed = list.length + list.filter(({ isRecurrent }) => isRecurrent).length + 2;
    return fc
      .tuple(fc.uniqueArray(name, { minLength: needed, maxLength: needed }), fc.infiniteStream(number))
      .map(([names, stream]) => assembled(shape, list, names, stream));
  });
}

type Grown = readonly (Layer & { graph?: Graph })[];

function grown(shape: readonly number[], count: number, depth: number): fc.Arbitrary<Grown> {
  if (count === 0) return fc.constant([]);
  const inner: fc.Arbitrary<Layer & { graph?: Graph }>[] =
    depth === 0
      ? []
      : [
          chainFrom(shape, 2, depth - 1).map(({ graph, shape: given }) => ({
            node: { type: 'NIRGraph', parameters: {}, graph },
            shape: given,
          })),
        ];
  const next = fc.oneof(...layersFor(shape).map((of) => of(shape)), ...inner);
  return next.chain((layer) => grown(layer.shape, count - 1, depth).map((rest) => [layer, ...rest]));
}

function assembled(shape: readonly number[], layers: Grown, names: readonly string[], stream: Iterator<number>): Chain {
  const nodes = new Map<string, GraphNode>();
  const edges: Graph['edges'][number][] = [];
  const free = [...names];
  const take = () => free.pop()!;
  const last = layers.at(-1)?.shape ?? shape;
  let source = take();
  nodes.set(source, { type: 'Input', parameters: { shape: whole(...shape) } });
  for (const { node: content, isRecurrent, shape: own } of layers) {
    const key = take();
    nodes.set(key, content);
    edges.push({ source, target: key, delay: 0 });
    if (isRecurrent) {
      const size = own[0]!;
      const weights = Float64Array.from({ length: size * size }, () => stream.next().value);
      const back = take();
      nodes.set(back, { type: 'Linear', parameters: { weight: tensor(weights, [size, size]) } });
      edges.push({ source: back, target: key, delay: 1 }, { source: key, target: back, delay: 0 });
    }
    source = key;
  }
  const end = take();
  nodes.set(end, { type: 'Output', parameters: { shape: whole(...last) } });
  edges.push({ source, target: end, delay: 0 });
  return { graph: { nodes, edges }, shape: last };
}

const shapes = fc.constantFrom([3], [1], [2, 4], [1, 4, 5], [2, 3, 3]);
const semantics = fc.record({
  dt: fc.constantFrom(1e-5, 1e-4, 1e-3),
  integrate: fc.constantFrom('euler' as const, 'exact' as const),
});

const models: fc.Arbitrary<Model> = fc
  .tuple(shapes, semantics)
  .chain(([shape, step]) =>
    chainFrom(shape, 5, 2).map(({ graph }) =>
      modelOf(graph, { ...step, threshold: 'gt', reset: 'value', spikesPerStep: 'one' }),
    ),
  );

function modelOf(graph: Graph, step: Model['semantics']): Model {
  return {
    graph,
    semantics: step,
    learning: new Map(),
    encoder: new Map(),
    decoder: new Map(),
    channels: [],
    sample: defaultSample,
    labels: ['a', 'ü'],
    provenance: { made: ['here', 1] },
    selfTests: [],
  };
}

/** Nodes by their names, in no order. */
function content({ nodes, edges }: Graph): unknown {
  const named = [...nodes].map(([key, { graph, ...own }]) => [
    `.${key}`,
    { ...own, ...(graph && { graph: content(graph) }) },
  ]);
  return { nodes: Object.fromEntries(named), edges };
}

describe('what is written', () => {
  it('is read as the same model', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(models, (model) => {
        checkModel(model);
        collect(model.graph, met);
        const { model: read } = readWith(nir, nir.write!(model)) as CheckedReading;
        expect(content(read.graph)).toEqual(content(model.graph));
        expect({ ...read, graph: undefined }).toEqual({ ...model, graph: undefined });
      }),
      { numRuns: 300 },
    );
    expect([...met].toSorted()).toEqual([...primitiveTypes].toSorted());
  });
});

function collect({ nodes }: Graph, met: Set<string>): void {
  for (const { type, graph } of nodes.values()) {
    met.add(type);
    if (graph !== undefined) collect(graph, met);
  }
}

const small = (cell: object, more: object = {}) =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      fc: {
        type: 'Linear',
        weight: [
          [40, -20],
          [30, 10],
          [0, 25],
        ],
      },
      cell,
      out: { type: 'Output' },
    },
    edges: chain('in', 'fc', 'cell', 'out'),
    semantics: { dt: 0.001 },
    ...more,
  });

const LIF = { type: 'LIF', tau: 0.02, v_threshold: 1 };
const ALIF = { ...LIF, type: 'ALIF', theta_plus: 0.3, tau_theta: 0.1 };

describe('one number for all neurons, and what is left out', () => {
  it('are written as full arrays', () => {
    const { nodes } = (readWith(nir, writeNir(small(LIF))) as CheckedReading).model.graph;
    const { parameters } = nodes.get('cell')!;
    const all = (value: number) => tensor(new Float64Array(3).fill(value));
    expect(parameters).toEqual({ tau: all(0.02), r: all(1), v_leak: all(0), v_threshold: all(1), v_reset: all(0) });
    expect(nodes.get('out')!.parameters).toEqual({ shape: tensor(Float64Array.of(3)) });
  });
});

describe('what NIR cannot say', () => {
  it.each<[string, Model, string | RegExp, RegExp]>([
    [
      'a soft reset',
      small(LIF, { semantics: { reset: 'subtract' } }),
      'node "cell" (LIF): resets by subtraction',
      /subtraction/,
    ],
    [
      'a comparison',
      small(LIF, { semantics: { threshold: 'ge' } }),
      'node "cell" (LIF): spikes at its thresh',
      /at its threshold/,
    ],
    [
      'own semantics',
      small({ ...LIF, semantics: { integrate: 'exact' } }),
      'node "cell" (LIF): has an integration',
      /integrated by/,
    ],
    ['a rest', small({ ...LIF, tau_ref: 0.005 }), 'node "cell" (LIF).tau_ref: is not a parameter', /tau_ref: left out/],
    ['a floor', small({ ...LIF, v_min: -1 }), 'node "cell" (LIF).v_min: is not a parameter', /v_min: left out/],
    ['adaptation', small(ALIF), 'node "cell" (ALIF): is not a NIR type', /no longer adapts/],
    [
      'an encoder',
      small(LIF, { encoder: { in: { type: 'direct' } } }),
      'node "in": has encoders',
      /encoders: left out/,
    ],
    ['rules', small(LIF, { learning: { fc: { rule: 'bcm' } } }), 'node "fc": learns', /learns: left out/],
    ['int8', quantize(small(LIF), { bits: 8 }), 'model: has whole-number weights', /written as real numbers/],
    [
      'a delay',
      small(LIF, { edges: [...chain('in', 'fc'), ['fc', 'cell', { delay: 3 }], ['cell', 'out']] }),
      'edge "fc"→"cell": has a delay of 3',
      /its delay of 3 steps is node "delay_fc_cell"/,
    ],
  ])('%s is refused with its place, and has a nearest', (_, model, place, loss) => {
    expect(() => writeNir(model)).toThrow(place);
    const { model: nearest, losses } = nearestNir(model);
    expect(losses).toEqual([expect.stringMatching(loss)]);
    const { model: read } = readWith(nir, writeNir(nearest)) as CheckedReading;
    expect(read.semantics).toMatchObject({ dt: 0.001, reset: 'value', threshold: 'gt', spikesPerStep: 'one' });
  });

  it.each([
    ['SRM0', { ...LIF, type: 'SRM0' }],
    ['Izhikevich', { type: 'Izhikevich' }],
  ])('%s has nothing close to it', (type, cell) => {
    const { model } = nearestNir(small(cell));
    expect(() => writeNir(model)).toThrow(`node "cell" (${type}): is not a NIR type`);
  });

  it('delays of all edges of a cycle become nodes', () => {
    const cell = { ...LIF, r: 50 };
    const model = parseModel({
      nodes: { in: { type: 'Input', shape: [1] }, a: cell, b: cell, out: { type: 'Output' } },
      edges: [...chain('in', 'a'), ['a', 'b', { delay: 2 }], ['b', 'a', { delay: 1 }], ['b', 'out']],
    });
    const { model: read } = readWith(nir, writeNir(nearestNir(model).model)) as CheckedReading;
    const input = { dt: 0.001, steps: 30, input: { in: [[0, 0]] as [number, number][] } };
    const spikesOf = (each: Model) => simulate(each, input, { record: [{ what: 'spikes' }] }).spikes.out;
    expect(spikesOf(read)).toEqual(spikesOf(model));
    expect(spikesOf(model)!.length).toBeGreaterThan(5);
  });

  it('a sub-graph with steps of its own does them as the net', () => {
    const inner = {
      nodes: { in: { type: 'Input' }, cell: LIF, out: { type: 'Output' } },
      edges: chain('in', 'cell', 'out'),
    };
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        group: { type: 'NIRGraph', semantics: { reset: 'subtract' }, ...inner },
        out: { type: 'Output' },
      },
      edges: chain('in', 'group', 'out'),
    });
    const { model: nearest, losses } = nearestNir(model);
    expect(losses).toEqual(['node "group/cell" (LIF): resets by subtraction: resets to v_reset']);
    expect(() => writeNir(nearest)).not.toThrow();
  });

  it('a delay as a node, and a slash as a dot, lose nothing', () => {
    const text = {
      nodes: { in: { type: 'Input', shape: [1] }, 'a/b': { ...LIF, r: 50 }, out: { type: 'Output' } },
      edges: [
        ['in', 'a/b', { delay: 2 }],
        ['a/b', 'out'],
      ],
    };
    const model = parseModel(text);
    expect(() => writeNir(model)).toThrow('delay of 2');
    const { model: read } = readWith(nir, writeNir(nearestNir(model).model)) as CheckedReading;
    expect(read.graph.nodes.has('a.b')).toBe(true);
    const input = {
      dt: 0.001,
      steps: 20,
      input: {
        in: [
          [0, 0],
          [1, 0],
          [7, 0],
        ],
      },
    };
    const spikesOf = (each: Model) => simulate(each, input, { record: [{ what: 'spikes' }] }).spikes.out;
    expect(spikesOf(read)).toEqual(spikesOf(model));
    expect(spikesOf(model)!.length).toBeGreaterThan(0);
  });
});

it('h5py reads what is written as it is read here', async (context) => {
  const h5py = new H5py(needsH5py(context));
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-nir-'));
  try {
    const path = join(folder, 'net.nir');
    await fc.assert(
      fc.asyncProperty(models, async (model) => {
        const bytes = writeNir(model);
        writeFileSync(path, bytes);
        expect(await h5py.list(path)).toEqual(plain(readHdf5(bytes)));
      }),
      { numRuns: 30 },
    );
  } finally {
    h5py.close();
    rmSync(folder, { recursive: true });
  }
});
