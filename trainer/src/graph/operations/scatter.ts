import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, expectShape, type Value } from './value.ts';

interface Indices {
  /** Row-major, one per number, none twice. */
  readonly indices: Int32Array;
  readonly shape: Shape;
}

/** Numbers at their indices of an array that is 0 elsewhere. */
const scattering: Operation<Indices> = {
  name: 'scatter',
  shapes([values], { indices, shape }) {
    expectShape('scatter', 'numbers', values!, [indices.length]);
    return [shape];
  },
  gradient: ({ attributes: { indices } }, [g]) => [applyOne(gathering, [g!], { indices, shape: [indices.length] })],
  lower(onnx, [values], { attributes: { indices, shape } }) {
    const zeros = onnx.emit('Expand', [onnx.scalar(0), onnx.integers([elementCount(shape)])]);
    const flat = onnx.emit('ScatterElements', [zeros, onnx.integers(Array.from(indices)), values!], { axis: 0 });
    return [onnx.emit('Reshape', [flat, onnx.integers(shape)])];
  },
  evaluate([values], { attributes: { indices, shape } }) {
    const whole = new Float64Array(elementCount(shape));
    for (let k = 0; k < indices.length; k++) whole[indices[k]!] = values![k]!;
    return [whole];
  },
};

/** The numbers at indices: the gradient of the scattering. */
const gathering: Operation<Indices> = {
  name: 'gather',
  shapes: (_, { shape }) => [shape],
  lower(onnx, [whole], { attributes: { indices } }) {
    const flat = onnx.emit('Reshape', [whole!, onnx.integers([-1])]);
    return [onnx.emit('Gather', [flat, onnx.integers(Array.from(indices))], { axis: 0 })];
  },
  evaluate: ([whole], { attributes: { indices } }) => [Float64Array.from(indices, (index) => whole![index]!)],
};

/** `values` [n] at n different indices, row-major, of an array of `shape` that is 0 elsewhere. */
export function scatter(values: Value, indices: Int32Array, shape: Shape): Value {
  return applyOne(scattering, [values], { indices, shape });
}
