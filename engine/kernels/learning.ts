import { address, operand } from './memory';
import { AddProduct, ChangeRow } from './names.generated';

/**
 * Learning on a dense matrix as a whole: weights[i][j] += factors[j]·x_i with x_i the trace of input i. `trace` has the
 * scale of all traces first, then a number per input, in float64; x_i is their product as float32. Columns are whole
 * vectors, of rows that may be longer.
 *
 * Operands: weights, trace, factors, inputs, columns, row bytes.
 */
export function addProduct(p: usize): void {
  const factors = address(p, AddProduct.factors);
  const inputs = <usize>operand(p, AddProduct.inputs);
  const columns = <usize>operand(p, AddProduct.columns) << 2;
  const rowBytes = <usize>operand(p, AddProduct.rowBytes);
  const scale = load<f64>(address(p, AddProduct.trace));
  const trace = address(p, AddProduct.trace) + 8;
  const end = trace + (inputs << 3);
  let row = address(p, AddProduct.weights);
  if (columns == 16) {
    const factor = v128.load(factors);
    for (let t = trace; t < end; t += 8, row += rowBytes) {
      const x = f32x4.splat(<f32>(load<f64>(t) * scale));
      v128.store(row, f32x4.add(v128.load(row), f32x4.mul(factor, x)));
    }
    return;
  }
  for (let t = trace; t < end; t += 8, row += rowBytes) {
    const x = f32x4.splat(<f32>(load<f64>(t) * scale));
    for (let c: usize = 0; c < columns; c += 16) {
      const w = row + c;
      v128.store(w, f32x4.add(v128.load(w), f32x4.mul(v128.load(factors + c), x)));
    }
  }
}

/**
 * Learning on the weights of one output of a dense matrix: Δw = (factor·trace_i + offset)·(constant + slope·w), then
 * held within lowest … highest. `row` has the address of the output's first weight (int32, padded to 8 bytes), factor
 * and offset in float64, and constant, slope, lowest and highest in float32. factor·trace + offset is computed in
 * float64 and rounded once, all else in float32.
 *
 * Operands: row, trace, inputs, row bytes.
 */
export function changeRow(p: usize): void {
  const row = address(p, ChangeRow.row);
  const rowBytes = <usize>operand(p, ChangeRow.rowBytes);
  const trace = address(p, ChangeRow.trace) + 8;
  const end = trace + (<usize>operand(p, ChangeRow.inputs) << 3);
  const factor = load<f64>(row, 8);
  const offset = load<f64>(row, 16);
  const constant = load<f32>(row, 24);
  const slope = load<f32>(row, 28);
  const lowest = load<f32>(row, 32);
  const highest = load<f32>(row, 36);
  let weight = <usize>load<u32>(row);
  let t = trace;
  // The weights lie far apart: four at a time, so that many are on their way from memory at once.
  for (; t + 32 <= end; t += 32, weight += rowBytes << 2) {
    const second = weight + rowBytes;
    const third = second + rowBytes;
    const fourth = third + rowBytes;
    let w = v128.load32_lane(weight, f32x4.splat(0), 0);
    w = v128.load32_lane(second, w, 1);
    w = v128.load32_lane(third, w, 2);
    w = v128.load32_lane(fourth, w, 3);
    const change = f32x4.mul(
      wanted(t, factor, offset),
      f32x4.add(f32x4.splat(constant), f32x4.mul(f32x4.splat(slope), w)),
    );
    w = f32x4.max(f32x4.splat(lowest), f32x4.min(f32x4.splat(highest), f32x4.add(w, change)));
    v128.store32_lane(weight, w, 0);
    v128.store32_lane(second, w, 1);
    v128.store32_lane(third, w, 2);
    v128.store32_lane(fourth, w, 3);
  }
  for (; t < end; t += 8, weight += rowBytes) {
    const w = load<f32>(weight);
    const change = <f32>(factor * load<f64>(t) + offset) * (constant + slope * w);
    store<f32>(weight, max(lowest, min(highest, w + change)));
  }
}

/** factor·trace + offset for four inputs, rounded once. */
// @ts-ignore: decorator
@inline
function wanted(trace: usize, factor: f64, offset: f64): v128 {
  const front = f64x2.add(f64x2.mul(f64x2.splat(factor), v128.load(trace)), f64x2.splat(offset));
  const back = f64x2.add(f64x2.mul(f64x2.splat(factor), v128.load(trace, 16)), f64x2.splat(offset));
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(front), f32x4.demote_f64x2_zero(back), 0, 1, 4, 5);
}
