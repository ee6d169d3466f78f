import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { apply, applyOne, type Value } from './value.ts';

/** Of each column of x [rows, …] the number of this rank, 1 for the largest, and the row that it stands in. */
const ranking: Operation<{ readonly rank: number }> = {
  name: 'number of a rank',
  shapes: ([x]) => [x!.slice(1), x!.slice(1)],
  gradient({ inputs: [x], results: [, rows] }, [g]) {
    return g === undefined ? [] : [applyOne(returning, [g, rows!], { shape: x!.shape })];
  },
  lower(onnx, [x], { inputs: [input], attributes: { rank } }) {
    const { shape } = input!;
    const flat = onnx.emit('Reshape', [x!, onnx.integers([shape[0]!, -1])]);
    const attributes = { axis: 0, largest: 1, sorted: 1 };
    const largest = onnx.emitMany('TopK', [flat, onnx.integers([rank])], 2, attributes);
    return largest.map((each) => {
      const last = onnx.emit('Gather', [each, onnx.integers([rank - 1])], { axis: 0 });
      return onnx.emit('Reshape', [last, onnx.integers(shape.slice(1))]);
    });
  },
  evaluate([x], { inputs: [input], attributes: { rank } }) {
    const { shape } = input!;
    const columns = elementCount(shape.slice(1));
    const rows = Float64Array.from({ length: columns }, (_, column) => {
      const order = Array.from({ length: shape[0]! }, (_, row) => row);
      return order.sort((a, b) => x![b * columns + column]! - x![a * columns + column]! || a - b)[rank - 1]!;
    });
    return [rows.map((row, column) => x![row * columns + column]!), rows];
  },
};

/** Each number back in its row, zeros elsewhere. */
const returning: Operation<{ readonly shape: Shape }> = {
  name: 'return to rows',
  shapes: (_, { shape }) => [shape],
  lower(onnx, [g, rows], { attributes: { shape } }) {
    const columns = elementCount(shape.slice(1));
    const zeros = onnx.emit('Expand', [onnx.scalar(0), onnx.integers([shape[0]!, columns])]);
    const [at, numbers] = [rows!, g!].map((each) => onnx.emit('Reshape', [each, onnx.integers([1, columns])]));
    const flat = onnx.emit('ScatterElements', [zeros, at!, numbers!], { axis: 0 });
    return [onnx.emit('Reshape', [flat, onnx.integers(shape)])];
  },
  evaluate([g, rows], { attributes: { shape } }) {
    const whole = new Float64Array(elementCount(shape));
    for (let column = 0; column < g!.length; column++) whole[rows![column]! * g!.length + column] = g![column]!;
    return [whole];
  },
};

/** Of each column of x [rows, …] the number that so many are not below, itself included: […]. */
export function ranked(x: Value, rank: number): Value {
  return apply(ranking, [x], { rank })[0]!;
}
