import { countOf, indexOf, isGraded, positionOf, positionsOf, slotOf, valuesOf } from './emission-ring';
import { address, countSynapticOperations, factorsScratch, operand } from './memory';
import { Others } from './names.generated';
import { valueOf, weightAt } from './values';

/**
 * Every input to every output but its own: one pass over the outputs with the sum of all values, however many events
 * there are. What an event's own output gets, the sum without its value, is worked out before the pass and put in place
 * after it.
 *
 * Operands: list, delay, source stride, source pixels, target stride, target pixels, accumulator, weights (as the
 * target lies), shift, synapses of an input.
 */
export function addOthers<X>(p: usize): void {
  const list = address(p, Others.list);
  const slot = slotOf(list, operand(p, Others.delay));
  const count = countOf(slot);
  if (count == 0) return;
  const graded = isGraded(slot);
  const values = valuesOf(list, slot);
  const shift = operand(p, Others.shift);
  let total: X = 0;
  for (let k = 0; k < count; k++) total += valueOf<X>(values, k, graded, shift);
  const own = factorsScratch();
  for (let k = 0; k < count; k++) {
    const position = ownPosition(p, slot, k);
    const rest = total - valueOf<X>(values, k, graded, shift);
    const at = address(p, Others.accumulator) + <usize>position * sizeof<X>();
    store<X>(own + (<usize>k << 2), load<X>(at) + rest * weightAt<X>(address(p, Others.weights), position));
  }
  // Padding behind the last position is part of it: whole vectors, whose weights are 0.
  const length = (operand(p, Others.targetStride) * operand(p, Others.targetPixels) + 15) & ~15;
  if (isFloat<X>()) addReals(address(p, Others.accumulator), address(p, Others.weights), length, <f32>total);
  else addWhole<X>(address(p, Others.accumulator), address(p, Others.weights), length, total);
  for (let k = 0; k < count; k++) {
    store<X>(address(p, Others.accumulator) + <usize>ownPosition(p, slot, k) * sizeof<X>(), load<X>(own + (<usize>k << 2)));
  }
  countSynapticOperations(<f64>count * <f64>operand(p, Others.synapses));
}

// @ts-ignore: decorator
@inline
function ownPosition(p: usize, slot: usize, k: i32): i32 {
  const index = indexOf(load<i32>(positionsOf(slot) + (<usize>k << 2)), operand(p, Others.sourceStride), operand(p, Others.sourcePixels));
  return positionOf(index, operand(p, Others.targetStride), operand(p, Others.targetPixels));
}

function addReals(accumulator: usize, weights: usize, length: i32, total: f32): void {
  const factor = f32x4.splat(total);
  for (let c: usize = 0; c < <usize>length << 2; c += 16) {
    const product = f32x4.mul(v128.load(weights + c), factor);
    v128.store(accumulator + c, f32x4.add(v128.load(accumulator + c), product));
  }
}

/** Sixteen-bit products and sums wrap; the whole sum was proved to fit, so that it is exact. */
function addWhole<X>(accumulator: usize, weights: usize, length: i32, total: X): void {
  const end = weights + <usize>length;
  for (; weights < end; weights += 8, accumulator += 8 * sizeof<X>()) {
    const eight = v128.load8x8_s(weights);
    if (sizeof<X>() == 2) {
      const product = i16x8.mul(eight, i16x8.splat(<i16>total));
      v128.store(accumulator, i16x8.add(v128.load(accumulator), product));
    } else {
      const factor = i32x4.splat(<i32>total);
      const low = i32x4.mul(i32x4.extend_low_i16x8_s(eight), factor);
      const high = i32x4.mul(i32x4.extend_high_i16x8_s(eight), factor);
      v128.store(accumulator, i32x4.add(v128.load(accumulator), low));
      v128.store(accumulator, i32x4.add(v128.load(accumulator, 16), high), 16);
    }
  }
}
