import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, expectShape, type Value } from './value.ts';

interface Places {
  /** Row-major, one per number, none twice. */
  readonly places: Int32Array;
  readonly shape: Shape;
}

/** Numbers at their places of an array that is 0 elsewhere. */
const scattering: Operation<Places> = {
  name: 'scatter',
  shapes([values], { places, shape }) {
    expectShape('scatter', 'numbers', values!, [places.length]);
    return [shape];
  },
  gradient: ({ attributes: { places } }, [g]) => [applyOne(gathering, [g!], { places, shape: [places.length] })],
  lower(onnx, [values], { attributes: { places, shape } }) {
    const zeros = onnx.emit('Expand', [onnx.scalar(0), onnx.integers([elementCount(shape)])]);
    const flat = onnx.emit('ScatterElements', [zeros, onnx.integers(Array.from(places)), values!], { axis: 0 });
    return [onnx.emit('Reshape', [flat, onnx.integers(shape)])];
  },
  evaluate([values], { attributes: { places, shape } }) {
    const whole = new Float64Array(elementCount(shape));
    for (let k = 0; k < places.length; k++) whole[places[k]!] = values![k]!;
    return [whole];
  },
};

/** The numbers at places: the gradient of the scattering. */
const gathering: Operation<Places> = {
  name: 'gather',
  shapes: (_, { shape }) => [shape],
  lower(onnx, [whole], { attributes: { places } }) {
    const flat = onnx.emit('Reshape', [whole!, onnx.integers([-1])]);
    return [onnx.emit('Gather', [flat, onnx.integers(Array.from(places))], { axis: 0 })];
  },
  evaluate: ([whole], { attributes: { places } }) => [Float64Array.from(places, (place) => whole![place]!)],
};

/** `values` [n] at n different places, row-major, of an array of `shape` that is 0 elsewhere. */
export function scatter(values: Value, places: Int32Array, shape: Shape): Value {
  return applyOne(scattering, [values], { places, shape });
}
