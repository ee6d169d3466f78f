import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { stepByStep } from './time.ts';
import { applyOne, expectRank, expectShape, type Value } from './value.ts';

interface Window {
  /** Height and width of the window, and the distance of windows. */
  readonly size: number;
}

/** For each element of [rows, channels, height, width] the place of its window. */
function forEachElement(shape: Shape, size: number, visit: (element: number, window: number) => void): void {
  const [height, width] = shape.slice(-2) as [number, number];
  const [down, across] = [height / size, width / size];
  for (let element = 0; element < elementCount(shape); element++) {
    const image = Math.floor(element / (height * width));
    const y = Math.floor(element / width) % height;
    visit(element, (image * down + Math.floor(y / size)) * across + Math.floor((element % width) / size));
  }
}

/** Means of windows that lie side by side: [rows, channels, height, width] → [rows, channels, height/size, width/size]. */
const averaging: Operation<Window> = {
  name: 'average pooling',
  shapes([x], { size }) {
    expectRank('average pooling', 'input', x!, 4);
    const [rows, channels, height, width] = x as [number, number, number, number];
    expectShape('average pooling', `height and width modulo ${size}`, [height % size, width % size], [0, 0]);
    return [[rows, channels, height / size, width / size]];
  },
  gradient: ({ attributes }, [g]) => [applyOne(spreading, [g!], attributes)],
  lower: (onnx, inputs, { attributes: { size } }) => [
    onnx.emit('AveragePool', inputs, { kernel_shape: [size, size], strides: [size, size] }),
  ],
  evaluate([x], { inputs, results, attributes: { size } }) {
    const means = new Float64Array(elementCount(results[0]!.shape));
    forEachElement(inputs[0]!.shape, size, (element, window) => {
      means[window]! += x![element]! / size ** 2;
    });
    return [means];
  },
};

/** Each element gets its window's value over the window's elements: the gradient of the mean. */
const spreading: Operation<Window> = {
  name: 'spread over windows',
  shapes: ([g], { size }) => [[g![0]!, g![1]!, g![2]! * size, g![3]! * size]],
  lower(onnx, [g], { attributes: { size } }) {
    const share = onnx.emit('Mul', [g!, onnx.scalar(size ** -2)]);
    const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    return [onnx.emit('Resize', [share, '', onnx.floats([1, 1, size, size])], nearest)];
  },
  evaluate([g], { results, attributes: { size } }) {
    const spread = new Float64Array(elementCount(results[0]!.shape));
    forEachElement(results[0]!.shape, size, (element, window) => {
      spread[element] = g![window]! / size ** 2;
    });
    return [spread];
  },
};

export function averagePool(x: Value, size: number): Value {
  return stepByStep(x, (part) => applyOne(averaging, [part], { size }));
}
