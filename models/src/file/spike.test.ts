import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { SpikewireError } from '../error.ts';
import type { Model } from '../model/model.ts';
import type { NeuronQuantization } from '../model/quantization.ts';
import type { Tensor } from '../tensor.ts';
import { formatOf, modelDigest, readAnyModel } from './formats.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { readModel, writeModel } from './spike.ts';
import { formatModel, parseModel } from './text/model.ts';

const text = `{"nodes":{"in":{"type":"Input","shape":[2]},
          "fc":{"type":"Affine","weight":[[1,-0.5],[0.25,1e-3],[0,3]],"bias":[0,0,0.1]},
          "lif":{"type":"LIF","tau":0.0025,"v_threshold":[0.1,0.2,0.3],"semantics":{"reset":"subtract"}},
          "out":{"type":"Output","shape":[3]}},
 "edges":[["in","fc"],["fc","lif"],["lif","out"]],
 "semantics":{"dt":0.0001},"encoder":{"in":{"type":"poisson","maxRate":100}},"decoder":{"out":{"type":"count"}},
 "labels":["ok","worn","broken"],"provenance":{"seed":1,"data":{"name":"none","rows":[1,2]}},
 "selfTests":[{"steps":3,"input":{"in":[[0,1,1],[2,0,1]]},"output":{"out":[]}}]}`;

const model = parseModel(text);

function refusal(run: () => unknown): SpikewireError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SpikewireError);
    expect((error as SpikewireError).message).not.toMatch(/\n/);
    return error as SpikewireError;
  }
  throw new Error('was accepted');
}

/** A file with a right digest around any metadata and tensors, as an attacker would make it. */
function forge(
  metadata: Record<string, string>,
  tensors: ReadonlyMap<string, Tensor> = new Map(),
  digestAt = '"digest":"',
): Uint8Array {
  const bytes = writeSafetensors(tensors, { ...metadata, digest: '0'.repeat(64) });
  const offset = Buffer.from(bytes).indexOf(digestAt) + digestAt.length;
  bytes.set(Buffer.from(createHash('sha256').update(bytes).digest('hex')), offset);
  return bytes;
}

function forgeGraph(graph: string, tensors?: ReadonlyMap<string, Tensor>): Uint8Array {
  return forge({ format: 'spikewire', version: '1', graph }, tensors);
}

describe('a .spike file', () => {
  it('gives back the model', () => {
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it('is a safetensors file whose digest covers every byte', () => {
    const bytes = writeModel(model);
    const { metadata, tensors } = readSafetensors(bytes);
    expect(Object.keys(metadata)).toEqual(['format', 'version', 'graph', 'digest']);
    expect([...tensors.keys()].sort()).toEqual(['fc.weight', 'selfTests[0].input.in', 'selfTests[0].output.out']);
    const blank = Buffer.from(bytes).toString('latin1').replace(metadata.digest!, '0'.repeat(64));
    expect(metadata.digest).toBe(createHash('sha256').update(Buffer.from(blank, 'latin1')).digest('hex'));
  });

  it('has the same bytes for equal models, in whatever order their members were set', () => {
    const turned = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).reverse()) as T;
    const same: Model = turned({
      ...model,
      semantics: turned(model.semantics),
      provenance: turned(model.provenance),
      graph: {
        ...model.graph,
        nodes: new Map(
          [...model.graph.nodes].map(([name, node]) => [name, { ...node, parameters: turned(node.parameters) }]),
        ),
      },
    });
    expect(writeModel(same)).toEqual(writeModel(model));
  });

  it('does not keep a model that a reader would refuse', () => {
    const broken: Model = { ...model, encoder: new Map([['lif', { type: 'poisson', parameters: {} }]]) };
    expect(refusal(() => writeModel(broken)).message).toBe(
      'encoder["lif"]: refers to a node of type LIF; expected one of the input nodes: in',
    );
  });

  it('keeps the weights of an integer model in one byte each', () => {
    const bytes = writeModel(integerModel(784, 256, 10));
    expect(bytes.length).toBeLessThan(260_000);
    const read = readModel(bytes);
    expect(read).toEqual(integerModel(784, 256, 10));
    expect(readSafetensors(bytes).tensors.get('fc1.weight')!.data).toBeInstanceOf(Int8Array);
  });

  it('is read from bytes at any alignment', () => {
    const bytes = writeModel(model);
    for (let shift = 0; shift < 8; shift++) {
      const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
      shifted.set(bytes);
      expect(readModel(shifted)).toEqual(model);
    }
  });
});

