import type { OnnxModelBuilder } from '@spikewire/exchange/onnx';
import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { channelSums } from './sums.ts';
import { applyOne, expectRank, expectShape, type Value } from './value.ts';
import { everyPixel, forEachTap, isEveryPixel, transposedAttributes, type Window, windowAttributes } from './window.ts';

/** A window, and the groups of channels that do not meet. */
interface Convolution extends Window {
  readonly groups: number;
}

/** Calls `visit` with the flat indices in input, weight and output of every product of a convolution. */
function forEachProduct(
  convolution: Convolution,
  [rows, inputs]: Shape,
  [outputs, inputsPerGroup]: Shape,
  visit: (input: number, weight: number, output: number) => void,
): void {
  const [inputSize, outputSize, taps] = [convolution.inputSize, convolution.outputSize, convolution.kernel].map(
    elementCount,
  ) as [number, number, number];
  const outputsPerGroup = outputs! / convolution.groups;
  for (let row = 0; row < rows!; row++) {
    for (let out = 0; out < outputs!; out++) {
      const first = Math.floor(out / outputsPerGroup) * inputsPerGroup!;
      for (let channel = 0; channel < inputsPerGroup!; channel++) {
        const image = (row * inputs! + first + channel) * inputSize;
        const kernel = (out * inputsPerGroup! + channel) * taps;
        const target = (row * outputs! + out) * outputSize;
        forEachTap(convolution, (from, tap, to) => visit(image + from, kernel + tap, target + to));
      }
    }
  }
}

/**
 * Cross-correlation as in models: x [rows, in, …inputSize], W [out, in/groups, …kernel], b [out] or none → [rows, out,
 * …outputSize].
 */
const convolution: Operation<Convolution> = {
  name: 'convolution',
  shapes([x, weight, bias], { inputSize, outputSize, kernel, groups }) {
    expectRank('convolution', 'input', x!, 4);
    expectRank('convolution', 'weight', weight!, 4);
    expectShape('convolution', 'input', x!, [x![0]!, weight![1]! * groups, ...inputSize]);
    expectShape('convolution', 'weight', weight!, [...weight!.slice(0, 2), ...kernel]);
    if (bias !== undefined) expectShape('convolution', 'bias', bias, [weight![0]!]);
    return [[x![0]!, weight![0]!, ...outputSize]];
  },
  gradient: ({ inputs: [x, weight], attributes }, [g], [wantsInput]) => [
    wantsInput ? applyOne(transposedConvolution, [g!, weight!], attributes) : undefined,
    applyOne(weightGradient, [x!, g!], attributes),
    channelSums(g!),
  ],
  lower: (onnx, inputs, { attributes }) => [
    onnx.emit('Conv', inputs, { ...windowAttributes(attributes), group: attributes.groups }),
  ],
  evaluate([x, weight, bias], { inputs, results, attributes }) {
    const { shape } = results[0]!;
    const pixels = elementCount(attributes.outputSize);
    const y = new Float64Array(elementCount(shape)).map((_, i) => bias?.[Math.floor(i / pixels) % shape[1]!] ?? 0);
    forEachProduct(attributes, inputs[0]!.shape, inputs[1]!.shape, (from, by, to) => {
      y[to]! += x![from]! * weight![by]!;
    });
    return [y];
  },
};

/** From the gradient of the output and the weights to that of the input: the way back through the same window. */
const transposedConvolution: Operation<Convolution> = {
  name: 'transposed convolution',
  shapes([g, weight], { groups, kernel, inputSize, outputSize }) {
    expectRank('transposed convolution', 'weight', weight!, 4);
    expectShape('transposed convolution', 'input', g!, [g![0]!, weight![0]!, ...outputSize]);
    expectShape('transposed convolution', 'weight', weight!, [...weight!.slice(0, 2), ...kernel]);
    return [[g![0]!, weight![1]! * groups, ...inputSize]];
  },
  gradient: ({ inputs: [x, weight], attributes }, [g], [wantsInput]) => [
    wantsInput ? applyOne(convolution, [g!, weight!], attributes) : undefined,
    applyOne(weightGradient, [g!, x!], attributes),
  ],
  lower: (onnx, inputs, { attributes }) => [
    onnx.emit('ConvTranspose', inputs, { ...transposedAttributes(attributes), group: attributes.groups }),
  ],
  evaluate([g, weight], { inputs, results, attributes }) {
    const ofInput = new Float64Array(elementCount(results[0]!.shape));
    forEachProduct(attributes, results[0]!.shape, inputs[1]!.shape, (from, by, to) => {
      ofInput[from]! += g![to]! * weight![by]!;
    });
    return [ofInput];
  },
};

