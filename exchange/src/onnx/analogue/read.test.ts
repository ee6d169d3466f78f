import { type Ends, elementCount, formats, readWith, SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { onnx } from '../../formats/onnx.ts';
import { OnnxModelBuilder } from '../model-builder.ts';
import { ProtobufWriter } from '../protobuf.ts';

const json = formats.find(({ name }) => name === 'json')!;

const ones = (...shape: number[]): [Float32Array, number[]] => [new Float32Array(elementCount(shape)).fill(1), shape];

/** A file of one input, what `write` makes of it, and one output. */
function fileOf(shape: number[], write: (net: OnnxModelBuilder, x: string) => string): Uint8Array {
  const net = new OnnxModelBuilder();
  net.input('x', [1, ...shape]);
  net.output('y', write(net, 'x'), [1, 1]);
  return net.finish();
}

/** The line of the error with which bytes are refused. */
function refusal(bytes: Uint8Array, ends?: Ends): string {
  try {
    readWith(onnx, bytes, {}, ends);
  } catch (error) {
    expect(error).toBeInstanceOf(SpikewireError);
    return (error as SpikewireError).message;
  }
  throw new Error('was read');
}

const perceptron = fileOf([3], (net, x) => {
  const hidden = net.emit('Relu', [net.emit('MatMul', [x, net.array(...ones(3, 4))])]);
  return net.emit('Gemm', [hidden, net.array(...ones(4, 2)), net.array(...ones(2))]);
});

/** A file of nodes written one by one, with constants of 1 by name and shape. */
function rawFile(
  nodes: readonly { operator: string; inputs: readonly string[]; output: string; domain?: string }[],
  {
    shape = [1, 3],
    opset = 18,
    tensors = [],
  }: { shape?: readonly (number | bigint)[]; opset?: number; tensors?: ProtobufWriter[] } = {},
): Uint8Array {
  const graph = new ProtobufWriter();
  for (const { operator, inputs, output, domain = '' } of nodes) {
    const node = new ProtobufWriter();
    for (const input of inputs) node.text(1, input);
    graph.message(1, node.text(2, output).text(3, `n${output}`).text(4, operator).text(7, domain));
  }
  for (const tensor of tensors) graph.message(5, tensor);
  const dimensions = new ProtobufWriter();
  for (const size of shape) dimensions.message(1, new ProtobufWriter().integer(1, size));
  const info = (name: string) => {
    const type = new ProtobufWriter().message(1, new ProtobufWriter().integer(1, 1).message(2, dimensions));
    return new ProtobufWriter().text(1, name).message(2, type);
  };
  graph.message(11, info('x')).message(12, info('y'));
  const version = new ProtobufWriter().text(1, '').integer(2, opset);
  return new ProtobufWriter().integer(1, 8).message(7, graph).message(8, version).finish();
}

const tensorOf = (name: string, shape: readonly number[], bytes: number) => {
  const tensor = new ProtobufWriter().text(8, name).integer(2, 1).bytes(9, new Uint8Array(bytes));
  for (const size of shape) tensor.integer(1, size);
  return tensor;
};

describe('a file that is no net', () => {
  it('has many thousand nodes or outputs, all empty: as few objects are made as its size allows', () => {
    const model = (field: number, count: number) => {
      const graph = new ProtobufWriter();
      for (let k = 0; k < count; k++) graph.bytes(field, new Uint8Array(0));
      const version = new ProtobufWriter().integer(2, 18);
      return new ProtobufWriter().integer(1, 8).message(7, graph).message(8, version).finish();
    };
    expect(refusal(model(1, 2 ** 17 + 1))).toBe('graph: has more than 131072 fields; expected an ordinary net');
    expect(refusal(model(12, 2000))).toMatch(
      /^graph: has 2000 outputs: (?:"", ){8}…; expected a choice of one output \(--to of convert and quantize\)$/,
    );
  });

  it('has objects within objects, or numbers in few bytes: no more memory is taken than is allowed', () => {
    const version = new ProtobufWriter().integer(2, 18);
    const around = (graph: ProtobufWriter) =>
      new ProtobufWriter().integer(1, 8).message(7, graph).message(8, version).finish();
    const node = new ProtobufWriter();
    for (let k = 0; k < 1000; k++) node.bytes(5, new Uint8Array(0));
    const nodes = new ProtobufWriter();
    for (let k = 0; k < 100; k++) nodes.message(1, node);
    const tensor = new ProtobufWriter()
      .text(8, 'w')
      .integer(1, 100_000)
      .integer(2, 7)
      .bytes(7, new Uint8Array(100_000));
    for (const bytes of [around(nodes), around(new ProtobufWriter().message(5, tensor))]) {
      expect(() => readWith(onnx, bytes, { bytes: 2e6 })).toThrow(
        /takes more than 2 MB to read; expected a smaller net$/,
      );
      expect(() => readWith(onnx, bytes, { bytes: 2e8 })).not.toThrow(/takes more than/);
    }
  });

  it('ends early wherever it ends: one line says so', () => {
    expect(readWith(onnx, perceptron).model.graph.nodes.size).toBe(5);
    for (let length = 0; length < perceptron.length; length++) {
      expect(refusal(perceptron.subarray(0, length))).toMatch(/^[^\n]+: [^\n]+; expected [^\n]+$/);
    }
  });

  it.each([
    [
      'that goes in a circle',
      rawFile([
        { operator: 'Add', inputs: ['x', 'b'], output: 'a' },
        { operator: 'Relu', inputs: ['a'], output: 'b' },
        { operator: 'Relu', inputs: ['b'], output: 'y' },
      ]),
      'node "na" (Add): takes "b", which no earlier node gives; expected nodes in the order in which they are computed',
    ],
    [
      'that needs itself',
      rawFile([{ operator: 'Relu', inputs: ['y'], output: 'y' }]),
      'node "ny" (Relu): takes "y", which no earlier node gives',
    ],
    [
      'without the output',
      rawFile([{ operator: 'Relu', inputs: ['x'], output: 'z' }]),
      'output "y": is given by no node',
    ],
    [
      'of a huge input',
      rawFile([{ operator: 'Relu', inputs: ['x'], output: 'y' }], { shape: [1, 2 ** 20, 2 ** 20] }),
      'value "x": has shape [1, 1048576, 1048576]; expected known sizes behind the batch',
    ],
    [
      'of an input below 0',
      rawFile([{ operator: 'Relu', inputs: ['x'], output: 'y' }], { shape: [1, -3] }),
      'value "x": has shape [1, -3]',
    ],
    [
      'of huge weights',
      rawFile([{ operator: 'MatMul', inputs: ['x', 'w'], output: 'y' }], {
        tensors: [tensorOf('w', [2 ** 30, 2 ** 30], 8)],
      }),
      'initializer "w": has shape [1073741824, 1073741824]; expected sizes of at least 0',
    ],
    [
      'of weights that are not there',
      rawFile([{ operator: 'MatMul', inputs: ['x', 'w'], output: 'y' }], { tensors: [tensorOf('w', [3, 2 ** 24], 8)] }),
      'initializer "w": has 8 bytes; expected 201326592 for [3, 16777216]',
    ],
    [
      'of weights in another file',
      rawFile([{ operator: 'MatMul', inputs: ['x', 'w'], output: 'y' }], {
        tensors: [tensorOf('w', [3, 1], 12).integer(14, 1)],
      }),
      'initializer "w": has its numbers in another file; expected all numbers in one file',
    ],
    [
      'of weights that do not fit',
      rawFile([{ operator: 'MatMul', inputs: ['x', 'w'], output: 'y' }], { tensors: [tensorOf('w', [4, 1], 16)] }),
      'node "ny" (MatMul of [1, 3]): has a matrix for 4 inputs; expected 4 elements as its last dimension',
    ],
    [
      'of operators that are too new',
      rawFile([{ operator: 'Relu', inputs: ['x'], output: 'y' }], { opset: 99 }),
      'model: has operators of version 99; expected opset 7 to 24',
    ],
  ])('%s', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });

  it('makes no more of itself than a bound, however often it repeats a constant', () => {
    const names = Array.from({ length: 400 }, (_, k) => `c${k}`);
    const nodes = names.map((output, k) => ({ operator: 'Add', inputs: [names[k - 1] ?? 'w', 'w'], output }));
    const bytes = rawFile([...nodes, { operator: 'Add', inputs: ['x', names.at(-1)!], output: 'y' }], {
      tensors: [tensorOf('w', [1, 2 ** 14], 2 ** 16)],
    });
    expect(refusal(bytes)).toContain('model: makes far more numbers than the file');
  });
});

