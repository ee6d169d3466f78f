import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode } from '../../graph/graph.ts';
import type { JsonValue, Model } from '../../model/model.ts';
import { monitorKinds } from '../../monitoring/monitors.ts';
import { scalar, type Tensor, tensor } from '../../tensor.ts';
import { readModel, writeModel } from '../spike.ts';
import { formatModel, parseModel } from './model.ts';

const minimal = {
  nodes: {
    in: { type: 'Input', shape: [1] },
    fc: { type: 'Affine', weight: [[1]], bias: [0] },
    lif: { type: 'LIF', tau: 0.0025, r: 1, v_leak: 0, v_threshold: 0.1, v_reset: 0 },
    out: { type: 'Output', shape: [1] },
  },
  edges: [
    ['in', 'fc'],
    ['fc', 'lif'],
    ['lif', 'out'],
    ['lif', 'fc', { delay: 1 }],
  ],
};

/** The minimal document with one thing changed: `set('nodes.lif.tau', 1)`. */
function set(path: string, value: unknown): unknown {
  const copy = structuredClone({
    ...minimal,
    semantics: {},
    learning: { fc: { rule: 'pes' } },
    encoder: { in: { type: 'direct' } },
    decoder: { out: { type: 'count' } },
    sample: { steps: 10, between: 'reset' },
    monitor: { type: 'next-reading', warmUp: 300, quantile: 0.99, sensitivity: 6, holdOff: 60 },
    channels: [{ name: 'temperature', unit: '°C' }],
    labels: ['a'],
    quantization: {
      bits: 8,
      inputs: { in: { scale: 1, maximum: 1 } },
      connections: { fc: { shift: 0 } },
      neurons: { lif: { membraneBits: 32, scale: [1], fraction: 8, decay: [1], bias: [0], initial: [0] } },
    },
    selfTests: [{ steps: 3, input: { in: [[0, 0, 1]] }, output: { out: [] }, membranes: { lif: [0.5] } }],
  }) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  let owner = copy;
  for (const key of keys) owner = owner[key] as Record<string, unknown>;
  owner[last] = value;
  return copy;
}

