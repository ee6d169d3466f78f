import {
  elementCount,
  type ResolvedNode,
  type SelectionConnectivity,
  SpikewireError,
  type WindowGeometry,
} from '@spikewire/models';
import type { Formulas } from '../step/formulas.ts';
import type { NodeStep } from '../step/node-step.ts';

/** Elements of all windows together; more are refused: 32 MiB. */
const MOST_TAPS = 2 ** 22;

/**
 * Max pooling: windows laid out as [windows, taps], in each of which ArgMax finds the first of the largest. ONNX's own
 * MaxPool leaves open which of equal elements it names.
 */
export function selection(formulas: Formulas, node: ResolvedNode, connectivity: SelectionConnectivity): NodeStep {
  const { geometry, inputs, outputs, winner } = connectivity;
  const taps = elementCount(geometry.kernel);
  if (outputs * taps > MOST_TAPS) {
    const where = `node "${node.name}" (${node.kind.type})`;
    const problem = `has ${outputs} windows of ${taps} elements`;
    throw new SpikewireError('unsupported', where, `${problem} to list in ONNX`, `at most ${MOST_TAPS} elements`);
  }
  const { onnx } = formulas;
  const members = onnx.whole(membersOf(geometry, inputs), [outputs, taps]);
  const minusInfinity = onnx.scalar(Number.NEGATIVE_INFINITY);
  const zero = onnx.scalar(0);
  /** Elements by window; of what lies beyond the image, `beyond`. */
  const windowsOf = (row: string, beyond: string) => {
    const padded = onnx.emit('Pad', [row, onnx.integers([0, 0, 0, 1]), beyond]);
    return onnx.emit('Gather', [padded, members], { axis: 1 });
  };
  const leaderOf = (windows: string) => onnx.emit('ArgMax', [windows], { axis: 2, keepdims: 1, select_last_index: 0 });
  const pick = (windows: string, leader: string) => onnx.emit('GatherElements', [windows, leader], { axis: 2 });
  const handOn = (picked: string) => formulas.reshape(picked, [outputs, 1], node.shape);

  if (winner === 'count') {
    return {
      states: [{ variable: 'arrived', shape: [inputs], type: 'float32', initial: 0 }],
      write([arriving], [arrived]) {
        const row = formulas.reshape(arriving!, node.inputShape, [inputs]);
        const sums = formulas.add(arrived!, row);
        const leader = leaderOf(windowsOf(sums, minusInfinity));
        return { emitted: handOn(pick(windowsOf(row, zero), leader)), next: [sums] };
      },
    };
  }
  const [none, one] = [onnx.integer(0), onnx.integer(1)];
  return {
    // Which element of a window won, counted from 1; 0 before one did.
    states: [{ variable: 'arrived', shape: [outputs, 1], type: 'int64', initial: 0 }],
    write([arriving], [won]) {
      const row = formulas.reshape(arriving!, node.inputShape, [inputs]);
      const windows = windowsOf(row, zero);
      const leader = leaderOf(windows);
      const isAbove = formulas.isGreater(pick(windows, leader), zero);
      const isOpen = onnx.emit('Equal', [won!, none]);
      const next = formulas.choose(formulas.and(isOpen, isAbove), formulas.add(leader, one), won!);
      const passing = pick(windows, formulas.larger(formulas.subtract(next, one), none));
      const emitted = formulas.choose(formulas.isGreater(next, none), passing, zero);
      return { emitted: handOn(emitted), next: [next] };
    },
  };
}

/** The elements of each window, row by row; `inputs` for what lies beyond the image. */
function membersOf(
  { inputChannels, inputSize, outputSize, kernel, stride, padding, dilation }: WindowGeometry,
  inputs: number,
): BigInt64Array {
  const [height, width] = inputSize;
  const found: number[] = [];
  for (let channel = 0; channel < inputChannels; channel++) {
    for (let row = 0; row < outputSize[0]; row++) {
      for (let column = 0; column < outputSize[1]; column++) {
        for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
          const y = row * stride[0] - padding[0] + Math.floor(tap / kernel[1]) * dilation[0];
          const x = column * stride[1] - padding[1] + (tap % kernel[1]) * dilation[1];
          const isInside = y >= 0 && y < height && x >= 0 && x < width;
          found.push(isInside ? (channel * height + y) * width + x : inputs);
        }
      }
    }
  }
  return BigInt64Array.from(found, BigInt);
}
