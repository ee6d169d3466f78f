import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphNode, ParameterValue } from '../graph/graph.ts';
import { elementCount, type Shape, scalar, type Tensor, tensor } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { Connectivity } from './connectivity.ts';
import { conv2d } from './convolution.ts';
import { affine, linear } from './dense.ts';
import { flatten, scale } from './elementwise.ts';
import { avgPool2d, sumPool2d } from './pooling.ts';

function nodeOf(
  kind: ConnectionKind,
  parameters: Readonly<Record<string, ParameterValue | readonly number[]>>,
): GraphNode {
  const values = Object.entries(parameters).map(([key, value]): [string, ParameterValue] => [
    key,
    Array.isArray(value) ? tensor(Float64Array.from(value)) : (value as ParameterValue),
  ]);
  return { type: kind.type, parameters: Object.fromEntries(values) };
}

/** How often each weight connects each pair, as "output,input,weight". */
function synapsesOf({ inputs, forEachSynapse }: Connectivity): string[] {
  const all: string[] = [];
  for (let input = 0; input < inputs; input++) {
    forEachSynapse(input, (output, weight) => all.push(`${output},${input},${weight}`));
  }
  return all.sort();
}

const small = fc.integer({ min: 1, max: 3 });
const pair = <Value>(value: fc.Arbitrary<Value>) => fc.tuple(value, value);

describe('conv2d', () => {
  const geometry = fc.record({
    groups: small,
    inputsPerGroup: fc.integer({ min: 1, max: 2 }),
    outputsPerGroup: fc.integer({ min: 1, max: 2 }),
    size: pair(fc.integer({ min: 3, max: 7 })),
    kernel: pair(small),
    stride: pair(fc.integer({ min: 1, max: 4 })),
    padding: fc.oneof(pair(fc.integer({ min: 0, max: 2 })), fc.constant('same' as const)),
    dilation: pair(small),
  });

  it('has the synapses of its definition, gathered from every output', () => {
    fc.assert(
      fc.property(geometry, ({ groups, inputsPerGroup, outputsPerGroup, size, kernel, stride, padding, dilation }) => {
        const reach = (axis: 0 | 1) => dilation[axis] * (kernel[axis] - 1);
        const before = (axis: 0 | 1) => (padding === 'same' ? Math.floor(reach(axis) / 2) : padding[axis]);
        const count = (axis: 0 | 1) => {
          if (padding === 'same') return Math.ceil(size[axis] / stride[axis]);
          return Math.floor((size[axis] + 2 * padding[axis] - reach(axis) - 1) / stride[axis]) + 1;
        };
        const [rows, columns] = [count(0), count(1)];
        fc.pre(rows > 0 && columns > 0);
        const shape = [groups * outputsPerGroup, inputsPerGroup, ...kernel];
        const weight = tensor(new Float64Array(elementCount(shape)), shape);
        const node = nodeOf(conv2d, { weight, stride, padding, dilation, groups: scalar(groups) });
        const input = [groups * inputsPerGroup, ...size];
        expect(conv2d.outputShape(node, input)).toEqual([groups * outputsPerGroup, rows, columns]);

        const expected: string[] = [];
        for (let output = 0; output < groups * outputsPerGroup; output++) {
          for (let y = 0; y < rows; y++) {
            for (let x = 0; x < columns; x++) {
              for (let tap = 0; tap < inputsPerGroup * kernel[0] * kernel[1]; tap++) {
                const c = Math.floor(tap / (kernel[0] * kernel[1]));
                const row = y * stride[0] - before(0) + dilation[0] * (Math.floor(tap / kernel[1]) % kernel[0]);
                const column = x * stride[1] - before(1) + dilation[1] * (tap % kernel[1]);
                if (row < 0 || row >= size[0] || column < 0 || column >= size[1]) continue;
                const channel = Math.floor(output / outputsPerGroup) * inputsPerGroup + c;
                const from = (channel * size[0] + row) * size[1] + column;
                const to = (output * rows + y) * columns + x;
                expected.push(`${to},${from},${output * inputsPerGroup * kernel[0] * kernel[1] + tap}`);
              }
            }
          }
        }
        expect(synapsesOf(conv2d.connect(node, input))).toEqual(expected.sort());
      }),
    );
  });

  it('keeps the size with padding "same", the odd zero at the end', () => {
    const weight = tensor(new Float64Array(4 * 3), [1, 1, 4, 3]);
    const node = nodeOf(conv2d, { weight, padding: 'same' });
    expect(conv2d.outputShape(node, [1, 5, 6])).toEqual([1, 5, 6]);
    const reached: number[] = [];
    conv2d.connect(node, [1, 5, 6]).forEachSynapse(0, (output) => reached.push(output));
    // Three rows of zeros in all, one before: input row 0 is in the windows that start at −1 and 0.
    expect(reached.sort((a, b) => a - b)).toEqual([0, 1, 6, 7]);
  });

  it('repeats the bias of a channel over its pixels, and groups its outputs', () => {
    const node = nodeOf(conv2d, { weight: tensor(new Float64Array(8), [2, 1, 2, 2]), bias: [0.5, -1] });
    const { bias, groupOf } = conv2d.connect(node, [1, 3, 2]);
    expect(bias).toEqual(Float64Array.of(0.5, 0.5, -1, -1));
    expect([0, 1, 2, 3].map(groupOf)).toEqual([0, 0, 1, 1]);
  });

  it.each<[string, Shape, RegExp]>([
    ['channels that do not meet', [3, 4, 4], /Conv2d: gets 3 channels; expected 2/],
    ['an image smaller than the kernel', [2, 1, 4], /Conv2d: has a kernel of 2×2 over 1×4/],
    ['a vector', [8], /Conv2d: gets shape \[8\]; expected \[channels, height, width\]/],
  ])('refuses %s', (_case, input, message) => {
    const node = nodeOf(conv2d, { weight: tensor(new Float64Array(8), [1, 2, 2, 2]) });
    expect(() => conv2d.outputShape(node, input)).toThrow(message);
  });
});