describe('parseModel', () => {
  it('reads the example of the format, from text and from an object', () => {
    const model = parseModel(JSON.stringify(minimal));
    expect(parseModel(minimal)).toEqual(model);
    expect([...model.graph.nodes.keys()]).toEqual(['in', 'fc', 'lif', 'out']);
    expect(model.graph.nodes.get('fc')!.parameters).toEqual({
      weight: { shape: [1, 1], data: Float64Array.of(1) },
      bias: { shape: [1], data: Float64Array.of(0) },
    });
    expect(model.graph.nodes.get('lif')!.parameters.tau).toEqual(scalar(0.0025));
    expect(model.graph.edges).toEqual([
      { source: 'in', target: 'fc', delay: 0 },
      { source: 'fc', target: 'lif', delay: 0 },
      { source: 'lif', target: 'out', delay: 0 },
      { source: 'lif', target: 'fc', delay: 1 },
    ]);
    expect(model.semantics).toEqual({
      dt: 0.001,
      integrate: 'euler',
      threshold: 'gt',
      reset: 'value',
      spikesPerStep: 'one',
    });
    expect(model).toMatchObject({
      labels: [],
      provenance: {},
      selfTests: [],
      sample: { steps: 1, between: 'continue' },
    });
  });

  it('accepts the document whose parts the refusals below break', () => {
    expect(parseModel(set('provenance', {})).learning.get('fc')).toEqual([
      { rule: 'pes', parameters: { learningRate: 1e-4, tauPre: 0.005 } },
    ]);
  });

  it('keeps the order of nodes whose names look like numbers', () => {
    const text = JSON.stringify(minimal).replaceAll('"fc"', '"10"').replaceAll('"lif"', '"9"');
    expect([...parseModel(text).graph.nodes.keys()]).toEqual(['in', '10', '9', 'out']);
  });

  it('puts references in place of tensors', () => {
    const weight = tensor(Float32Array.of(2), [1, 1]);
    const model = parseModel(set('nodes.fc.weight', { tensor: 'w' }), {
      tensors: new Map([['w', weight]]),
      check: false,
    });
    expect(model.graph.nodes.get('fc')!.parameters.weight).toMatchObject({ shape: [1, 1] });
    const plain = parseModel(
      { ...minimal, nodes: { ...minimal.nodes, fc: { type: 'Linear', weight: { tensor: 'w' } } } },
      { tensors: new Map([['w', weight]]) },
    );
    expect(plain.graph.nodes.get('fc')!.parameters.weight).toBe(weight);
  });

  it('leaves what the text means unchecked for tools', () => {
    const dangling = set('edges', [['in', 'nowhere']]);
    expect(() => parseModel(dangling)).toThrow('edge "in"→"nowhere": refers to unknown node "nowhere"');
    expect(parseModel(dangling, { check: false }).graph.edges).toHaveLength(1);
  });

  it.each<[path: string, value: unknown, message: string]>([
    ['labls', [], 'model: has the unknown key "labls"; expected nodes, edges, semantics'],
    ['nodes', [], 'nodes: is a list; expected an object'],
    ['nodes', undefined, 'model: has no nodes; expected "nodes": {…}'],
    ['edges', undefined, 'model: has no edges; expected "edges": [["from", "to"], …]'],
    ['edges', {}, 'edges: is an object; expected a list'],
    ['edges.0', ['in'], 'edges[0]: is not an edge; expected ["from", "to"] or'],
    ['edges.0', ['in', 'fc', {}, 1], 'edges[0]: is not an edge'],
    ['edges.0', ['in', 3], 'edges[0][1]: is 3; expected a text'],
    ['edges.3.2', { delay: -1 }, 'edges[3][2].delay: is -1; expected a whole number in 0…2147483647'],
    ['edges.3.2', { delay: 0.5 }, 'edges[3][2].delay: is 0.5; expected a whole number in 0…2147483647'],
    ['edges.3.2', { lag: 1 }, 'edges[3][2]: has the unknown key "lag"; expected delay, port'],
    ['nodes.lif', 7, 'nodes.lif: is 7; expected an object'],
    ['nodes.lif.type', undefined, 'nodes.lif: has no type; expected "type": "…"'],
    ['nodes.lif.type', 'LIFF', 'node "lif": has unknown type "LIFF"; expected Input, Output,'],
    ['nodes.lif.tua', 1, 'node "lif" (LIF): has no parameter "tua"; expected tau,'],
    ['nodes.lif.rule', 1, 'node "lif" (LIF): has no parameter "rule"; expected tau,'],
    ['nodes.lif.tau', [1, 2, 'x'], 'nodes.lif.tau[2]: is "x"; expected a finite number'],
    ['nodes.lif.tau', Number.NaN, 'nodes.lif.tau: is NaN; expected a number'],
    ['nodes.lif.tau', [[1], [Number.POSITIVE_INFINITY]], 'nodes.lif.tau[1][0]: is Infinity; expected a finite number'],
    [
      'nodes.lif.tau',
      true,
      'nodes.lif.tau: is true; expected a number, nested lists of numbers, or {"tensor": "name"}',
    ],
    ['nodes.lif.tau', {}, 'nodes.lif.tau: is an empty object; expected numbers or {"tensor": "name"}'],
    ['nodes.lif.tau', { file: 'x' }, 'nodes.lif.tau: has the unknown key "file"; expected tensor'],
    ['nodes.lif.tau', { tensor: 'x' }, 'nodes.lif.tau.tensor: is "x"; expected none'],
    ['nodes.lif.tau', -1, 'node "lif" (LIF).tau: is -1; expected a number above 0'],
    ['nodes.fc.weight', [[1], [1, 2]], 'nodes.fc.weight[1]: has 2 values; expected 1, as in the first row'],
    ['nodes.fc.weight', [[1], 2], 'nodes.fc.weight[1]: is 2; expected a list of 1 values'],
    [
      'nodes.fc.weight',
      [[[1, 2]], [[1, 2, 3]]],
      'nodes.fc.weight[1][0]: has 3 values; expected 2, as in the first row',
    ],
    ['nodes.fc.bias', [1, 2], 'node "fc": Affine: has a bias of 2 values; expected 1'],
    ['nodes.lif.semantics', { reset: 'soft' }, 'nodes.lif.semantics.reset: is "soft"; expected value or subtract'],
    ['nodes.a', { type: 'NIRGraph', nodes: {} }, 'nodes.a: has no edges'],
    [
      'nodes.a',
      { type: 'NIRGraph', nodes: {}, edges: [], tau: 1 },
      'nodes.a: has the unknown key "tau"; expected type, nodes, edges',
    ],
    ['semantics.dt', 0, 'semantics.dt: is 0; expected a positive number of seconds'],
    ['semantics.reset', 'soft', 'semantics.reset: is "soft"; expected value or subtract'],
    ['semantics.mode', 1, 'semantics.mode: is not a key of semantics'],
    ['learning.fc.rule', 'hebb', 'learning.fc.rule: is "hebb"; expected '],
    ['learning.fc.rule', undefined, 'learning.fc: has no rule'],
    [
      'learning.fc.rate',
      1,
      'learning.fc: has no parameter "rate"; expected learningRate, tauPre, bounds, softness, storage',
    ],
    ['learning.fc.learningRate', -1, 'learning.fc.learningRate: is -1; expected at least 0'],
    ['learning.fc.learningRate', '1', 'learning.fc.learningRate: is "1"; expected a number'],
    ['learning.fc.bounds', [2, 1], 'learning.fc.bounds: is [2,1], no range; expected [lowest, highest]'],
    ['learning.fc.storage', 'int4', 'learning.fc.storage: is "int4"; expected "float32" or "int16" or "int8"'],
    [
      'learning',
      { lif: { rule: 'pes' } },
      'learning["lif"]: refers to a node of type LIF; expected one of the connection nodes: fc',
    ],
    ['encoder.in.type', 'morse', 'encoder["in"]: has unknown encoder "morse"; expected direct,'],
    ['encoder.in.rate', 3, 'encoder["in"] (direct): has no parameter "rate"'],
    ['encoder.in.rule', 'x', 'encoder["in"] (direct): has no parameter "rule"'],
    [
      'encoder',
      { out: { type: 'direct' } },
      'encoder["out"]: refers to a node of type Output; expected one of the input nodes: in',
    ],
    ['decoder.out.type', 'morse', 'decoder["out"]: has unknown decoder "morse"; expected count,'],
    [
      'decoder',
      { no: { type: 'count' } },
      'decoder["no"]: refers to an unknown node; expected one of the output nodes: out',
    ],
    ['sample.steps', 0, 'sample.steps: is 0; expected a whole number in 1…2147483647'],
    ['sample.rest', -1, 'sample.rest: is -1; expected a whole number in 0…2147483637'],
    ['sample.rest', 2 ** 31 - 10, 'sample.rest: is 2147483638; expected a whole number in 0…2147483637'],
    ['sample.zeros', 'some', 'sample.zeros: is "some"; expected "never"'],
    ['sample.between', 'rest', 'sample.between: is "rest"; expected "reset" or "continue"'],
    ['monitor.quantile', 2, 'monitor.quantile: is 2; expected a number below 1'],
    ['monitor.type', 'other', 'monitor.type: is "other"; expected "next-reading" or "silence"'],
    ['channels.0', 'temperature', 'channels[0]: is "temperature"; expected an object'],
    ['channels.0.name', '', 'channels[0].name: has the name ""; expected a name of 1…256 characters'],
    ['labels', 'a', 'labels: is "a"; expected a list'],
    ['labels.0', 1, 'labels[0]: is 1; expected a text'],
    ['provenance', 1, 'provenance: is 1; expected an object'],
    ['provenance', { when: () => 1 }, 'provenance.when: is () => 1; expected a JSON value'],
    ['quantization.bits', 6, 'quantization.bits: is 6; expected 8 or 4'],
    ['quantization.inputs.in.scale', 0, 'quantization.inputs.in: has scale 0; expected a scale above 0'],
    [
      'quantization.connections.fc.shift',
      -1,
      'quantization.connections.fc.shift: is -1; expected a whole number in 0…24',
    ],
    ['quantization.neurons.lif.membraneBits', 24, 'quantization.neurons.lif.membraneBits: is 24; expected 16 or 32'],
    [
      'quantization.neurons.lif.decay',
      [40_000],
      'quantization.neurons.lif.decay[0]: is 40000; expected a whole number in -32768…32768',
    ],
    ['quantization.neurons.lif.bias', [0.5], 'quantization.neurons.lif.bias[0]: is 0.5; expected a whole number'],
    [
      'quantization.neurons.lif.bias',
      [2 ** 31],
      'quantization.neurons.lif.bias[0]: is 2147483648; expected a whole number',
    ],
    ['quantization.neurons.lif.bias', [[0]], 'quantization.neurons.lif.bias: has 2 dimensions; expected a list'],
    [
      'quantization.neurons.lif.bias',
      [0, 0],
      'quantization.neurons["lif"].bias: has 2 values; expected 1, one per neuron',
    ],
    ['quantization.neurons.lif.scale', [0], 'quantization.neurons.lif.scale[0]: is 0; expected a number above 0'],
    ['quantization.neurons.lif.leak', [0], 'quantization.neurons.lif: has the unknown key "leak"'],
    ['quantization.neurons.lif.adaptation', [], 'quantization.neurons.lif.adaptation: is a list; expected an object'],
    [
      'quantization.neurons.lif.adaptation',
      { fraction: 0, decay: [1], rise: [1] },
      'quantization.neurons.lif.adaptation: has no initial; expected fraction, decay, rise, initial',
    ],
    [
      'quantization.neurons.lif.adaptation',
      { fraction: 32, decay: [1], rise: [1], initial: [0] },
      'quantization.neurons.lif.adaptation.fraction: is 32; expected a whole number in 0…31',
    ],
    [
      'quantization.neurons.lif.adaptation',
      { fraction: 0, decay: [32_769], rise: [1], initial: [0] },
      'quantization.neurons.lif.adaptation.decay[0]: is 32769; expected a whole number in -32768…32768',
    ],
    [
      'quantization.neurons.lif.adaptation',
      { fraction: 0, decay: [1], rise: [1, 1], initial: [0] },
      'quantization.neurons["lif"].adaptation.rise: has 2 values; expected 1, one per neuron',
    ],
    [
      'quantization.neurons.lif.current',
      { decay: [1], gain: [1], bias: [], initial: [0] },
      'quantization.neurons["lif"].current.bias: has 0 values; expected 1, one per neuron',
    ],
    ['quantization.neurons', { fc: {} }, 'quantization.neurons.fc: has no membraneBits'],
    [
      'quantization.connections',
      { lif: { shift: 0 } },
      'quantization.connections["lif"]: refers to a node of type LIF',
    ],
    ['nodes.fc.weight', [[0.5]], 'node "fc".weight[0]: is 0.5; expected a whole number in -127…127'],
    ['selfTests.0.steps', 0, 'selfTests[0].steps: is 0; expected a whole number from 1'],
    ['selfTests.0.steps', 1e9, 'selfTests: last 1000000000 steps; expected at most 100000 together'],
    [
      'selfTests.0.input.in',
      [[0, 0]],
      'selfTests[0].input.in: is not a list of events; expected rows of [step, element, value]',
    ],
    ['selfTests.0.input.in', [[3, 0, 1]], 'selfTests[0].input["in"][0]: has step 3; expected a whole number in 0…2'],
    ['selfTests.0.input.in', [[0, 1, 1]], 'selfTests[0].input["in"][0]: has element 1; expected a whole number in 0…0'],
    ['selfTests.0.output', { in: [] }, 'selfTests[0].output["in"]: refers to a node of type Input'],
    ['selfTests.0.membranes', { out: [1] }, 'selfTests[0].membranes["out"]: refers to a node of type Output'],
    ['selfTests.0.membranes.lif', [1, 2], 'selfTests[0].membranes["lif"]: has 2 values; expected 1, one per neuron'],
  ])('refuses %s = %j', (path, value, message) => {
    const refusal = (() => {
      try {
        parseModel(set(path, value));
      } catch (error) {
        return error as Error;
      }
      throw new Error('was accepted');
    })();
    expect(refusal).toMatchObject({ name: 'SpikewireError' });
    expect(refusal.message).toContain(message);
  });

  it('is not harmed by names of the prototype', () => {
    const text = JSON.stringify(minimal).replaceAll('"fc"', '"__proto__"');
    const model = parseModel(text.replace('"edges"', '"provenance":{"__proto__":{"polluted":1}},"edges"'));
    expect(model.graph.nodes.get('__proto__')!.type).toBe('Affine');
    expect(Object.keys(model.provenance)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(parseModel(formatModel(model).json)).toEqual(model);
    const bad = text.replace('"tau":0.0025', '"tau":0.0025,"__proto__":1');
    expect(() => parseModel(bad)).toThrow('node "lif" (LIF): has no parameter "__proto__"');
  });

  it('is not harmed by objects and lists that contain themselves', () => {
    const list: unknown[] = [];
    list.push(list);
    const object: Record<string, unknown> = { type: 'NIRGraph', edges: [] };
    object.nodes = { inner: object };
    expect(() => parseModel(set('nodes.lif.tau', list))).toThrow('nested too deeply; expected at most 16 dimensions');
    expect(() => parseModel(set('nodes.inner', object))).toThrow('nested too deeply; expected at most 64 levels');
    expect(() => parseModel(set('provenance', { list }))).toThrow('nested too deeply');
  });

  it('names what is far too long only in part', () => {
    const name = 'x'.repeat(100_000);
    for (const broken of [set(`nodes.${name}`, { type: 'Output' }), set(name, 1), set('labels.0', [name])]) {
      try {
        parseModel(broken);
        expect.unreachable();
      } catch (error) {
        expect((error as Error).message.length).toBeLessThan(500);
      }
    }
  });
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const numbers: fc.Arbitrary<Tensor> = fc.oneof(
  finite.map(scalar),
  fc.array(finite, { minLength: 1, maxLength: 20 }).map((values) => tensor(Float64Array.from(values))),
  fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      fc.float64Array({ minLength: 9, maxLength: 9, noNaN: true, noDefaultInfinity: true }),
    )
    .map(([rows, columns, values]) => tensor(values.slice(0, rows * columns), [rows, columns])),
);
const typedNumbers: fc.Arbitrary<Tensor> = fc.oneof(
  numbers,
  fc.int8Array({ minLength: 1 }).map((values) => tensor(values)),
  fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }).map((values) => tensor(values)),
  fc.constant(tensor(new Float32Array(0), [0, 3])),
);
const parameterName = fc.constantFrom('tau', 'weight', 'bias', 'r', '__proto__', 'constructor');
const semantics = fc.record(
  { integrate: fc.constantFrom('euler', 'exact'), reset: fc.constantFrom('value', 'subtract') } as const,
  { requiredKeys: [] },
);