/** From the input and the gradient of the output to that of the weights. */
const weightGradient: Operation<Convolution> = {
  name: 'weight gradient of a convolution',
  shapes: ([x, g], { groups, kernel }) => [[g![1]!, x![1]! / groups, ...kernel]],
  lower(onnx, [x, g], { inputs, results, attributes }) {
    const lower = isEveryPixel(attributes) && attributes.groups === 1 ? lineByLine : asConvolution;
    return [
      lower(
        onnx,
        [x!, g!],
        inputs.map(({ shape }) => shape),
        results[0]!.shape,
        attributes,
      ),
    ];
  },
  evaluate([x, g], { inputs, results, attributes }) {
    const ofWeight = new Float64Array(elementCount(results[0]!.shape));
    forEachProduct(attributes, inputs[0]!.shape, results[0]!.shape, (from, by, to) => {
      ofWeight[by]! += x![from]! * g![to]!;
    });
    return [ofWeight];
  },
};

type LowerWeightGradient = (
  onnx: OnnxModelBuilder,
  values: readonly [x: string, g: string],
  shapes: readonly Shape[],
  weight: Shape,
  convolution: Convolution,
) => string;

/** As a convolution with the rows as channels, group by group; strides and dilations change places. */
const asConvolution: LowerWeightGradient = (onnx, [x, g], _shapes, [, , ...kernel], { groups, ...window }) => {
  const { pads } = windowAttributes(window);
  const parts = (value: string) =>
    groups === 1 ? [value] : onnx.emitMany('Split', [value], groups, { axis: 1, num_outputs: groups });
  const turned = (value: string) => onnx.emit('Transpose', [value], { perm: [1, 0, 2, 3] });
  const gradients = parts(g);
  const ofGroups = parts(x).map((part, group) => {
    const attributes = { strides: window.dilation, dilations: window.stride, pads: pads! };
    const whole = onnx.emit('Conv', [turned(part), turned(gradients[group]!)], attributes);
    const cut = onnx.emit('Slice', [whole, onnx.integers([0, 0]), onnx.integers(kernel), onnx.integers([2, 3])]);
    return turned(cut);
  });
  return groups === 1 ? ofGroups[0]! : onnx.emit('Concat', ofGroups, { axis: 0 });
};

/**
 * Where windows stand at every pixel, line by line: row i of the kernel brings line y + i of the input to line y of the
 * output, so that only shifts across need copies, of lines that stay in the cache. The products of all y add up in the
 * GEMM itself. As a convolution it would take three times as long in ONNX Runtime.
 */
const lineByLine: LowerWeightGradient = (onnx, [x, g], [image, gradient], weight) => {
  const [rows, channels] = image as [number, number];
  const [, outputs, , width] = gradient as [number, number, number, number];
  const [, , down, across] = weight as [number, number, number, number];
  const pixels = width * rows;
  const gradients = linesOf(onnx, g, gradient!).map((line) =>
    onnx.emit('Reshape', [line, onnx.integers([outputs, pixels])]),
  );
  const images = linesOf(onnx, x, image!).map((line) => shiftsOf(onnx, line, { channels, across, width, pixels }));
  const byRow = Array.from({ length: down }, (_, i) => {
    let sum: string[] = [];
    for (const [y, line] of gradients.entries()) {
      sum = [onnx.emit('Gemm', [line, images[y + i]!, ...sum], { transB: 1 })];
    }
    return sum[0]!;
  });
  const whole = onnx.emit('Concat', byRow, { axis: 0 });
  const split = onnx.emit('Reshape', [whole, onnx.integers([down, outputs, across, channels])]);
  return onnx.emit('Transpose', [split], { perm: [1, 3, 0, 2] });
};

/**
 * The lines of images [rows, channels, height, width], each [channels, 1, width, rows]: with the rows innermost, copies
 * are of long runs.
 */
function linesOf(onnx: OnnxModelBuilder, images: string, { 2: height }: Shape): string[] {
  const turned = onnx.emit('Transpose', [images], { perm: [1, 2, 3, 0] });
  return height === 1 ? [turned] : onnx.emitMany('Split', [turned], height!, { axis: 1, num_outputs: height! });
}

/**
 * A line's windows of the output's width, one under the other for each tap of the kernel: [across·channels, pixels].
 */
function shiftsOf(
  onnx: OnnxModelBuilder,
  line: string,
  {
    channels,
    across,
    width,
    pixels,
  }: { readonly channels: number; readonly across: number; readonly width: number; readonly pixels: number },
): string {
  const windows = Array.from({ length: across }, (_, j) => {
    const window = onnx.emit('Slice', [line, onnx.integers([j]), onnx.integers([j + width]), onnx.integers([2])]);
    return onnx.emit('Reshape', [window, onnx.integers([channels, pixels])]);
  });
  return onnx.emit('Concat', windows, { axis: 0 });
}

/** Without `by`, windows stand at every pixel where the kernel fits. */
export function convolve(x: Value, weight: Value, bias?: Value, by?: Convolution): Value {
  const [kernel, inputSize] = [weight, x].map(({ shape }) => shape.slice(2) as unknown as readonly [number, number]);
  const attributes = by ?? { ...everyPixel(kernel!, inputSize!), groups: 1 };
  return applyOne(convolution, bias === undefined ? [x, weight] : [x, weight, bias], attributes);
}

/** x [rows, in, …] and W [in, out/groups, …kernel], back through the window `by`, to what would be its input. */
export function convolveBack(x: Value, weight: Value, by: Convolution): Value {
  return applyOne(transposedConvolution, [x, weight], by);
}
