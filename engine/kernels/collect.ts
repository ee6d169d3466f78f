import { close, positionsOf, slotOf, valuesOf } from './emission-ring';
import { address, operand } from './memory';
import { clamped } from './float-numbers';
import { Collect } from './names.generated';

/**
 * What is not zero in an accumulator becomes a list, in order of positions; the accumulator is zero again.
 *
 * Operands: accumulator, length (a multiple of 4), list.
 */
export function collect<X>(p: usize): void {
  const accumulator = address(p, Collect.accumulator);
  const length = operand(p, Collect.length);
  const list = address(p, Collect.list);
  const slot = slotOf(list, 0);
  const positions = positionsOf(slot);
  const values = valuesOf(list, slot);
  let count: usize = 0;
  for (let i = 0; i < length; i += 4) {
    const at = accumulator + <usize>i * sizeof<X>();
    if (!v128.any_true(v128.load(at))) continue;
    for (let k = 0; k < 4; k++) {
      const x = load<X>(at + <usize>k * sizeof<X>());
      store<X>(at + <usize>k * sizeof<X>(), 0);
      const value: X = isFloat<X>() ? <X>clamped(<f32>x) : x;
      if (value == 0) continue;
      store<i32>(positions + (count << 2), i + k);
      if (isFloat<X>()) store<X>(values + (count << 2), value);
      else store<i32>(values + (count << 2), <i32>value);
      count++;
    }
  }
  close(slot, <i32>count, true);
}

/** The same over sums of 16 bits, sixteen at a time; the length is a multiple of 16. */
export function collect16(p: usize): void {
  const accumulator = address(p, Collect.accumulator);
  const length = operand(p, Collect.length);
  const list = address(p, Collect.list);
  const slot = slotOf(list, 0);
  const toValues = valuesOf(list, slot) - positionsOf(slot);
  let next = positionsOf(slot);
  const zero = i16x8.splat(0);
  for (let i = 0; i < length; i += 16) {
    const at = accumulator + (<usize>i << 1);
    const low = v128.load(at);
    const high = v128.load(at, 16);
    if (!v128.any_true(v128.or(low, high))) continue;
    // The narrowed mask is used for nothing else: 32-bit ARM destroys the operand of bitmask.
    let found = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.ne(low, zero), i16x8.ne(high, zero)));
    for (; found != 0; found &= found - 1, next += 4) {
      const lane = ctz(found);
      store<i32>(next, i + lane);
      store<i32>(next + toValues, <i32>load<i16>(at + (<usize>lane << 1)));
    }
    v128.store(at, zero);
    v128.store(at, zero, 16);
  }
  close(slot, <i32>((next - positionsOf(slot)) >> 2), true);
}
