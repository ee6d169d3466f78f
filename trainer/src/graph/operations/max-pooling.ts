import { elementCount, SpikewireError } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { apply, applyOne, expectShape, type Value } from './value.ts';
import { forEachTap, type Window, windowAttributes } from './window.ts';

/**
 * Of each window of x [rows, channels, …inputSize] the element whose key is largest, the first of equal ones; and its
 * row-major index in x. No gradient flows through the keys.
 */
const picking: Operation<Window> = {
  name: 'max pooling',
  shapes([x, keys], { inputSize, outputSize, kernel, padding }) {
    expectShape('max pooling', 'input', x!, [...x!.slice(0, 2), ...inputSize]);
    expectShape('max pooling', 'keys', keys!, x!);
    if (padding.some((empty, axis) => empty >= kernel[axis]!)) {
      throw new SpikewireError('unsupported', 'max pooling', `has a padding of ${padding}`, `less than ${kernel}`);
    }
    const shape = [...x!.slice(0, 2), ...outputSize];
    return [shape, shape];
  },
  gradient({ inputs: [x], results: [, indices] }, [g]) {
    return g === undefined ? [] : [applyOne(returning, [g, indices!], { shape: x!.shape })];
  },
  lower(onnx, [x, keys], { attributes }) {
    const [, indices] = onnx.emitMany('MaxPool', [keys!], 2, windowAttributes(attributes));
    const flat = onnx.emit('Reshape', [x!, onnx.integers([-1])]);
    return [onnx.emit('Gather', [flat, indices!], { axis: 0 }), indices!];
  },
  evaluate([x, keys], { results, attributes }) {
    const indices = new Float64Array(elementCount(results[1]!.shape)).fill(-1);
    const [inputs, outputs] = [elementCount(attributes.inputSize), elementCount(attributes.outputSize)];
    for (let image = 0; image < indices.length / outputs; image++) {
      forEachTap(attributes, (input, _tap, output) => {
        const [element, window] = [image * inputs + input, image * outputs + output];
        if (indices[window]! < 0 || keys![element]! > keys![indices[window]!]!) indices[window] = element;
      });
    }
    return [indices.map((index) => x![index]!), indices];
  },
};

/** Each number back at the index that it came from, several at one added up: the gradient of the picking. */
const returning: Operation<{ readonly shape: readonly number[] }> = {
  name: 'return to indices',
  shapes: (_, { shape }) => [shape],
  lower(onnx, [g, indices], { attributes: { shape } }) {
    const zeros = onnx.emit('Expand', [onnx.scalar(0), onnx.integers([elementCount(shape)])]);
    const flat = [g!, indices!].map((each) => onnx.emit('Reshape', [each, onnx.integers([-1])]));
    const sums = onnx.emit('ScatterElements', [zeros, flat[1]!, flat[0]!], { axis: 0, reduction: 'add' });
    return [onnx.emit('Reshape', [sums, onnx.integers(shape)])];
  },
  evaluate([g, indices], { attributes: { shape } }) {
    const sums = new Float64Array(elementCount(shape));
    for (let k = 0; k < g!.length; k++) sums[indices![k]!]! += g![k]!;
    return [sums];
  },
};

/** Of each window the element of x whose key is largest; with x as its own keys the ordinary maximum. */
export function maxPool(x: Value, keys: Value, window: Window): Value {
  return apply(picking, [x, keys], window)[0]!;
}
