import { elementCount, formatShape, type Shape, SpikewireError } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

/** An array that is part of the program and not given at each run, so that a backend may lay it out as it likes. */
const storing: Operation<{ readonly values: Float64Array; readonly shape: Shape }> = {
  name: 'stored array',
  shapes: (_, { shape }) => [shape],
  lower: (onnx, _, { attributes: { values, shape } }) => [onnx.array(Float32Array.from(values), shape)],
  evaluate: (_, { attributes: { values } }) => [values],
};

/** The numbers of a net whose training is over. Throws `graph` where they are not as many as the shape has. */
export function stored(values: ArrayLike<number>, shape: Shape): Value {
  if (values.length !== elementCount(shape)) {
    const expected = `${elementCount(shape)} for ${formatShape(shape)}`;
    throw new SpikewireError('graph', 'stored array', `has ${values.length} numbers`, expected);
  }
  return applyOne(storing, [], { values: Float64Array.from(values), shape });
}
