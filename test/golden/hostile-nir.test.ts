import { formats } from '@spikewire/exchange/formats';
import { type Hdf5Group, writeHdf5 } from '@spikewire/exchange/hdf5';
import { type CheckedReading, type ReadingChoices, readWith, SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { encoded, filled, integer, type Plain, type PlainGroup, Stored, texts, whole } from './hdf5-tree.ts';

const nir = formats.find(({ name }) => name === 'nir')!;

/** A broken file is refused in milliseconds; in ms, for a busy machine. */
const LONGEST = 2000;

const edges = (...pairs: readonly string[]) =>
  new Stored([pairs.length, 2], pairs.flatMap((pair) => pair.split(' ')) as string[]);

const LIF = (size = 4) => ({
  type: 'LIF',
  tau: filled(0.01, size),
  r: filled(1, size),
  v_leak: filled(0, size),
  v_threshold: filled(1, size),
  v_reset: filled(0, size),
});
const CONV = {
  type: 'Conv2d',
  weight: filled(0.1, 2, 1, 3, 3),
  bias: filled(0, 2),
  stride: whole(1, 1),
  padding: whole(0, 0),
  dilation: whole(1, 1),
  groups: integer(1),
  input_shape: whole(5, 5),
};

/** A sound net, of which each case breaks something. */
function sound() {
  const nodes: Record<string, PlainGroup> = {
    input: { type: 'Input', shape: whole(3) },
    fc: { type: 'Affine', weight: filled(0.5, 4, 3), bias: filled(0, 4) },
    lif: LIF(),
    output: { type: 'Output', shape: whole(4) },
  };
  const node = { type: 'NIRGraph', nodes, edges: edges('input fc', 'fc lif', 'lif output') } as Record<
    string,
    Plain
  > & {
    nodes: Record<string, PlainGroup>;
  };
  return { version: '1.0.7', node } as Record<string, Plain> & { node: typeof node };
}

type Net = ReturnType<typeof sound>;

/** A net with another node between input and output. */
const between =
  (node: PlainGroup, from = 3, to = 4) =>
  (net: Net) => {
    net.node.nodes = {
      input: { type: 'Input', shape: whole(from) },
      x: node,
      output: { type: 'Output', shape: whole(to) },
    };
    net.node.edges = edges('input x', 'x output');
  };

const image =
  (node: PlainGroup, ...shape: number[]) =>
  (net: Net) => {
    between(node)(net);
    net.node.nodes.input = { type: 'Input', shape: whole(...shape) };
    net.node.nodes.output = { type: 'Output' };
  };

function nested(depth: number): PlainGroup {
  const inner = depth === 0 ? LIF(3) : nested(depth - 1);
  return {
    type: 'NIRGraph',
    nodes: { i: { type: 'Input', shape: whole(3) }, x: inner, o: { type: 'Output', shape: whole(3) } },
    edges: edges('i x', 'x o'),
  };
}

/** What is broken, and what the error must say. */
const cases: readonly [string, (net: Net) => void, RegExp][] = [
  ['no root node', (net) => Reflect.deleteProperty(net, 'node'), /^file\.node: is missing; expected a group/],
  ['a root that is an array', (net) => Object.assign(net, { node: filled(0, 2) }), /^file\.node: is a dataset/],
  ['a version that is a number', (net) => Object.assign(net, { version: 1 }), /^file\.version: is float of shape \[\]/],
  ['a version that is two texts', (net) => Object.assign(net, { version: ['1', '2'] }), /^file\.version: is text of/],
  ['a version that is a group', (net) => Object.assign(net, { version: {} }), /^file\.version: is a group/],
  ['no type of the root', ({ node }) => Reflect.deleteProperty(node, 'type'), /^root node\.type: is missing/],
  ['a root of no type', ({ node }) => Object.assign(node, { type: 'Graph' }), /has the type "Graph", which is unknown/],
  ['no nodes', ({ node }) => Reflect.deleteProperty(node, 'nodes'), /^root node\.nodes: is missing/],
  ['nodes that are an array', ({ node }) => Object.assign(node, { nodes: 'fc' }), /^root node\.nodes: is a dataset/],
  [
    'a node that is an array',
    ({ node }) => Object.assign(node.nodes, { fc: 1 }),
    /^root node\.nodes\.fc: is a dataset/,
  ],
  ['no edges', ({ node }) => Reflect.deleteProperty(node, 'edges'), /^root node\.edges: is missing/],
  [
    'edges of numbers',
    ({ node }) => Object.assign(node, { edges: filled(1, 2, 2) }),
    /edges: is float of shape \[2, 2\]/,
  ],
  ['edges in a row', ({ node }) => Object.assign(node, { edges: ['a', 'b'] }), /edges: is text of shape \[2\]/],
  ['edges of three', ({ node }) => Object.assign(node, { edges: new Stored([1, 3], ['a', 'b', 'c']) }), /\[1, 3\]/],
  [
    'an unknown dataset of a net',
    ({ node }) => Object.assign(node, { extra: 1 }),
    /^root node: has the dataset "extra"/,
  ],
  ['metadata that is a text', ({ node }) => Object.assign(node, { metadata: 'x' }), /metadata: is not a group/],
  ['no type of a node', ({ node }) => Reflect.deleteProperty(node.nodes.fc!, 'type'), /^node "fc"\.type: is missing/],
  ['a type that is a number', ({ node }) => Object.assign(node.nodes.fc!, { type: 3 }), /^node "fc"\.type: is float/],
  [
    'an unknown type',
    ({ node }) => Object.assign(node.nodes.fc!, { type: 'Dense' }),
    /node "fc": has the type "Dense"/,
  ],
  ['a type in lower case', ({ node }) => Object.assign(node.nodes.lif!, { type: 'lif' }), /has the type "lif"/],
  ['a type of an object', ({ node }) => Object.assign(node.nodes.lif!, { type: 'constructor' }), /type "constructor"/],
  ['a type that spikewire has', ({ node }) => Object.assign(node.nodes.lif!, { type: 'ALIF' }), /has the type "ALIF"/],
  [
    'an unknown dataset',
    ({ node }) => Object.assign(node.nodes.lif!, { tau_ref: 1 }),
    /\(LIF\): has the dataset "tau_ref"/,
  ],
  ['an unknown group', ({ node }) => Object.assign(node.nodes.lif!, { state: {} }), /\(LIF\): has the dataset "state"/],
  ['no weight', ({ node }) => Reflect.deleteProperty(node.nodes.fc!, 'weight'), /\(Affine\)\.weight: is missing/],
  ['no bias', ({ node }) => Reflect.deleteProperty(node.nodes.fc!, 'bias'), /\(Affine\)\.bias: is missing/],
  ['no tau', ({ node }) => Reflect.deleteProperty(node.nodes.lif!, 'tau'), /\(LIF\)\.tau: is missing/],
  ['a tau that is a text', ({ node }) => Object.assign(node.nodes.lif!, { tau: 'x' }), /\(LIF\)\.tau: is text of/],
  ['a tau that is a group', ({ node }) => Object.assign(node.nodes.lif!, { tau: {} }), /\(LIF\)\.tau: is a group/],
  [
    'a tau of 0',
    ({ node }) => Object.assign(node.nodes.lif!, { tau: filled(0, 4) }),
    /tau\[0\]: is 0; expected a number above/,
  ],
  ['a tau below 0', ({ node }) => Object.assign(node.nodes.lif!, { tau: filled(-1, 4) }), /tau\[0\]: is -1/],
  [
    'a tau that is NaN',
    ({ node }) => Object.assign(node.nodes.lif!, { tau: filled(Number.NaN, 4) }),
    /tau\[0\]: is NaN/,
  ],
  [
    'tau alone infinite',
    ({ node }) => Object.assign(node.nodes.lif!, { tau: filled(1 / 0, 4) }),
    /\(LIF\): has a tau that is infinite for some neurons, or without r/,
  ],
  [
    'some of tau infinite',
    ({ node }) => Object.assign(node.nodes.lif!, { tau: [1, 1 / 0, 1, 1], r: [1, 1 / 0, 1, 1] }),
    /\(LIF\): has a tau .*; expected both for all/,
  ],
  [
    'an infinite weight',
    ({ node }) => Object.assign(node.nodes.fc!, { weight: filled(1 / 0, 4, 3) }),
    /weight\[0\]: is .*finite/,
  ],
  [
    'parameters without values',
    ({ node }) => Object.assign(node.nodes.lif!, { tau: filled(0, 0) }),
    /\.tau: has no values/,
  ],
  ['two sizes', ({ node }) => Object.assign(node.nodes.lif!, { r: filled(1, 2) }), /tau: has shape \[4\], and r \[2\]/],
  [
    'the right count in a wrong shape',
    ({ node }) => Object.assign(node.nodes.lif!, { r: filled(1, 2, 2) }),
    /and r \[2, 2\]/,
  ],
  [
    'a neuron_count that disagrees',
    ({ node }) => Object.assign(node.nodes.lif!, { neuron_count: integer(5) }),
    /is 5; expected 4/,
  ],
  [
    'a weight in a row',
    ({ node }) => Object.assign(node.nodes.fc!, { weight: filled(1, 12) }),
    /weight: has shape \[12\]/,
  ],
  [
    'a weight that does not fit',
    ({ node }) => Object.assign(node.nodes.fc!, { weight: filled(1, 4, 5) }),
    /"input"→"fc"/,
  ],
  ['a bias that does not fit', ({ node }) => Object.assign(node.nodes.fc!, { bias: filled(1, 3) }), /bias/],
  ['a population that does not fit', ({ node }) => Object.assign(node.nodes, { lif: LIF(5) }), /"fc"→"lif".*\[5\]/],
  [
    'an output that does not fit',
    ({ node }) => Object.assign(node.nodes.output!, { shape: whole(7) }),
    /"lif"→"output".*\[7\]/,
  ],
  [
    'an input without a shape',
    ({ node }) => Reflect.deleteProperty(node.nodes.input!, 'shape'),
    /\(Input\)\.shape: is missing/,
  ],
  ['an input of a negative size', ({ node }) => Object.assign(node.nodes.input!, { shape: whole(-3) }), /shape: is -3/],
  [
    'an input of half a size',
    ({ node }) => Object.assign(node.nodes.input!, { shape: [2.5] }),
    /shape: is 2\.5; expected whole/,
  ],
  [
    'an input of 10^15',
    (net) => {
      net.node.nodes = { input: { type: 'Input', shape: whole(1e15) }, output: { type: 'Output' } };
      net.node.edges = edges('input output');
    },
    /takes|memory|at most/,
  ],
  [
    'a matrix of sizes',
    ({ node }) => Object.assign(node.nodes.input!, { shape: filled(1, 2, 2) }),
    /shape: has shape \[2, 2\]/,
  ],
  [
    'an edge from nowhere',
    ({ node }) => Object.assign(node, { edges: edges('in fc', 'fc lif', 'lif output') }),
    /unknown node "in"/,
  ],
  [
    'an edge to nowhere',
    ({ node }) => Object.assign(node, { edges: edges('input fc', 'fc lif.x', 'lif output') }),
    /unknown node "lif\.x"/,
  ],
  [
    'an edge to a name of objects',
    ({ node }) => Object.assign(node, { edges: edges('input __proto__') }),
    /unknown node "__proto__"/,
  ],
  ['an empty net', ({ node }) => Object.assign(node, { nodes: {}, edges: filled(0, 0) }), /^root node: has no nodes/],
  [
    'no way in of known shape',
    between({ type: 'Flatten', start_dim: integer(0), end_dim: integer(-1) }),
    /"x"→"output"/,
  ],
  [
    'a Conv2d of no padding',
    image({ ...CONV, padding: 'full' }, 1, 5, 5),
    /padding: is "full"; expected same or valid/,
  ],
  ['a Conv2d with a stride of 0', image({ ...CONV, stride: whole(0, 1) }, 1, 5, 5), /stride/],
  ['a Conv2d with three strides', image({ ...CONV, stride: whole(1, 1, 1) }, 1, 5, 5), /stride: has 3 numbers/],
  ['a Conv2d with no groups', image({ ...CONV, groups: integer(0) }, 1, 5, 5), /groups: is 0/],
  [
    'a Conv2d with two numbers of groups',
    image({ ...CONV, groups: whole(1, 1) }, 1, 5, 5),
    /groups: has 2 numbers; expected one/,
  ],
  [
    'a Conv2d with half a dilation',
    image({ ...CONV, dilation: [0.5, 1] }, 1, 5, 5),
    /dilation: is 0\.5; expected whole/,
  ],
  ['a Conv2d larger than its image', image({ ...CONV, input_shape: whole(2, 2) }, 1, 2, 2), /kernel/],
  ['a Conv2d of another image', image(CONV, 1, 6, 6), /"input"→"x".*\[1, 6, 6\]/],
  ['a Conv2d of more channels', image(CONV, 3, 5, 5), /"input"→"x".*\[3, 5, 5\]/],
  [
    'a pooling without a stride',
    image({ type: 'SumPool2d', kernel_size: whole(2, 2), padding: whole(0, 0) }, 1, 4, 4),
    /\(SumPool2d\)\.stride: is missing/,
  ],
  [
    'a Flatten of dimensions that are not there',
    image({ type: 'Flatten', start_dim: integer(1), end_dim: integer(5) }, 2, 2),
    /1…5/,
  ],
  ['a Delay below 0', between({ type: 'Delay', delay: filled(-1, 3) }, 3, 3), /delay\[0\]: is -1/],
  ['a Delay of years', between({ type: 'Delay', delay: filled(1e9, 3) }, 3, 3), /\(Delay\)/],
  [
    'a sub-graph without nodes',
    between({ type: 'NIRGraph', nodes: {}, edges: edges('a b') }, 3, 3),
    /unknown node "a"/,
  ],
  [
    'a sub-graph with two ways in',
    between(
      {
        type: 'NIRGraph',
        nodes: { a: { type: 'Input', shape: whole(3) }, b: { type: 'Input', shape: whole(3) }, o: { type: 'Output' } },
        edges: edges('a o', 'b o'),
      },
      3,
      3,
    ),
    /does not say which Input/,
  ],
  ['an unknown node deep inside', between({ ...nested(3), edges: edges('i y', 'x o') }, 3, 3), /"i"→"y" in "x"/],
];

function messageOf(bytes: Uint8Array, choices: ReadingChoices = {}, memory = 1e8): string {
  try {
    readWith(nir, bytes, { bytes: memory }, choices);
  } catch (error) {
    if (error instanceof SpikewireError) return error.message;
    throw error;
  }
  throw new Error('was read');
}

const bytesOf = (net: object): Uint8Array => writeHdf5(encoded(net as PlainGroup) as Hdf5Group);

describe('broken NIR files', () => {
  it('come from one that is sound', () => {
    const { notes } = readWith(nir, bytesOf(sound()), {}, {}) as CheckedReading;
    expect(notes).toEqual([expect.stringContaining('step rule guessed')]);
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  it.each(cases)(
    '%s: one clear line',
    (_, damage, line) => {
      const net = sound();
      damage(net);
      const message = messageOf(bytesOf(net));
      expect(message).toMatch(line);
      expect(message).not.toMatch(/\n/);
      expect(message.length).toBeLessThan(400);
    },
    LONGEST,
  );

  it('of sixty sub-graphs in each other are read', () => {
    const net = sound();
    between(nested(60), 3, 3)(net);
    expect((readWith(nir, bytesOf(net)) as CheckedReading).graph.nodes.length).toBe(2 + 2 * 61 + 1);
  });

  it('with two unknown names are not mended by a guess', () => {
    const net = sound();
    net.node.edges = edges('input fc', 'fc a', 'b output');
    for (const repair of [false, true]) {
      const message = messageOf(bytesOf(net), { repair });
      expect(message).toBe('edge "fc"→"a": refers to unknown node "a"; expected one of fc, input, lif, output');
    }
  });

  it('that need more memory than there is say so', () => {
    const net = sound();
    net.node.nodes.fc = { type: 'Affine', weight: filled(0.5, 400, 3), bias: filled(0, 400) };
    expect(messageOf(bytesOf(net), {}, 4000)).toMatch(/takes more than/);
  });

  it('of recordings say what they are', () => {
    const attribute = texts([], ['NIRGraphData']);
    const root: Hdf5Group = { kind: 'group', attributes: new Map([['__type__', attribute]]), children: new Map() };
    expect(messageOf(writeHdf5(root))).toBe(
      'file: holds recordings (NIRGraphData), no net; expected a NIR file with a net',
    );
  });

  it('with a cut anywhere are refused', () => {
    const bytes = bytesOf(sound());
    for (let length = 0; length < bytes.length; length += 97) messageOf(bytes.subarray(0, length));
  });
});
