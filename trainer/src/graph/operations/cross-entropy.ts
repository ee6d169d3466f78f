import { filled, multiply } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { expandRows } from './sums.ts';
import { applyOne, expectRank, expectShape, type Value } from './value.ts';

/** log Σ e^z of each row. */
function logSumExp(row: Float64Array): number {
  const largest = row.reduce((a, b) => Math.max(a, b));
  return largest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - largest), 0));
}

/** −Σ y·log softmax(z) of each row: logits z and targets y, both [rows, classes], each row of y summing to 1. */
const crossEntropy: Operation<undefined> = {
  name: 'cross-entropy',
  shapes([logits, targets]) {
    expectRank('cross-entropy', 'logits', logits!, 2);
    expectShape('cross-entropy', 'targets', targets!, logits!);
    return [[logits![0]!]];
  },
  gradient: ({ inputs: [logits, targets] }, [g]) => [
    multiply(applyOne(logitGradient, [logits!, targets!], undefined), expandRows(g!, logits!.shape)),
  ],
  lower(onnx, [logits, targets]) {
    const logarithms = onnx.emit('LogSoftmax', [logits!], { axis: 1 });
    const products = onnx.emit('Mul', [targets!, logarithms]);
    return [onnx.emit('Neg', [onnx.emit('ReduceSum', [products, onnx.integers([1])], { keepdims: 0 })])];
  },
  evaluate([logits, targets], { inputs }) {
    const [rows, classes] = inputs[0]!.shape as [number, number];
    const losses = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const z = logits!.subarray(row * classes, (row + 1) * classes);
      const whole = logSumExp(z);
      for (let k = 0; k < classes; k++) losses[row]! -= targets![row * classes + k]! * (z[k]! - whole);
    }
    return [losses];
  },
};

/** softmax(z) − y. */
const logitGradient: Operation<undefined> = {
  name: 'gradient of the cross-entropy',
  shapes: ([logits]) => [logits!],
  lower: (onnx, [logits, targets]) => [onnx.emit('Sub', [onnx.emit('Softmax', [logits!], { axis: 1 }), targets!])],
  evaluate([logits, targets], { inputs }) {
    const classes = inputs[0]!.shape[1]!;
    return [
      logits!.map((z, i) => {
        const row = Math.floor(i / classes);
        const whole = logSumExp(logits!.subarray(row * classes, (row + 1) * classes));
        return Math.exp(z - whole) - targets![i]!;
      }),
    ];
  },
};

/** e^z_k / Σ e^z of each row of logits [rows, classes]; no gradient flows through. */
export function softmax(logits: Value): Value {
  return applyOne(logitGradient, [logits, filled(logits.shape, 0)], undefined);
}

/** The cross-entropy of each row, [rows]. */
export function softmaxCrossEntropy(logits: Value, targets: Value): Value {
  return applyOne(crossEntropy, [logits, targets], undefined);
}