describe('pooling', () => {
  it.each([sumPool2d, avgPool2d])('$type joins the pixels of each window, channel by channel', (kind) => {
    const node = nodeOf(kind, { kernel_size: [2, 2], stride: [2, 2] });
    expect(kind.outputShape(node, [2, 4, 5])).toEqual([2, 2, 2]);
    const connectivity = kind.connect(node, [2, 4, 5]);
    const windowOf = (input: number) => {
      const [channel, row, column] = [Math.floor(input / 20), Math.floor(input / 5) % 4, input % 5];
      return column === 4 ? undefined : channel * 4 + Math.floor(row / 2) * 2 + Math.floor(column / 2);
    };
    for (let input = 0; input < 40; input++) {
      const reached: number[] = [];
      connectivity.forEachSynapse(input, (output) => reached.push(output));
      expect(reached).toEqual(windowOf(input) === undefined ? [] : [windowOf(input)]);
    }
    expect(connectivity.gain).toBe(kind === avgPool2d ? 1 / 4 : 1);
  });

  it.each([1, 1000])('joins a million pixels by one window in no more work, in strides of %i', (stride) => {
    const node = nodeOf(sumPool2d, { kernel_size: [1000], stride: [stride] });
    const connectivity = sumPool2d.connect(node, [1, 1000, 1000]);
    let sum = 0;
    for (let input = 0; input < 1e6; input++) connectivity.forEachSynapse(input, (output) => (sum += 1 + output));
    expect(sum).toBe(1e6);
  });
});

describe('dense', () => {
  it('is row-major, outputs by inputs', () => {
    const connectivity = linear.connect(nodeOf(linear, { weight: tensor(new Float64Array(6), [2, 3]) }), [3]);
    expect(synapsesOf(connectivity)).toEqual(['0,0,0', '0,1,1', '0,2,2', '1,0,3', '1,1,4', '1,2,5']);
  });

  it('takes leading dimensions of size 1', () => {
    const node = nodeOf(affine, { weight: tensor(new Float64Array(6), [1, 2, 3]), bias: scalar(0.5) });
    expect([affine.inputShape(node), affine.outputShape(node, [1, 3])]).toEqual([
      [1, 3],
      [1, 2],
    ]);
    expect(affine.connect(node, [1, 3])).toMatchObject({ structure: 'dense', bias: Float64Array.of(0.5, 0.5) });
  });

  it('has a matrix for each index of leading dimensions, and a bias for every output or each of a matrix', () => {
    const weight = tensor(new Float64Array(12), [2, 2, 3]);
    const biasOf = (bias: Tensor) => affine.connect(nodeOf(affine, { weight, bias }), [2, 3]).bias;
    const node = nodeOf(linear, { weight });
    expect([linear.inputShape(node), linear.outputShape(node, [2, 3])]).toEqual([
      [2, 3],
      [2, 2],
    ]);
    expect(synapsesOf(linear.connect(node, [2, 3]))).toEqual([
      ...['0,0,0', '0,1,1', '0,2,2', '1,0,3', '1,1,4', '1,2,5'],
      ...['2,3,6', '2,4,7', '2,5,8', '3,3,9', '3,4,10', '3,5,11'],
    ]);
    expect(biasOf(scalar(1))).toEqual(Float64Array.of(1, 1, 1, 1));
    expect(biasOf(tensor(Float64Array.of(1, 2), [2]))).toEqual(Float64Array.of(1, 2, 1, 2));
    expect(biasOf(tensor(Float64Array.of(1, 2, 3, 4), [2, 2]))).toEqual(Float64Array.of(1, 2, 3, 4));
    const wrong = nodeOf(affine, { weight, bias: tensor(new Float64Array(3), [3]) });
    expect(() => affine.outputShape(wrong, [2, 3])).toThrow(/Affine: has a bias of 3 values; expected 1 or 2 or 4/);
  });
});

describe('elementwise', () => {
  it('Scale has one weight per element, a single one repeated', () => {
    const connectivity = scale.connect(nodeOf(scale, { scale: scalar(0.5) }), [2, 2]);
    expect(Array.from(connectivity.weights!)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(synapsesOf(connectivity)).toEqual(['0,0,0', '1,1,1', '2,2,2', '3,3,3']);
  });

  it.each<[number, number, Shape]>([
    [0, -1, [24]],
    [1, 2, [2, 12]],
    [0, 1, [6, 4]],
    [2, 2, [2, 3, 4]],
  ])('Flatten joins dimensions %d … %d of [2, 3, 4] to %j', (start, end, shape) => {
    const node = nodeOf(flatten, { start_dim: scalar(start), end_dim: scalar(end) });
    expect(flatten.outputShape(node, [2, 3, 4])).toEqual(shape);
  });

  it('Flatten refuses dimensions that are not there', () => {
    const node = nodeOf(flatten, { start_dim: scalar(1), end_dim: scalar(3) });
    expect(() => flatten.outputShape(node, [2, 3, 4])).toThrow(/joins dimensions 1…3 of 3/);
  });
});
