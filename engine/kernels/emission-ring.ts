// What a node emits, step by step: a ring of slots, as many as its readers look back, and one more. A slot is what was
// emitted in one step: a count, whether the values have to be looked at (0: all are 1; 1: they do; 3: they do, and what
// is here was here in the step before, too), positions, values. The descriptor of a ring: head slot, number of slots,
// bytes of a slot, address of the first slot, bytes from the start of a slot to its values.

import { address, operand } from './memory';
import { Advance, ListField, ListSlot, Mark, OnlyIf } from './names.generated';

/** Moves the head on by one slot: the start of a step. */
export function advance(p: usize): void {
  const list = address(p, Advance.list);
  const next = load<i32>(list, ListField.head) + 1;
  store<i32>(list, next == load<i32>(list, ListField.slots) ? 0 : next, ListField.head);
}

/** What was emitted `delay` steps ago. */
// @ts-ignore: decorator
@inline
export function slotOf(list: usize, delay: i32): usize {
  let slot = load<i32>(list, ListField.head) - delay;
  if (slot < 0) slot += load<i32>(list, ListField.slots);
  return <usize>load<u32>(list, ListField.base) + <usize>(slot * load<i32>(list, ListField.slotBytes));
}

// @ts-ignore: decorator
@inline
export function countOf(slot: usize): i32 {
  return load<i32>(slot);
}

/**
 * Whether there is anything in one of the lists at `watched`: their number, then of each its descriptor and how many
 * steps back.
 */
export function isAnyFilled(watched: usize): bool {
  const end = watched + (<usize>load<u32>(watched) << 3);
  for (let at = watched; at < end; at += 8) {
    if (countOf(slotOf(<usize>load<u32>(at, 4), load<i32>(at, 8))) > 0) return true;
  }
  return false;
}

/** Operands: list, delay, mark: a word that is not 0 once anything was emitted. */
export function mark(p: usize): void {
  if (countOf(slotOf(address(p, Mark.list), operand(p, Mark.delay))) > 0) store<i32>(address(p, Mark.mark), 1);
}

/** Operands: list, delay, 1 or 0. Whether values have to be looked at (1), or are all 1 (0). */
export function isMet(p: usize): bool {
  return isGraded(slotOf(address(p, OnlyIf.list), operand(p, OnlyIf.delay))) == (operand(p, OnlyIf.graded) != 0);
}

// @ts-ignore: decorator
@inline
export function isGraded(slot: usize): bool {
  return load<i32>(slot, 4) != 0;
}

/** Whether a step is as the one before: a current that stays. */
// @ts-ignore: decorator
@inline
export function isRepeated(slot: usize): bool {
  return load<i32>(slot, 4) == ListSlot.repeated;
}

// @ts-ignore: decorator
@inline
export function positionsOf(slot: usize): usize {
  return slot + ListSlot.header;
}

// @ts-ignore: decorator
@inline
export function valuesOf(list: usize, slot: usize): usize {
  return slot + <usize>load<u32>(list, ListField.toValues);
}

/**
 * Appends the positions of set bits. Four are written whether they are there or not, because a branch on chance costs
 * more; a list has room for that behind its end.
 */
// @ts-ignore: decorator
@inline
export function appendSpikes(next: usize, position: i32, fired: i32): usize {
  const end = next + (<usize>popcnt(fired) << 2);
  store<i32>(next, position + ctz(fired));
  fired &= fired - 1;
  store<i32>(next, position + ctz(fired), 4);
  fired &= fired - 1;
  store<i32>(next, position + ctz(fired), 8);
  fired &= fired - 1;
  store<i32>(next, position + ctz(fired), 12);
  fired &= fired - 1;
  for (let at = next + 16; at < end; at += 4, fired &= fired - 1) store<i32>(at, position + ctz(fired));
  return end;
}

/** Ends the writing of a slot. */
// @ts-ignore: decorator
@inline
export function close(slot: usize, count: i32, graded: bool): void {
  store<i32>(slot, count);
  store<i32>(slot, <i32>graded, 4);
}

/**
 * Row-major index of a position, where a node keeps its elements as [pixels][stride ≥ channels]; one pixel: they are
 * the same.
 */
// @ts-ignore: decorator
@inline
export function indexOf(position: i32, stride: i32, pixels: i32): i32 {
  if (pixels == 1) return position;
  return (position % stride) * pixels + position / stride;
}

/** Position of a row-major index. */
// @ts-ignore: decorator
@inline
export function positionOf(index: i32, stride: i32, pixels: i32): i32 {
  if (pixels == 1) return index;
  return (index % pixels) * stride + index / pixels;
}
