import type { Operation } from './operation.ts';
import { channelSums } from './sums.ts';
import { applyOne, expectRank, expectShape, type Value } from './value.ts';

interface Transposition {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** One GEMM: A·B, either of them transposed. */
const product: Operation<Transposition> = {
  name: 'matrix product',
  shapes([a, b], { transposeA, transposeB }) {
    expectRank('matrix product', 'first factor', a!, 2);
    expectRank('matrix product', 'second factor', b!, 2);
    const [rows, inner] = transposeA ? [a![1]!, a![0]!] : [a![0]!, a![1]!];
    const [otherInner, columns] = transposeB ? [b![1]!, b![0]!] : [b![0]!, b![1]!];
    expectShape('matrix product', 'inner size of the second factor', [otherInner], [inner]);
    return [[rows, columns]];
  },
  sparseProduct: ({ inputs: [sums, matrix], attributes: { transposeA, transposeB } }) =>
    transposeA && !transposeB && matrix!.sparse ? { kind: 'gather', matrix: matrix!, sums: sums! } : undefined,
  lower: (onnx, inputs, { attributes: { transposeA, transposeB } }) => [
    onnx.emit('Gemm', inputs, { transA: Number(transposeA), transB: Number(transposeB) }),
  ],
  evaluate([a, b], { inputs, results, attributes: { transposeA, transposeB } }) {
    const [rows, columns] = results[0]!.shape as [number, number];
    const [aColumns, bColumns] = [inputs[0]!.shape[1]!, inputs[1]!.shape[1]!];
    const inner = inputs[0]!.shape[transposeA ? 0 : 1]!;
    const out = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum +=
            a![transposeA ? k * aColumns + i : i * aColumns + k]! *
            b![transposeB ? j * bColumns + k : k * bColumns + j]!;
        }
        out[i * columns + j] = sum;
      }
    }
    return [out];
  },
};

/** y = x·Wᵀ + b over all rows: x [rows, in], W [out, in] (PyTorch's orientation, as in models), b [out] or none. */
const affineMap: Operation<undefined> = {
  name: 'affine',
  shapes([x, weight, bias]) {
    expectRank('affine', 'input', x!, 2);
    expectRank('affine', 'weight', weight!, 2);
    expectShape('affine', 'weight', weight!, [weight![0]!, x![1]!]);
    if (bias !== undefined) expectShape('affine', 'bias', bias, [weight![0]!]);
    return [[x![0]!, weight![0]!]];
  },
  gradient: ({ inputs: [x, weight] }, [g], [wantsInput]) => [
    wantsInput ? matrixProduct(g!, weight!) : undefined,
    matrixProduct(g!, x!, { transposeA: true, transposeB: false }),
    channelSums(g!),
  ],
  sparseProduct: ({ inputs: [matrix, weights, bias] }) =>
    matrix!.sparse ? { kind: 'multiply', matrix: matrix!, weights: weights!, bias } : undefined,
  lower: (onnx, inputs) => [onnx.emit('Gemm', inputs, { transB: 1 })],
  evaluate([x, weight, bias], { inputs, results }) {
    const [rows, columns] = results[0]!.shape as [number, number];
    const inner = inputs[0]!.shape[1]!;
    const out = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = bias?.[column] ?? 0;
        for (let k = 0; k < inner; k++) sum += x![row * inner + k]! * weight![column * inner + k]!;
        out[row * columns + column] = sum;
      }
    }
    return [out];
  },
};

export function affine(x: Value, weight: Value, bias?: Value): Value {
  return applyOne(affineMap, bias === undefined ? [x, weight] : [x, weight, bias], undefined);
}

export function matrixProduct(
  a: Value,
  b: Value,
  transposition: Transposition = { transposeA: false, transposeB: false },
): Value {
  return applyOne(product, [a, b], transposition);
}