describe('what is not an analogue net is refused with the node, its operator and shape, and the nearest form', () => {
  const image = [2, 6, 6];
  const weight = (net: OnnxModelBuilder) => net.array(...ones(2, 2, 3, 3));
  it.each<[string, number[], (net: OnnxModelBuilder, x: string) => string, string]>([
    [
      'another nonlinearity',
      [3],
      (net, x) => net.emit('LeakyRelu', [x]),
      'node "make LeakyRelu_1" (LeakyRelu of [1, 3]): is not a supported operator; expected Relu',
    ],
    [
      'quantised operators',
      image,
      (net, x) => net.emit('QLinearConv', [x]),
      '(QLinearConv of [1, 2, 6, 6]): is not a supported operator; expected QuantizeLinear and DequantizeLinear around float operators (QDQ)',
    ],
    ['what nobody knows', [3], (net, x) => net.emit('Magic', [x]), 'expected one of Add, ArgMax, AveragePool,'],
    ['what every object has', [3], (net, x) => net.emit('constructor', [x]), 'expected one of Add, ArgMax,'],
    [
      'clipping below 0',
      [3],
      (net, x) => net.emit('Clip', [x, net.scalar(-1), net.scalar(1)]),
      '(Clip of [1, 3]): clips to -1…1; expected Relu, or Clip from 0 to a number above',
    ],
    [
      'products of two values',
      [3],
      (net, x) => net.emit('Mul', [x, net.emit('Relu', [x])]),
      '(Mul of [1, 3]): combines two values that depend on the sample; expected Add or Sub',
    ],
    [
      'something behind the answer',
      [3],
      (net, x) => net.emit('Relu', [net.emit('Softmax', [x])]),
      '(Relu of [1, 3]): comes after Softmax; expected nothing after it',
    ],
    [
      'Softmax over one channel',
      [2, 6, 6],
      (net, x) => net.emit('Softmax', [net.emit('Conv', [x, net.array(...ones(1, 2, 1, 1))])], { axis: 1 }),
      '(Softmax of [1, 1, 6, 6]): goes over one channel, and is the same for all; expected Sigmoid',
    ],
    [
      'channels that do not fit',
      [3, 6, 6],
      (net, x) => net.emit('Conv', [x, weight(net)]),
      '(Conv of [1, 3, 6, 6]): has a weight for 2 channels in 1 groups; expected 3 channels in all',
    ],
    [
      'a kernel that does not fit',
      [2, 2, 2],
      (net, x) => net.emit('Conv', [x, weight(net)]),
      '(Conv of [1, 2, 2, 2]): Conv2d: has a kernel of 3×3 over 2×2',
    ],
    [
      'uneven padding of a pool of what may be below 0',
      image,
      (net, x) => net.emit('MaxPool', [x], { kernel_shape: [2, 2], pads: [0, 0, 1, 1] }),
      '(MaxPool of [1, 2, 6, 6]): pads 0, 0 before and 1, 1 behind; expected equal padding on both sides',
    ],
    [
      'an image of the elements of a matrix',
      [3],
      (net, x) => {
        const row = net.emit('MatMul', [x, net.array(...ones(3, 32))]);
        return net.emit('Conv', [net.emit('Reshape', [row, net.integers([-1, 2, 4, 4])]), weight(net)]);
      },
      '(Conv of [1, 2, 4, 4]): gets elements of [32] as [2, 4, 4]; expected them as the node before gives them',
    ],
    [
      'places that do not repeat elements',
      image,
      (net, x) =>
        net.emit('Resize', [x, '', net.floats([1, 1, 2, 3])], { coordinate_transformation_mode: 'asymmetric' }),
      'does not repeat elements [2, 3] times with asymmetric and round_prefer_floor; expected asymmetric and floor, or half_pixel and round_prefer_floor',
    ],
    [
      'places by what every object has',
      image,
      (net, x) =>
        net.emit('Resize', [x, '', net.floats([1, 1, 2, 2])], {
          coordinate_transformation_mode: '__proto__',
          nearest_mode: 'hasOwnProperty',
        }),
      'does not repeat elements [2, 2] times with __proto__ and hasOwnProperty; expected asymmetric and floor',
    ],
    [
      'more for the end of a transposed convolution than it has axes',
      image,
      (net, x) => net.emit('ConvTranspose', [x, weight(net)], { output_padding: [0, 0, 1] }),
      '(ConvTranspose of [1, 2, 6, 6]): has output_padding 0, 0, 1; expected 2 numbers of at least 0',
    ],
    [
      'parts of elements',
      image,
      (net, x) => net.emit('Resize', [x, '', '', net.integers([1, 2, 9, 9])]),
      '(Resize of [1, 2, 6, 6]): has the factors 1, 1, 1.5, 1.5; expected 1, 1 and whole ones of images or signals',
    ],
    [
      'interpolation',
      image,
      (net, x) => net.emit('Resize', [x, '', net.floats([1, 1, 2, 2])], { mode: 'linear' }),
      'interpolates by linear; expected mode nearest',
    ],
    [
      'mirrored padding',
      image,
      (net, x) => net.emit('Pad', [x, net.integers([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' }),
      '(Pad of [1, 2, 6, 6]): pads by reflect; expected mode constant',
    ],
    [
      'padding with others than zeros',
      image,
      (net, x) => net.emit('Pad', [x, net.integers([0, 0, 1, 1, 0, 0, 1, 1]), net.scalar(-1)]),
      '(Pad of [1, 2, 6, 6]): pads with -1; expected 0',
    ],
    [
      'parts of other sizes',
      image,
      (net, x) => net.emit('Concat', [x, net.emit('MaxPool', [x], { kernel_shape: [2, 2] })], { axis: 1 }),
      'joins [1, 2, 5, 5] along axis 1; expected parts that differ along that axis only',
    ],
    [
      'means over channels',
      image,
      (net, x) => net.emit('ReduceMean', [x, net.integers([1])]),
      'reduces axes 1; expected all axes behind the channels, of images or signals',
    ],
    [
      'a moved batch',
      [3],
      (net, x) => net.emit('Transpose', [x], { perm: [1, 0] }),
      '(Transpose of [1, 3]): moves the batch; expected perm 0, …',
    ],
  ])('%s', (_, shape, write, message) => {
    expect(refusal(fileOf(shape, write))).toContain(message);
  });
});

describe('of several inputs and outputs', () => {
  const net = new OnnxModelBuilder();
  net.input('x', [1, 3]);
  net.input('other', [1, 4]);
  const hidden = net.emit('Relu', [net.emit('MatMul', ['x', net.array(...ones(3, 4))])]);
  net.output('sum', net.emit('Add', [net.emit('Relu', [hidden]), 'other']), [1, 4]);
  net.output('first', net.emit('Gemm', [hidden, net.array(...ones(4, 2))]), [1, 2]);
  const two = net.finish();
  const nodesOf = (ends: Ends) => [...readWith(onnx, two, {}, ends).model.graph.nodes.keys()];

  it('says which there are where none is chosen', () => {
    expect(refusal(two)).toBe(
      'graph: has 2 outputs: "sum", "first"; expected a choice of one output (--to of convert and quantize)',
    );
    expect(refusal(two, { output: 'sum' })).toBe(
      'graph: has 2 inputs: "x", "other"; expected a choice of one input (--from of convert and quantize)',
    );
    expect(refusal(two, { output: 'last' })).toBe('output "last": is not in the file; expected "sum", "first"');
    expect(refusal(two, { output: 'sum', input: 'y' })).toBe('input "y": is not in the file; expected "x", "other"');
  });

  it('reads what leads from one to the other, with zeros at other inputs', () => {
    expect(nodesOf({ output: 'first' })).toEqual(['x', 'make MatMul_2', 'make Relu_3', 'make Gemm_7', 'first']);
    const { notes } = readWith(onnx, two, {}, { input: 'x', output: 'sum' });
    expect(notes).toEqual(['input "other": is 0']);
  });

  it('ends at any value', () => {
    expect(nodesOf({ output: 'MatMul_2' })).toEqual(['x', 'make MatMul_2', 'MatMul_2']);
  });

  it('are not chosen of formats that have none', () => {
    const read = () => readWith(json, new Uint8Array(), {}, { output: 'y' });
    expect(read).toThrow('model: is json, of which all is read; expected no chosen input or output');
  });
});

it('one probability becomes two classes', () => {
  const bytes = fileOf([3], (net, x) => net.emit('Sigmoid', [net.emit('MatMul', [x, net.array(...ones(3, 1))])]));
  const { model, notes } = readWith(onnx, bytes);
  expect(notes).toContain('output "y": is one probability, and becomes two classes, the second above ½');
  expect(model.graph.nodes.get('y.classes')!.parameters.weight).toMatchObject({ data: Float32Array.of(-1, 1) });
});

it('is told from other bytes by its first ones', () => {
  expect(onnx.sniff(perceptron)).toBe(true);
  expect(
    [[], [8], [8, 0, 0x12], [8, 200, 0x12], [8, 7, 0x99], [0x7b, 7, 0x12]].map((b) => onnx.sniff(Uint8Array.from(b))),
  ).toEqual(new Array(6).fill(false));
});

it('turns a constant around whose Transpose names no order', () => {
  const rows = Float32Array.from({ length: 12 }, (_, k) => k + 1);
  const columns = Float32Array.from({ length: 12 }, (_, k) => rows[(k % 4) * 3 + Math.floor(k / 4)]!);
  const weightsOf = (weight: (net: OnnxModelBuilder) => string) => {
    const bytes = fileOf([3], (net, x) => {
      const hidden = net.emit('Relu', [net.emit('MatMul', [x, weight(net)])]);
      return net.emit('MatMul', [hidden, net.array(...ones(4, 1))]);
    });
    return [...readWith(onnx, bytes).model.graph.nodes.values()].map(({ parameters }) => parameters.weight);
  };
  const turned = weightsOf((net) => net.emit('Transpose', [net.array(rows, [4, 3])]));
  expect(turned).toEqual(weightsOf((net) => net.array(columns, [3, 4])));
  expect(turned).toContainEqual({ shape: [4, 3], data: Float32Array.from(rows) });
});
