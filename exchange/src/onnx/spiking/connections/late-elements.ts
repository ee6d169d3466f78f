import { elementCount, type Shape } from '@spikewire/models';
import type { Formulas } from '../step/formulas.ts';
import type { NodeStep } from '../step/node-step.ts';

/** Elements that pass some steps late, each by its own delay: a shift register of what arrived, the latest first. */
export function lateElements(formulas: Formulas, shape: Shape, delays: Int32Array): NodeStep {
  const longest = delays.reduce((a, b) => Math.max(a, b), 0);
  const size = elementCount(shape);
  const { onnx } = formulas;
  const indices = onnx.integers(Array.from(delays, (delay, element) => delay * size + element));
  return {
    states: [{ variable: 'late', shape: [longest, size], type: 'float32', initial: 0 }],
    write([arriving], [line]) {
      const now = formulas.reshape(arriving!, shape, [1, size]);
      const all = onnx.emit('Concat', [now, line!], { axis: 1 });
      const row = formulas.reshape(all, [longest + 1, size], [(longest + 1) * size]);
      const emitted = onnx.emit('Gather', [row, indices], { axis: 1 });
      const next = onnx.emit('Slice', [all, ...[[0], [longest], [1]].map((each) => onnx.integers(each))]);
      return { emitted: formulas.reshape(emitted, [size], shape), next: [next] };
    },
  };
}
