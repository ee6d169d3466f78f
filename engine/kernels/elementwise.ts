import { countOf, indexOf, isGraded, positionOf, positionsOf, slotOf, valuesOf } from './emission-ring';
import { address, countSynapticOperations, operand } from './memory';
import { Elements } from './names.generated';
import { valueOf, weightAt } from './values';

/**
 * One to one: an event adds its value, times the weight of its element where there are weights (by row-major index).
 *
 * Operands: list, delay, source stride, source pixels, target stride, target pixels, accumulator, weights or 0, shift.
 */
export function addElements<X>(p: usize): void {
  const list = address(p, Elements.list);
  const slot = slotOf(list, operand(p, Elements.delay));
  const count = countOf(slot);
  const graded = isGraded(slot);
  const values = valuesOf(list, slot);
  const positions = positionsOf(slot);
  const weights = address(p, Elements.weights);
  const shift = operand(p, Elements.shift);
  for (let k = 0; k < count; k++) {
    const index = indexOf(load<i32>(positions + (<usize>k << 2)), operand(p, Elements.sourceStride), operand(p, Elements.sourcePixels));
    let value = valueOf<X>(values, k, graded, shift);
    if (weights != 0) value *= weightAt<X>(weights, index);
    const at = address(p, Elements.accumulator) + <usize>positionOf(index, operand(p, Elements.targetStride), operand(p, Elements.targetPixels)) * sizeof<X>();
    store<X>(at, load<X>(at) + value);
  }
  if (weights != 0) countSynapticOperations(<f64>count);
}
