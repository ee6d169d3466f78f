import { elementCount, formatShape, type Shape, SpikewireError, sameShape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

const reshaping: Operation<{ readonly shape: Shape }> = {
  name: 'reshape',
  sparse: 'kept',
  shapes([from], { shape }) {
    if (elementCount(from!) !== elementCount(shape)) {
      throw new SpikewireError(
        'graph',
        'reshape',
        `gets shape ${formatShape(from!)}`,
        `as many elements as ${formatShape(shape)}`,
      );
    }
    return [shape];
  },
  gradient: ({ inputs }, [g]) => [reshape(g!, inputs[0]!.shape)],
  lower: (onnx, [x], { attributes: { shape } }) => [onnx.emit('Reshape', [x!, onnx.integers(shape)])],
  evaluate: ([x]) => [x!],
};

/** The same elements, row-major, under another shape. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : applyOne(reshaping, [x], { shape });
}