function graphOf(values: fc.Arbitrary<Tensor>): fc.Arbitrary<Graph> {
  const { graph } = fc.letrec<{ graph: Graph; node: GraphNode }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc
        .tuple(
          name.filter((type) => type !== 'NIRGraph'),
          fc.dictionary(parameterName, fc.oneof(values, fc.constantFrom('same', 'valid')), { noNullPrototype: true }),
          fc.option(semantics),
        )
        .map(([type, parameters, own]): GraphNode => ({ type, parameters, ...(own && { semantics: own }) })),
      fc.record({ type: fc.constant('NIRGraph'), parameters: fc.constant({}), graph: tie('graph') }),
    ),
    graph: fc.record({
      nodes: fc.array(fc.tuple(name, tie('node')), { maxLength: 4 }).map((entries) => new Map(entries)),
      edges: fc.array(
        fc
          .tuple(name, name, fc.nat(9), fc.option(name))
          .map(([source, target, delay, port]) => ({ source, target, delay, ...(port && { port }) })),
        { maxLength: 4 },
      ),
    }),
  }));
  return graph;
}

const json = fc.dictionary(name, fc.jsonValue({ maxDepth: 3 })) as fc.Arbitrary<Record<string, JsonValue>>;
const coding = fc.record({
  type: name,
  parameters: json.map(({ type: _type, ...parameters }) => parameters),
});
const byNode = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(name, value), { maxLength: 3 }).map((entries) => new Map(entries));

