import { formats } from '@spikewire/exchange/formats';
import { OnnxModelBuilder } from '@spikewire/exchange/onnx';
import { elementCount, RandomGenerator, readWith, type Shape } from '@spikewire/models';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answersOf, answersOfRuntime, largestError } from './onnx-answers.ts';

const onnx = formats.find(({ name }) => name === 'onnx')!;

/** A value of a net that is being drawn: its name, and its shape with the batch. */
interface Drawn {
  readonly name: string;
  readonly shape: Shape;
}

/** Writes what comes next in a net; undefined where it does not fit what is there. */
type Layer = (net: RandomNet, x: Drawn) => Drawn | undefined;

/** Nodes that a seed decides, written by the builder. */
class RandomNet {
  readonly onnx = new OnnxModelBuilder();
  readonly #random: RandomGenerator;

  constructor(seed: number) {
    this.#random = new RandomGenerator(seed, 'random net');
  }

  /** low … high. */
  whole(low: number, high: number): number {
    return low + this.#random.nextInteger(high - low + 1);
  }

  weights(shape: Shape, least = -1): string {
    const size = elementCount(shape);
    const draw = () => least + (1 - least) * this.#random.nextUniform();
    return this.onnx.array(Float32Array.from({ length: size }, draw), shape);
  }

  emit(
    operator: string,
    inputs: readonly string[],
    shape: Shape,
    attributes: Readonly<Record<string, number | string | readonly number[]>> = {},
  ): Drawn {
    return { name: this.onnx.emit(operator, inputs, attributes), shape };
  }
}

const isImage = ({ shape }: Drawn) => shape.length > 2;
const ofChannels = (x: Drawn) => [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];

