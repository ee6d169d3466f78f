import type { MatrixKernels } from '../../learn/weights/weights.ts';
import { encode } from './instructions.ts';
import type { Kernels } from './kernels.ts';
import type { MemoryPlan, MemoryViews } from './memory.ts';

/** Where the kernels that change a learned matrix find what they are given. */
export interface LearningPlan {
  /** The matrix, [inputs][rowLength]. */
  readonly weights: number;
  /** The scale of a trace, then the trace. */
  readonly trace: number;
  readonly factors: number;
  readonly row: number;
  readonly inputs: number;
  readonly columns: number;
  /** First and last address of the instruction for the whole matrix, and of that for one output. */
  readonly addProduct: readonly [number, number];
  readonly changeRow: readonly [number, number];
}

/** Numbers of a vector. */
const LANES = 4;
/** Bytes of what `changeRow` is given. */
const ROW_BYTES = 40;

/**
 * `weights` is the address of [inputs][rowLength] float32, rows of whole vectors; the first `outputs` of each are
 * learned.
 */
export function planLearning(
  memory: MemoryPlan,
  weights: number,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  rowLength: number,
): LearningPlan {
  const columns = LANES * Math.ceil(outputs / LANES);
  const rowBytes = 4 * rowLength;
  const trace = memory.reserve(8 * (1 + inputs));
  const factors = memory.reserve(4 * columns);
  const row = memory.reserve(ROW_BYTES);
  const place = (words: readonly number[]): readonly [number, number] => {
    const from = memory.int32(words);
    return [from, from + 4 * words.length];
  };
  const addProduct = place(encode('addProduct', { weights, trace, factors, inputs, columns, rowBytes }));
  const changeRow = place(encode('changeRow', { row, trace, inputs, rowBytes }));
  return { weights, trace, factors, row, inputs, columns, addProduct, changeRow };
}

/** The kernels as learned weights call them. */
export function learningKernels(plan: LearningPlan, memory: MemoryViews, kernels: Kernels): MatrixKernels {
  const { weights, inputs, columns, addProduct, changeRow } = plan;
  const { int32, float32, float64 } = memory;
  const factors = float32.subarray(plan.factors / 4, plan.factors / 4 + columns);
  const scaleAt = plan.trace / 8;
  const trace = float64.subarray(scaleAt + 1, scaleAt + 1 + inputs);
  const rowAt = plan.row / 4;
  return {
    addProduct(product) {
      factors.set(product.factors);
      trace.set(product.trace);
      float64[scaleAt] = product.scale;
      kernels.run(addProduct[0], addProduct[1]);
    },
    changeRow(output, row) {
      trace.set(row.trace);
      int32[rowAt] = weights + 4 * output;
      float64[rowAt / 2 + 1] = row.factor;
      float64[rowAt / 2 + 2] = row.offset;
      float32[rowAt + 6] = row.constant;
      float32[rowAt + 7] = row.slope;
      float32[rowAt + 8] = row.lowest;
      float32[rowAt + 9] = row.highest;
      kernels.run(changeRow[0], changeRow[1]);
    },
  };
}