function modelOf(values: fc.Arbitrary<Tensor>): fc.Arbitrary<Model> {
  const rows = fc.array(fc.tuple(fc.nat(9), fc.nat(9), finite), { maxLength: 3 });
  const events = rows.map((list): Tensor => ({ shape: [list.length, 3], data: Float64Array.from(list.flat()) }));
  return fc.record(
    {
      graph: graphOf(values),
      semantics: fc.record({
        dt: fc.double({ min: 1e-9, max: 1, noNaN: true }),
        integrate: fc.constantFrom('euler', 'exact', 'rk4'),
        threshold: fc.constantFrom('gt', 'ge'),
        reset: fc.constantFrom('value', 'subtract'),
        spikesPerStep: fc.constantFrom('one', 'many'),
      } as const),
      learning: byNode(
        fc.array(
          fc.record(
            {
              rule: fc.constant('pes'),
              parameters: fc.record({ learningRate: fc.nat(), tauPre: fc.nat() }),
              bounds: fc.tuple(finite, finite).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
              storage: fc.constantFrom('float32' as const, 'int16' as const),
            },
            { requiredKeys: ['rule', 'parameters'] },
          ),
          { minLength: 1, maxLength: 3 },
        ),
      ),
      encoder: byNode(coding),
      decoder: byNode(coding),
      channels: fc.array(fc.record({ name, unit: fc.constantFrom('', '°C') }), { maxLength: 2 }),
      sample: fc.record(
        {
          steps: fc.integer({ min: 1, max: 999 }),
          between: fc.constantFrom('reset', 'continue'),
          rest: fc.integer({ min: 1, max: 999 }),
          zeros: fc.constant('never'),
        } as const,
        { requiredKeys: ['steps', 'between'] },
      ),
      monitors: fc.array(
        fc.record({
          type: fc.constantFrom(...monitorKinds.map(({ type }) => type)),
          parameters: fc.record(
            {
              warmUp: fc.integer({ min: 1, max: 999 }),
              sensitivity: fc.double({ min: 0, max: 9, noNaN: true }),
              holdOff: fc.nat(),
              whileFlagged: fc.constantFrom('learn', 'hold'),
            },
            { requiredKeys: [] },
          ),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      labels: fc.array(fc.string({ unit: 'grapheme' })),
      provenance: json,
      selfTests: fc.array(
        fc.record({ steps: fc.integer({ min: 1, max: 9 }), input: byNode(events), output: byNode(events) }),
        {
          maxLength: 2,
        },
      ),
    },
    {
      requiredKeys: [
        'graph',
        'semantics',
        'learning',
        'encoder',
        'decoder',
        'channels',
        'sample',
        'labels',
        'provenance',
        'selfTests',
      ],
    },
  );
}

describe('formatModel', () => {
  it('writes text that reads back as the same model', () => {
    fc.assert(
      fc.property(modelOf(numbers), (model) => {
        const { json: text, tensors } = formatModel(model);
        expect(tensors.size).toBe(0);
        expect(parseModel(text, { check: false })).toEqual(model);
      }),
    );
  });

  it('puts tensors aside so that even their formats survive', () => {
    fc.assert(
      fc.property(modelOf(typedNumbers), (model) => {
        const { json: text, tensors } = formatModel(model, { tensors: 'apart' });
        const read = parseModel(text, { tensors, check: false });
        expect(read).toEqual(model);
        expect(formatModel(read, { tensors: 'apart' })).toEqual({ json: text, tensors });
      }),
    );
  });

  it('is laid out for people', () => {
    expect(formatModel(parseModel(minimal)).json).toBe(
      [
        '{',
        '  "nodes": {',
        '    "in": {"type": "Input", "shape": [1]},',
        '    "fc": {"type": "Affine", "weight": [[1]], "bias": [0]},',
        '    "lif": {"type": "LIF", "tau": 0.0025, "r": 1, "v_leak": 0, "v_threshold": 0.1, "v_reset": 0},',
        '    "out": {"type": "Output", "shape": [1]}',
        '  },',
        '  "edges": [["in", "fc"], ["fc", "lif"], ["lif", "out"], ["lif", "fc", {"delay": 1}]],',
        '  "semantics": {"dt": 0.001, "integrate": "euler", "threshold": "gt", "reset": "value", "spikesPerStep": "one"},',
        '  "sample": {"steps": 1, "between": "continue"}',
        '}',
      ].join('\n'),
    );
  });
});

describe('features', () => {
  const chain = [
    { type: 'window', length: 1024, hop: 512 },
    [{ type: 'rms' }, { type: 'band-energies', sampleRate: 12_000, bands: 2, low: 500, high: 6000, spacing: 'log' }],
    { type: 'logarithm' },
  ];
  const featured = {
    ...minimal,
    nodes: {
      ...minimal.nodes,
      in: { type: 'Input', shape: [30] },
      fc: { type: 'Linear', weight: [new Array(30).fill(1)] },
    },
    edges: minimal.edges.slice(0, 3),
    features: { in: chain },
    encoder: { in: { type: 'population', fields: 5, range: 'auto' } },
  };

  it('are read, written and read again as they were, in the text and in the file', () => {
    const model = parseModel(featured);
    const [window, [rms, bands], logarithm] = model.features!.get('in') as never as [never, [never, never], never];
    expect(window).toEqual({ type: 'window', parameters: { length: 1024, hop: 512 } });
    expect(rms).toEqual({ type: 'rms', parameters: {} });
    expect(bands).toMatchObject({ type: 'band-energies', parameters: { spacing: 'log', low: 500 } });
    expect(logarithm).toEqual({ type: 'logarithm', parameters: {} });
    expect(parseModel(formatModel(model).json)).toEqual(model);
    expect(JSON.parse(formatModel(model).json).features).toEqual(featured.features);
    expect(readModel(writeModel(model))).toEqual(model);
    expect(formatModel(parseModel(minimal)).json).not.toContain('features');
  });

  it.each([
    [{ in: [] }, 'features["in"]: has 0 features; expected 1 to 16'],
    [{ in: { type: 'rms' } }, 'features.in: is an object; expected a list'],
    [{ in: ['rms'] }, 'features.in[0]: is "rms"; expected an object'],
    [{ in: [{ length: 4 }] }, 'features.in[0]: has no type'],
    [{ in: [{ type: 'median' }] }, 'features["in"][0]: has unknown feature "median"'],
    [
      { in: [{ type: 'window', lenght: 4 }] },
      'features["in"][0] (window): has no parameter "lenght"; expected length, hop',
    ],
    [{ in: [{ type: 'window', length: 4, hop: 0 }] }, 'features["in"][0] (window).hop: is 0; expected at least 1'],
    [
      { in: [{ type: 'window', length: 4 }] },
      'features["in"]: gives 4 numbers per channel; expected a divisor of the 6',
    ],
    [{ out: chain }, 'features["out"]: refers to a node of type Output'],
    [{ inn: chain }, 'features["inn"]: refers to an unknown node'],
  ])('refuses %j', (features, message) => {
    expect(() => parseModel({ ...featured, features })).toThrow(message);
  });

  it('need an encoder behind them', () => {
    const { encoder: _, ...bare } = featured;
    expect(() => parseModel(bare)).toThrow('features["in"]: has no encoder behind it; expected an entry in "encoder"');
  });
});