describe('readModel', () => {
  it('refuses a file with any one byte changed', () => {
    const bytes = writeModel(model);
    const codes = new Set<string>();
    for (let offset = 0; offset < bytes.length; offset++) {
      const original = bytes[offset]!;
      for (const changed of [original ^ 1, original ^ 0x80, 0, 0xff]) {
        if (changed === original) continue;
        bytes[offset] = changed;
        codes.add(refusal(() => readModel(bytes)).code);
        refusal(() => readAnyModel(bytes));
      }
      bytes[offset] = original;
    }
    expect([...codes]).toEqual(['file']);
    expect(readModel(bytes)).toEqual(model);
  });

  it('refuses a file truncated anywhere, or with anything behind it', () => {
    const bytes = writeModel(model);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => readModel(bytes.subarray(0, length))).code).toBe('file');
    }
    expect(refusal(() => readModel(Buffer.concat([bytes, Buffer.alloc(1)]))).code).toBe('file');
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['another format', forge({ format: 'pt', version: '1', graph: text }), /metadata: is not that of a model/],
    ['no format', forge({ version: '1', graph: text }), /metadata: is not that of a model/],
    [
      'a later version',
      forge({ format: 'spikewire', version: '2', graph: text }),
      /is version 2, written by a newer spikewire; expected version 1/,
    ],
    ['a version that is none', forge({ format: 'spikewire', version: '01', graph: text }), /has an unknown version/],
    ['no graph', forge({ format: 'spikewire', version: '1' }), /has no value here/],
    [
      'more metadata',
      forge({ format: 'spikewire', version: '1', graph: text, path: '/' }),
      /has the unknown key "path"/,
    ],
    ['a graph that is not JSON', forgeGraph('{'), /model line 1 column 2/],
    ['a graph of 100,000 brackets', forgeGraph('['.repeat(100_000)), /nested too deeply/],
    [
      'a tensor that nothing uses',
      forgeGraph(text, new Map([['x', { shape: [1], data: Uint8Array.of(1) }]])),
      /does not use tensor x/,
    ],
    [
      'a reference to nothing',
      forgeGraph(text.replace('0.0025', '{"tensor":"x"}')),
      /nodes\.lif\.tau\.tensor: is "x"; expected none/,
    ],
    [
      'two references to one tensor',
      forgeGraph(
        text.replace('0.0025', '{"tensor":"x"}').replace('[0,0,0.1]', '{"tensor":"x"}'),
        new Map([['x', { shape: [3], data: Float32Array.of(1, 1, 1) }]]),
      ),
      /is "x", which was used before/,
    ],
    ['a width of 2^52', forgeGraph(text.replace('"shape":[2]', '"shape":[4503599627370496]')), /edge "in"→"fc"/],
  ])('refuses a file with a right digest and %s', (_what, bytes, says) => {
    expect(refusal(() => readModel(bytes)).message).toMatch(says);
  });

  it('refuses a digest that is none, stands twice, or is written with escapes', () => {
    const none = writeSafetensors(new Map(), { format: 'spikewire', version: '1', graph: text });
    expect(refusal(() => readModel(none)).message).toBe(
      'digest: is not a digest; expected SHA-256 as 64 lower-case hex digits',
    );
    const upper = Buffer.from(writeModel(model)).toString('latin1');
    const digest = modelDigest(model);
    expect(
      refusal(() => readModel(Buffer.from(upper.replace(digest, digest.toUpperCase()), 'latin1'))).message,
    ).toMatch(/is not a digest/);
    const second = `\\u00${digest.charCodeAt(1).toString(16)}`;
    const escaped = upper.replace(digest, digest[0] + second + digest.slice(2));
    const grown = Buffer.from(escaped, 'latin1');
    grown.writeUInt32LE(grown.readUInt32LE() + 5);
    expect(refusal(() => readModel(grown)).message).toMatch(/stands not in the header/);
    const twice = writeSafetensors(new Map(), {
      format: 'spikewire',
      version: '1',
      graph: `{"x":"${digest}"}`,
      digest,
    });
    expect(refusal(() => readModel(twice)).message).toMatch(/stands twice in the header/);
  });

  it('holds a model against the budget of the device before anything is allocated for it', () => {
    const bytes = writeModel(model);
    expect(readModel(bytes, { neurons: 3, synapses: 6 })).toEqual(model);
    expect(refusal(() => readModel(bytes, { neurons: 2 })).message).toBe('model: needs 3 neurons; expected at most 2');
    expect(refusal(() => readModel(bytes, { synapses: 5 })).message).toBe(
      'model: needs 6 synapses; expected at most 5',
    );
    expect(refusal(() => readModel(bytes, { bytes: 100 }))).toMatchObject({ code: 'budget' });
    const vast = (shape: string, delay: number) =>
      `{"nodes":{"in":{"type":"Input","shape":${shape}},"out":{"type":"Output"}},"edges":[["in","out",{"delay":${delay}}]]}`;
    for (const graph of [vast('[1e9]', 0), vast('[1]', 2_000_000_000), vast('[3e9,3e9,3e9]', 1)]) {
      expect(refusal(() => readModel(forgeGraph(graph)))).toMatchObject({ code: 'budget' });
    }
  });
});

