import { countOf, indexOf, isGraded, positionsOf, slotOf, valuesOf } from './event-list';
import { address, operand } from './memory';
import { windowAt } from './window';

/** In a table: this position is in no window. */
const NOWHERE: u32 = 65535;

/**
 * Window sums: an event adds its value, times the gain of a real average, to each window it falls into.
 *
 * Operands: list, delay, source stride, source places, accumulator, gain (float32 bits), input width, input area, kernel height,
 * kernel width, stride y, stride x, padding y, padding x, output height, output width, accumulator elements from one place to
 * the next, and from one channel to the next, table. Where windows do not overlap, the table has the accumulator element of
 * every source position, 16 bits each; else it is 0.
 */
export function pool<X>(p: usize): void {
  const list = address(p, 0);
  const slot = slotOf(list, operand(p, 1));
  const count = countOf(slot);
  const graded = isGraded(slot);
  const values = valuesOf(list, slot);
  const positions = positionsOf(slot);
  const table = address(p, 18);
  if (table != 0) {
    const sums = address(p, 4);
    for (let k = 0; k < count; k++) {
      const element = <u32>load<u16>(table + (<usize>load<i32>(positions + (<usize>k << 2)) << 1));
      if (element == NOWHERE) continue;
      const at = sums + <usize>element * sizeof<X>();
      store<X>(at, load<X>(at) + valueOf<X>(p, graded, values + (<usize>k << 2)));
    }
    return;
  }
  const area = operand(p, 7);
  const width = operand(p, 6);
  const outputWidth = operand(p, 15);
  for (let k = 0; k < count; k++) {
    const position = load<i32>(positions + (<usize>k << 2));
    const index = indexOf(position, operand(p, 2), operand(p, 3));
    const channel = index / area;
    const place = index - channel * area;
    const row = place / width;
    const column = place - row * width;
    const value = valueOf<X>(p, graded, values + (<usize>k << 2));
    for (let ky = 0; ky < operand(p, 8); ky++) {
      const y = windowAt(row + operand(p, 12) - ky, operand(p, 10), operand(p, 14));
      if (y < 0) continue;
      for (let kx = 0; kx < operand(p, 9); kx++) {
        const x = windowAt(column + operand(p, 13) - kx, operand(p, 11), outputWidth);
        if (x < 0) continue;
        const element = (y * outputWidth + x) * operand(p, 16) + channel * operand(p, 17);
        const at = address(p, 4) + <usize>element * sizeof<X>();
        store<X>(at, load<X>(at) + value);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function valueOf<X>(p: usize, graded: bool, value: usize): X {
  if (!isFloat<X>()) return graded ? <X>load<i32>(value) : 1;
  const gain = <X>reinterpret<f32>(operand(p, 5));
  return graded ? gain * load<X>(value) : gain;
}
