import { elementCount } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, expectShape, type Value } from './value.ts';
import { forEachTap, isSideBySide, sideBySide, transposedAttributes, type Window, windowAttributes } from './window.ts';

/** Means of windows, zeros of the padding counted: [rows, channels, …inputSize] → [rows, channels, …outputSize]. */
const averaging: Operation<Window> = {
  name: 'average pooling',
  shapes([x], { inputSize, outputSize }) {
    expectShape('average pooling', 'input', x!, [...x!.slice(0, 2), ...inputSize]);
    return [[...x!.slice(0, 2), ...outputSize]];
  },
  gradient: ({ attributes }, [g]) => [applyOne(spreading, [g!], attributes)],
  lower(onnx, inputs, { attributes }) {
    const { dilations: _, ...window } = windowAttributes(attributes);
    return [onnx.emit('AveragePool', inputs, { ...window, count_include_pad: 1 })];
  },
  evaluate([x], { results, attributes }) {
    const means = new Float64Array(elementCount(results[0]!.shape));
    forEachPair(attributes, means.length, (element, window) => {
      means[window]! += x![element]! / elementCount(attributes.kernel);
    });
    return [means];
  },
};

/** Each element gets the values of its windows over the window's elements: the gradient of the mean. */
const spreading: Operation<Window> = {
  name: 'spread over windows',
  shapes: ([g], { inputSize }) => [[...g!.slice(0, 2), ...inputSize]],
  lower(onnx, [g], { inputs, attributes }) {
    const share = onnx.emit('Mul', [g!, onnx.scalar(1 / elementCount(attributes.kernel))]);
    if (isSideBySide(attributes)) {
      const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
      return [onnx.emit('Resize', [share, '', onnx.floats([1, 1, ...attributes.kernel])], nearest)];
    }
    const channels = inputs[0]!.shape[1]!;
    const ones = onnx.array(new Float32Array(channels * elementCount(attributes.kernel)).fill(1), [
      channels,
      1,
      ...attributes.kernel,
    ]);
    return [onnx.emit('ConvTranspose', [share, ones], { ...transposedAttributes(attributes), group: channels })];
  },
  evaluate([g], { results, attributes }) {
    const spread = new Float64Array(elementCount(results[0]!.shape));
    forEachPair(attributes, g!.length, (element, window) => {
      spread[element]! += g![window]! / elementCount(attributes.kernel);
    });
    return [spread];
  },
};

/** Every element of every window, over so many pixels of windows in all. */
function forEachPair(window: Window, windows: number, visit: (element: number, window: number) => void): void {
  const [inputs, outputs] = [elementCount(window.inputSize), elementCount(window.outputSize)];
  for (let image = 0; image < windows / outputs; image++) {
    forEachTap(window, (input, _tap, output) => visit(image * inputs + input, image * outputs + output));
  }
}

/** Means of windows; a number stands for windows of this size side by side. */
export function averagePool(x: Value, window: Window | number): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  return applyOne(averaging, [x], typeof window === 'number' ? sideBySide(window, [height, width]) : window);
}
