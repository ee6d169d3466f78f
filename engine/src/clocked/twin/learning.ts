import type { ProductOperands, RowChangeOperands } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';

/** Learning on a dense matrix as a whole: weights[i][j] += factors[j]·x_i, every product and sum a float32. */
export function addProduct({ float32, float64 }: MemoryViews, operands: ProductOperands): () => void {
  const { inputs, columns } = operands;
  const rowLength = operands.rowBytes / 4;
  const [weights, factors, trace] = [operands.weights / 4, operands.factors / 4, operands.trace / 8];
  return () => {
    const scale = float64[trace]!;
    for (let i = 0; i < inputs; i++) {
      const x = Math.fround(float64[trace + 1 + i]! * scale);
      const row = weights + i * rowLength;
      for (let j = 0; j < columns; j++) float32[row + j]! += Math.fround(float32[factors + j]! * x);
    }
  };
}

/**
 * Learning on the weights of one output: Δw = (factor·trace + offset)·(constant + slope·w), held within bounds, in
 * float32.
 */
export function changeRow({ int32, float32, float64 }: MemoryViews, operands: RowChangeOperands): () => void {
  const { inputs, row } = operands;
  const stride = operands.rowBytes / 4;
  const trace = operands.trace / 8 + 1;
  const round = Math.fround;
  return () => {
    const [factor, offset] = [float64[row / 8 + 1]!, float64[row / 8 + 2]!];
    const [constant, slope, lowest, highest] = float32.subarray(row / 4 + 6, row / 4 + 10) as unknown as number[];
    let index = int32[row / 4]! / 4;
    for (let i = 0; i < inputs; i++, index += stride) {
      const weight = float32[index]!;
      const dependence = round(constant! + round(slope! * weight));
      const change = round(round(factor * float64[trace + i]! + offset) * dependence);
      float32[index] = Math.max(lowest!, Math.min(highest!, round(weight + change)));
    }
  };
}
