import { elementCount, SpikewireError } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { apply, applyOne, expectShape, type Value } from './value.ts';
import { forEachTap, type Window, windowAttributes } from './window.ts';

/**
 * Of each window of x [rows, channels, …inputSize] the element whose key is largest, the first of equal ones; and its
 * row-major place in x. No gradient flows through the keys.
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
  gradient({ inputs: [x], results: [, places] }, [g]) {
    return g === undefined ? [] : [applyOne(returning, [g, places!], { shape: x!.shape })];
  },
  lower(onnx, [x, keys], { attributes }) {
    const [, places] = onnx.emitMany('MaxPool', [keys!], 2, windowAttributes(attributes));
    const flat = onnx.emit('Reshape', [x!, onnx.integers([-1])]);
    return [onnx.emit('Gather', [flat, places!], { axis: 0 }), places!];
  },
  evaluate([x, keys], { results, attributes }) {
    const places = new Float64Array(elementCount(results[1]!.shape)).fill(-1);
    const [inputs, outputs] = [elementCount(attributes.inputSize), elementCount(attributes.outputSize)];
    for (let image = 0; image < places.length / outputs; image++) {
      forEachTap(attributes, (input, _tap, output) => {
        const [element, window] = [image * inputs + input, image * outputs + output];
        if (places[window]! < 0 || keys![element]! > keys![places[window]!]!) places[window] = element;
      });
    }
    return [places.map((place) => x![place]!), places];
  },
};

/** Each number back at the place that it came from, several at one added up: the gradient of the picking. */
const returning: Operation<{ readonly shape: readonly number[] }> = {
  name: 'return to places',
  shapes: (_, { shape }) => [shape],
  lower(onnx, [g, places], { attributes: { shape } }) {
    const zeros = onnx.emit('Expand', [onnx.scalar(0), onnx.integers([elementCount(shape)])]);
    const flat = [g!, places!].map((each) => onnx.emit('Reshape', [each, onnx.integers([-1])]));
    const sums = onnx.emit('ScatterElements', [zeros, flat[1]!, flat[0]!], { axis: 0, reduction: 'add' });
    return [onnx.emit('Reshape', [sums, onnx.integers(shape)])];
  },
  evaluate([g, places], { attributes: { shape } }) {
    const sums = new Float64Array(elementCount(shape));
    for (let k = 0; k < g!.length; k++) sums[places![k]!]! += g![k]!;
    return [sums];
  },
};

/** Of each window the element of x whose key is largest; with x as its own keys the ordinary maximum. */
export function maxPool(x: Value, keys: Value, window: Window): Value {
  return apply(picking, [x, keys], window)[0]!;
}
