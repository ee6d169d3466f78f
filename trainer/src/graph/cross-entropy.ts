import { multiply } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { applyOne, expectRank, expectShape, type Value } from './value.ts';

/** log Σ e^z of each row. */
function logSumExp(row: Float64Array): number {
  const largest = row.reduce((a, b) => Math.max(a, b));
  return largest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - largest), 0));
}

/** −1/rows·Σ y·log softmax(z): logits z and targets y, both [rows, classes], each row of y summing to 1. */
const crossEntropy: Operation<undefined> = {
  name: 'cross-entropy',
  shapes([logits, targets]) {
    expectRank('cross-entropy', 'logits', logits!, 2);
    expectShape('cross-entropy', 'targets', targets!, logits!);
    return [[]];
  },
  gradient: ({ inputs }, [g]) => [multiply(applyOne(logitGradient, inputs, undefined), g!)],
  lower(onnx, [logits, targets], { inputs }) {
    const logarithms = onnx.emit('LogSoftmax', [logits!], { axis: 1 });
    const sum = onnx.emit('ReduceSum', [onnx.emit('Mul', [targets!, logarithms])], { keepdims: 0 });
    return [onnx.emit('Mul', [sum, onnx.scalar(-1 / inputs[0]!.shape[0]!)])];
  },
  evaluate([logits, targets], { inputs }) {
    const [rows, classes] = inputs[0]!.shape as [number, number];
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const z = logits!.subarray(row * classes, (row + 1) * classes);
      const whole = logSumExp(z);
      for (let k = 0; k < classes; k++) loss -= (targets![row * classes + k]! * (z[k]! - whole)) / rows;
    }
    return [Float64Array.of(loss)];
  },
};

/** (softmax(z) − y)/rows. */
const logitGradient: Operation<undefined> = {
  name: 'gradient of the cross-entropy',
  shapes: ([logits]) => [logits!],
  lower(onnx, [logits, targets], { inputs }) {
    const difference = onnx.emit('Sub', [onnx.emit('Softmax', [logits!], { axis: 1 }), targets!]);
    return [onnx.emit('Mul', [difference, onnx.scalar(1 / inputs[0]!.shape[0]!)])];
  },
  evaluate([logits, targets], { inputs }) {
    const [rows, classes] = inputs[0]!.shape as [number, number];
    return [
      logits!.map((z, i) => {
        const row = Math.floor(i / classes);
        const whole = logSumExp(logits!.subarray(row * classes, (row + 1) * classes));
        return (Math.exp(z - whole) - targets![i]!) / rows;
      }),
    ];
  },
};

export function softmaxCrossEntropy(logits: Value, targets: Value): Value {
  return applyOne(crossEntropy, [logits, targets], undefined);
}
