import { readFileSync } from 'node:fs';
import { formats } from '@spikewire/exchange/formats';
import { type OnnxAttribute, OnnxModelBuilder } from '@spikewire/exchange/onnx';
import { elementCount, type Model, readModel, readWith, SpikewireError, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { goldenFiles } from './data.ts';

const onnx = formats.find(({ name }) => name === 'onnx')!;
const files = goldenFiles('onnx').map((name) => readFileSync(new URL(`data/onnx/${name}`, import.meta.url)));

/** Numbers that a reader may make of a file beside eight for each of its bytes. */
const ROOM = 2 ** 22;

const numbersIn = (model: Model) =>
  [...model.graph.nodes.values()].reduce(
    (sum, { parameters }) =>
      sum +
      Object.values(parameters).reduce(
        (all, value) => all + ((value as { data?: ArrayLike<number> }).data?.length ?? 0),
        0,
      ),
    0,
  );

/** Bytes are a net that can be kept, no larger than they allow, or one line says what is wrong. */
function survives(bytes: Uint8Array): void {
  try {
    const { model } = readWith(onnx, bytes);
    expect(numbersIn(model)).toBeLessThanOrEqual(ROOM + 8 * bytes.length);
    readModel(writeModel(model));
  } catch (error) {
    expect(error).toBeInstanceOf(SpikewireError);
    expect((error as Error).message).toMatch(/^.{1,600}$/u);
    expect((error as SpikewireError).where).not.toBe('');
  }
}

const edit = fc.record({
  kind: fc.constantFrom('byte', 'near', 'cut', 'again', 'huge'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  value: fc.nat(255),
});

function edited(bytes: Uint8Array, { kind, at, value }: { kind: string; at: number; value: number }): Uint8Array {
  const place = Math.floor(at * bytes.length);
  const [before, behind] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case 'byte':
      return Uint8Array.from([...before, value, ...behind.subarray(1)]);
    case 'near':
      return Uint8Array.from([...before, (behind[0] ?? 0) + (value % 5) - 2, ...behind.subarray(1)]);
    case 'cut':
      return Uint8Array.from([...before, ...behind.subarray(value)]);
    case 'again':
      return Uint8Array.from([...before, ...behind.subarray(0, value), ...behind]);
    default:
      return Uint8Array.from([...before, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, ...behind.subarray(1)]);
  }
}

it('damaged files are read or refused in a line', () => {
  const damaged = fc.record({ file: fc.constantFrom(...files), edits: fc.array(edit, { minLength: 1, maxLength: 4 }) });
  fc.assert(
    fc.property(damaged, ({ file, edits }) => {
      survives(edits.reduce<Uint8Array>((bytes, change) => (bytes.length > 0 ? edited(bytes, change) : bytes), file));
    }),
    { numRuns: 300 },
  );
});

const WORDS = [
  'nearest',
  'linear',
  'constant',
  'reflect',
  'SAME_UPPER',
  'SAME_LOWER',
  'VALID',
  'floor',
  'align_corners',
  '',
];
const OPERATORS = [
  'Add',
  'ArgMax',
  'AveragePool',
  'BatchNormalization',
  'Cast',
  'Ceil',
  'Clip',
  'Concat',
  'Constant',
  'ConstantOfShape',
  'Conv',
  'ConvTranspose',
  'DequantizeLinear',
  'Div',
  'Dropout',
  'Flatten',
  'Floor',
  'Gather',
  'Gemm',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'Identity',
  'MatMul',
  'MaxPool',
  'Mul',
  'Pad',
  'QuantizeLinear',
  'ReduceMax',
  'ReduceMean',
  'Relu',
  'Reshape',
  'Resize',
  'Shape',
  'Sigmoid',
  'Slice',
  'Softmax',
  'Squeeze',
  'Sub',
  'Sum',
  'Transpose',
  'Unsqueeze',
  'Upsample',
];
const ATTRIBUTES = [
  'allowzero',
  'auto_pad',
  'axes',
  'axis',
  'block_size',
  'ceil_mode',
  'count_include_pad',
  'dilations',
  'ends',
  'group',
  'keepdims',
  'kernel_shape',
  'mode',
  'nearest_mode',
  'coordinate_transformation_mode',
  'output_padding',
  'output_shape',
  'pads',
  'perm',
  'scales',
  'starts',
  'strides',
  'to',
  'transA',
  'transB',
  'value_ints',
];

const odd = fc.constantFrom(-(2 ** 52), -(2 ** 31), -3, -1, 0, 1, 2, 3, 4, 7, 64, 2 ** 20, 2 ** 31, 2 ** 40, 2 ** 52);
const number = fc.constantFrom(-1e30, -1, 0, 0.5, 1, 2, 3, 1e-40, 1e30, Number.NaN, Number.POSITIVE_INFINITY);
const usual = fc.constantFrom(-1, 0, 1, 2, 3);
const whole = fc.oneof({ weight: 3, arbitrary: usual }, odd);
const drawnNode = fc.record({
  operator: fc.constantFrom(...OPERATORS),
  inputs: fc.array(fc.nat(11), { maxLength: 5 }),
  attributes: fc.dictionary(
    fc.constantFrom(...ATTRIBUTES),
    fc.oneof<fc.Arbitrary<OnnxAttribute>[]>(whole, fc.array(whole, { maxLength: 5 }), fc.constantFrom(...WORDS)),
    { maxKeys: 4 },
  ),
});

it('nodes that make no sense, and sizes that nothing has, are refused in a line', () => {
  const net = fc.record({
    input: fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(1, 2, 4) }, odd), { minLength: 1, maxLength: 4 }),
    lists: fc.array(fc.array(whole, { maxLength: 8 }), { minLength: 3, maxLength: 3 }),
    floats: fc.array(fc.array(number, { maxLength: 6 }), { minLength: 2, maxLength: 2 }),
    nodes: fc.array(drawnNode, { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(net, ({ input, lists, floats, nodes }) => {
      const file = new OnnxModelBuilder();
      file.input('x', [1, ...input]);
      const constants = [
        ...lists.map((list) => file.integers(list)),
        ...floats.map((list) => file.floats(list)),
        ...[[2, 2], [2, 2, 3], [2, 2, 1, 1], [4]].map((shape) =>
          file.array(new Float32Array(elementCount(shape)).fill(0.5), shape),
        ),
        '',
      ];
      let last = 'x';
      for (const { operator, inputs, attributes } of nodes) {
        const others = inputs.map((k) => constants[k] ?? last);
        last = file.emit(operator, [last, ...others], attributes);
      }
      file.output('y', last, [1, 1]);
      survives(file.finish());
    }),
    { numRuns: 800 },
  );
});