const convolution: Layer = (net, x) => {
  if (!isImage(x)) return undefined;
  const [, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const groups = channels % 2 === 0 ? net.whole(1, 2) : 1;
  const outputs = groups * net.whole(1, 3);
  const kernel = sizes.map(() => net.whole(1, 3));
  const [strides, dilations] = [sizes.map(() => net.whole(1, 2)), sizes.map(() => net.whole(1, 2))];
  const pads = [...sizes, ...sizes].map(() => net.whole(0, 2));
  const found = sizes.map((size, k) => {
    const room = size + pads[k]! + pads[sizes.length + k]! - dilations[k]! * (kernel[k]! - 1) - 1;
    return Math.floor(room / strides[k]!) + 1;
  });
  if (found.some((size) => size < 1)) return undefined;
  const bias = net.whole(0, 1) === 1 ? [net.weights([outputs])] : [];
  const inputs = [x.name, net.weights([outputs, channels / groups, ...kernel]), ...bias];
  return net.emit('Conv', inputs, [1, outputs, ...found], { group: groups, pads, strides, dilations });
};

const transposedConvolution: Layer = (net, x) => {
  if (!isImage(x)) return undefined;
  const [, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const groups = channels % 2 === 0 ? net.whole(1, 2) : 1;
  const outputs = net.whole(1, 2);
  const kernel = sizes.map(() => net.whole(1, 3));
  const [strides, dilations] = [sizes.map(() => net.whole(1, 2)), sizes.map(() => net.whole(1, 2))];
  const added = strides.map((stride) => net.whole(0, stride - 1));
  const before = sizes.map(() => net.whole(0, 1));
  const behind = before.map((count) => net.whole(0, count));
  const found = sizes.map((size, k) => {
    const reach = dilations[k]! * (kernel[k]! - 1) + 1;
    return (size - 1) * strides[k]! + added[k]! + reach - before[k]! - behind[k]!;
  });
  const size = groups * outputs * elementCount(found);
  if (found.some((count) => count < 1) || size > 2000) return undefined;
  const weight = net.weights([channels, outputs, ...kernel]);
  const inputs = [x.name, weight, ...(net.whole(0, 1) === 1 ? [net.weights([groups * outputs])] : [])];
  const attributes = { group: groups, pads: [...before, ...behind], strides, dilations, output_padding: added };
  return net.emit('ConvTranspose', inputs, [1, groups * outputs, ...found], attributes);
};

const poolingBy =
  (operator: string): Layer =>
  (net, x) => {
    if (!isImage(x)) return undefined;
    const sizes = x.shape.slice(2);
    const kernel = sizes.map(() => net.whole(1, 3));
    const strides = sizes.map(() => net.whole(1, 2));
    const pads = kernel.map((size) => net.whole(0, Math.floor(size / 2)));
    const found = sizes.map((size, k) => Math.floor((size + 2 * pads[k]! - kernel[k]!) / strides[k]!) + 1);
    if (found.some((size) => size < 1)) return undefined;
    const counts = operator === 'AveragePool' ? { count_include_pad: net.whole(0, 1) } : {};
    return net.emit(operator, [x.name], [...x.shape.slice(0, 2), ...found], {
      kernel_shape: kernel,
      strides,
      pads: [...pads, ...pads],
      ...counts,
    });
  };

/** Each element as often as a whole factor says, by one of the ways that do so. */
const upsampling: Layer = (net, x) => {
  if (!isImage(x)) return undefined;
  const factors = x.shape.slice(2).map(() => net.whole(1, 3));
  const isHalf = net.whole(0, 1) === 1;
  const ways = isHalf
    ? { coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_floor' }
    : { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const shape = [...x.shape.slice(0, 2), ...factors.map((factor, k) => factor * x.shape[k + 2]!)];
  if (elementCount(shape) > 2000) return undefined;
  return net.emit('Resize', [x.name, '', net.onnx.floats([1, 1, ...factors])], shape, { mode: 'nearest', ...ways });
};

/** Zeros around, or empty channels. */
const padding: Layer = (net, x) => {
  const isOfChannels = !isImage(x) || net.whole(0, 3) === 0;
  const isPadded = x.shape.map((_, axis) => axis > 0 && (axis === 1) === isOfChannels);
  const [before, behind] = [
    isPadded.map((is) => (is ? net.whole(0, 2) : 0)),
    isPadded.map((is) => (is ? net.whole(0, 2) : 0)),
  ];
  const shape = x.shape.map((size, axis) => before[axis]! + size + behind[axis]!);
  return net.emit('Pad', [x.name, net.onnx.integers([...before, ...behind])], shape);
};

const dense: Layer = (net, x) => {
  if (isImage(x)) return undefined;
  const [inputs, outputs] = [x.shape[1]!, net.whole(1, 5)];
  return net.whole(0, 1) === 0
    ? net.emit('MatMul', [x.name, net.weights([inputs, outputs])], [1, outputs])
    : net.emit('Gemm', [x.name, net.weights([outputs, inputs]), net.weights([outputs])], [1, outputs], { transB: 1 });
};

const layers: readonly Layer[] = [
  convolution,
  transposedConvolution,
  poolingBy('AveragePool'),
  poolingBy('MaxPool'),
  (net, x) => net.emit('Relu', [x.name], x.shape),
  (net, x) => net.emit('Clip', [x.name, net.onnx.scalar(0), net.onnx.scalar(0.75)], x.shape),
  (net, x) => {
    const channels = [x.shape[1]!];
    const numbers = [net.weights(channels), net.weights(channels), net.weights(channels), net.weights(channels, 0.5)];
    return net.emit('BatchNormalization', [x.name, ...numbers], x.shape);
  },
  (net, x) => {
    const operator = ['Add', 'Sub', 'Mul', 'Div'][net.whole(0, 3)]!;
    return net.emit(operator, [x.name, net.weights(ofChannels(x), operator === 'Div' ? 0.5 : -1)], x.shape);
  },
  (net, x) => net.emit('Sub', [net.weights(ofChannels(x)), x.name], x.shape),
  // A way around a rectifier, and one value twice.
  (net, x) => net.emit(net.whole(0, 1) === 0 ? 'Add' : 'Sub', [x.name, net.onnx.emit('Relu', [x.name])], x.shape),
  (net, x) => net.emit('Add', [x.name, x.name], x.shape),
  // A value that is changed on one of two ways.
  (net, x) => net.emit('Add', [x.name, net.onnx.emit('Mul', [x.name, net.weights(ofChannels(x))])], x.shape),
  (net, x) => {
    const rectified = net.onnx.emit('Relu', [x.name]);
    const clipped = net.onnx.emit('Clip', [rectified, net.onnx.scalar(0), net.onnx.scalar(0.25)]);
    return net.emit('Add', [clipped, rectified], x.shape);
  },
  (net, x) => (isImage(x) ? net.emit('GlobalAveragePool', [x.name], ofShape(x)) : undefined),
  (net, x) => {
    if (!isImage(x)) return undefined;
    const axes = net.onnx.integers(x.shape.slice(2).map((_, k) => k + 2));
    return net.emit('ReduceMean', [x.name, axes], ofShape(x));
  },
  upsampling,
  padding,
  // A way that skips a rectifier, or what is joined with itself, along any axis but the batch.
  (net, x) => {
    const axis = isImage(x) && net.whole(0, 3) > 0 ? 1 : net.whole(1, x.shape.length - 1);
    const parts = [x.name, net.whole(0, 1) === 0 ? x.name : net.onnx.emit('Relu', [x.name]), x.name].slice(
      net.whole(0, 1),
    );
    const shape = x.shape.map((size, k) => (k === axis ? size * parts.length : size));
    const whole = net.emit('Concat', parts, shape, { axis });
    // Along other axes only weights over all elements can follow.
    if (axis === 1) return whole;
    return dense(net, net.emit('Flatten', [whole.name], [1, elementCount(shape)]));
  },
  (net, x) => net.emit('Sum', [x.name, net.onnx.emit('Relu', [x.name]), x.name], x.shape),
  // The largest of what is not below 0, padded on one side.
  (net, x) => {
    if (!isImage(x)) return undefined;
    const sizes = x.shape.slice(2);
    const attributes = { kernel_shape: sizes.map(() => 2), pads: [...sizes.map(() => 0), ...sizes.map(() => 1)] };
    return net.emit('MaxPool', [net.onnx.emit('Relu', [x.name])], x.shape, attributes);
  },
  (net, x) => {
    const size = elementCount(x.shape);
    const isTurned = isImage(x) && net.whole(0, 1) === 1 && !x.name.startsWith('Pad');
    const axes = [0, ...x.shape.slice(2).map((_, k) => k + 2), 1];
    const turned = isTurned ? net.onnx.emit('Transpose', [x.name], { perm: axes }) : x.name;
    return net.emit('Reshape', [turned, net.onnx.integers([-1, size])], [1, size]);
  },
  dense,
];

const ofShape = (x: Drawn): Shape => [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)];

/** Largest answer of a net that is compared: sums of float32 differ by a share of it. */
const LARGEST = 1e4;

it('random nets answer as in ONNX Runtime', async () => {
  const net = fc.record({
    seed: fc.nat(),
    input: fc.constantFrom([4], [2, 7], [2, 5, 6]),
    plan: fc.array(fc.nat(layers.length - 1), { minLength: 1, maxLength: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(net, async ({ seed, input, plan }) => {
      const random = new RandomNet(seed);
      random.onnx.input('x', [1, ...input]);
      let x: Drawn = { name: 'x', shape: [1, ...input] };
      for (const layer of plan) x = layers[layer]!(random, x) ?? x;
      // Weights put what was transposed in order, and something is always between input and output.
      x = dense(random, x) ?? random.emit('Mul', [x.name, random.onnx.scalar(0.5)], x.shape);
      random.onnx.output('y', x.name, x.shape);
      const bytes = random.onnx.finish();
      const { model } = readWith(onnx, bytes);
      const draws = new RandomGenerator(seed, 'samples');
      const samples = Array.from({ length: 3 }, () =>
        Float64Array.from({ length: elementCount(input) }, () => Math.fround(2 * draws.nextUniform() - 1)),
      );
      const theirs = await answersOfRuntime(bytes, input, samples);
      const largest = Math.max(1, ...theirs.flat().map(Math.abs));
      fc.pre(largest < LARGEST);
      expect(largestError(answersOf(model, samples), theirs)).toBeLessThan(1e-5 * largest);
    }),
    { numRuns: 150 },
  );
});