describe('readAnyModel', () => {
  it('stops reading a text whose header could not be written', () => {
    const names = Array.from({ length: 100_000 }, (_, k) => `"${k}":{"type":"Output"}`).join();
    // Whoever reads on to the end finds that there is none.
    expect(refusal(() => readAnyModel(Buffer.from(`{"nodes":{${names}`))).message).toMatch(
      /^model line 1 column 1\d{6}: has too many names and other strings; expected at most 1048576 characters of them$/,
    );
  });

  it('reads both forms, told apart by content', () => {
    const written = writeModel(model);
    const encoded = new TextEncoder().encode(`\n ${text}`);
    expect(formatOf(written)?.name).toBe('spike');
    expect(formatOf(encoded)?.name).toBe('json');
    expect(readAnyModel(written)).toEqual(model);
    expect(readAnyModel(encoded)).toEqual(model);
  });

  it.each([
    ['nothing', '', 'nothing: it is empty'],
    ['HDF5', '\x89HDF\r\n\x1a\n{', 'HDF5, as NIR graphs are'],
    ['what PyTorch saves', 'PK\x03\x04{', 'a ZIP archive, such as a file of PyTorch'],
    ['an ONNX model', '\x08\x08\x12\x07pytorch', 'a protocol buffer, such as a file of ONNX'],
    ['a word', 'model', 'text that begins with "model"'],
    ['noise', '\xfe\x00\x01', 'an unknown kind of file'],
  ])('refuses %s in one line', (_what, content, alike) => {
    const bytes = Buffer.from(content, 'latin1');
    expect(formatOf(bytes)).toBeUndefined();
    expect(refusal(() => readAnyModel(bytes)).message).toBe(
      `model: is not a model file; it looks like ${alike}; expected a file in one of the formats spike, json`,
    );
  });

  it('refuses text that is not UTF-8', () => {
    const bytes = Buffer.from(text.replace('worn', 'w\xf6rn'), 'latin1');
    expect(refusal(() => readAnyModel(bytes)).message).toBe('model: is not UTF-8; expected JSON in UTF-8');
  });
});

describe('modelDigest', () => {
  it('is one for a model, its file and its text', () => {
    const digest = modelDigest(model);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(modelDigest(writeModel(model))).toBe(digest);
    expect(modelDigest(new TextEncoder().encode(text))).toBe(digest);
    expect(modelDigest({ ...model, labels: ['other'] })).not.toBe(digest);
  });

  it('is not given for a damaged file', () => {
    const bytes = writeModel(model);
    bytes[bytes.length - 1]! ^= 1;
    expect(refusal(() => modelDigest(bytes)).message).toMatch(/^digest: is [0-9a-f]{64}, but the bytes give/);
  });
});

/** A net of int8 weights with all constants of the integer form. */
function integerModel(inputs: number, hidden: number, outputs: number): Model {
  const weights = (rows: number, columns: number): Tensor => ({
    shape: [rows, columns],
    data: Int8Array.from({ length: rows * columns }, (_, index) => ((index * 7919) % 255) - 127),
  });
  const column = (size: number, value: number) => new Int32Array(size).fill(value);
  const neuron = (size: number): NeuronQuantization => ({
    membraneBits: 32,
    scale: new Float64Array(size).fill(0.01),
    fraction: 8,
    decay: column(size, 31_000),
    bias: column(size, 3),
    initial: column(size, 0),
    threshold: column(size, 25_600),
    reset: column(size, 0),
  });
  const float: Model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      fc1: { type: 'Linear', weight: Array.from({ length: hidden }, () => new Array(inputs).fill(0)) },
      lif1: { type: 'LIF', tau: 0.02, v_threshold: 1 },
      fc2: { type: 'Linear', weight: Array.from({ length: outputs }, () => new Array(hidden).fill(0)) },
      lif2: { type: 'LIF', tau: 0.02, v_threshold: 1 },
      out: { type: 'Output', shape: [outputs] },
    },
    edges: chain('in', 'fc1', 'lif1', 'fc2', 'lif2', 'out'),
  });
  const nodes = new Map(float.graph.nodes);
  nodes.set('fc1', { type: 'Linear', parameters: { weight: weights(hidden, inputs) } });
  nodes.set('fc2', { type: 'Linear', parameters: { weight: weights(outputs, hidden) } });
  return {
    ...float,
    graph: { ...float.graph, nodes },
    quantization: {
      bits: 8,
      inputs: new Map([['in', { scale: 1, maximum: 1 }]]),
      connections: new Map([
        ['fc1', { shift: 0 }],
        ['fc2', { shift: 2 }],
      ]),
      neurons: new Map([
        ['lif1', neuron(hidden)],
        ['lif2', neuron(outputs)],
      ]),
    },
  };
}

describe('the text of an integer model', () => {
  it('reads back with int8 weights and the same constants', () => {
    const whole = integerModel(5, 4, 3);
    expect(parseModel(formatModel(whole).json)).toEqual(whole);
  });
});
