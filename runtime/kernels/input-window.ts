import { close, positionsOf, slotOf } from './event-list';
import { address, operand } from './memory';

// The events of a window as they came: parallel arrays of steps, nodes, indices and values, copied into the memory of the net. A
// window that holds nothing but spikes for one Input node, in order, is checked and handed on here; what else comes is dealt
// with outside the kernels, where time matters less.
//
// Its descriptor: addresses of the four arrays, of the table of Input nodes, and how many these are; then, of the window that runs,
// events, the place of its Input node, and the next event and the next step. An Input node in the table: place, elements, and
// the float64 value that stands for a spike.

const STEPS: usize = 0;
const NODES: usize = 4;
const INDICES: usize = 8;
const VALUES: usize = 12;
const TABLE: usize = 16;
const INPUTS: usize = 20;
const EVENTS: usize = 24;
const PLACE: usize = 28;
const NEXT_EVENT: usize = 32;
const NEXT_STEP: usize = 36;

const ENTRY: i32 = 16;
/** Instead of a place: the window is not for these kernels, or empty. */
const ELSEWHERE: i32 = -2;
const NOWHERE: i32 = -1;

/**
 * Whether the window is one of spikes for one Input node, all as they should be; remembers that for `takeInput`. Fewer than 0 events:
 * they are not here.
 */
export function openWindow(window: usize, events: i32, steps: i32): bool {
  store<i32>(window, events, EVENTS);
  store<i32>(window, 0, NEXT_EVENT);
  store<i32>(window, 0, NEXT_STEP);
  store<i32>(window, events < 0 ? ELSEWHERE : NOWHERE, PLACE);
  if (events <= 0) return events == 0;
  const place = load<i32>(<usize>load<u32>(window, NODES));
  const entry = entryOf(window, place);
  const plain = entry != 0 && isPlain(window, events, steps, place, load<i32>(entry, 4), load<f64>(entry, 8));
  store<i32>(window, plain ? place : ELSEWHERE, PLACE);
  return plain;
}

function entryOf(window: usize, place: i32): usize {
  let entry = <usize>load<u32>(window, TABLE);
  for (let k = load<i32>(window, INPUTS); k > 0; k--, entry += ENTRY) if (load<i32>(entry) == place) return entry;
  return 0;
}

function isPlain(window: usize, events: i32, steps: i32, place: i32, size: i32, spike: f64): bool {
  const step = <usize>load<u32>(window, STEPS);
  const node = <usize>load<u32>(window, NODES);
  const index = <usize>load<u32>(window, INDICES);
  const value = <usize>load<u32>(window, VALUES);
  if (load<i32>(step) < 0 || !isSpike(step, node, index, value, 0, steps, place, size, spike)) return false;
  const manySteps = i32x4.splat(steps);
  const manyPlaces = i32x4.splat(place);
  const manySizes = i32x4.splat(size);
  const manySpikes = f64x2.splat(spike);
  let k: usize = 1;
  for (; k + 4 <= <usize>events; k += 4) {
    const at = k << 2;
    const now = v128.load(step + at);
    const before = v128.load(step + at - 4);
    const element = v128.load(index + at);
    const inOrder = v128.or(
      i32x4.gt_s(now, before),
      v128.and(i32x4.eq(now, before), i32x4.gt_s(element, v128.load(index + at - 4))),
    );
    const inside = v128.and(i32x4.lt_s(now, manySteps), i32x4.lt_u(element, manySizes));
    const here = i32x4.eq(v128.load(node + at), manyPlaces);
    const ones = v128.and(
      f64x2.eq(v128.load(value + (at << 1)), manySpikes),
      f64x2.eq(v128.load(value + (at << 1), 16), manySpikes),
    );
    if (!i32x4.all_true(v128.and(v128.and(inOrder, inside), v128.and(here, ones)))) return false;
  }
  for (; k < <usize>events; k++) {
    if (!isSpike(step, node, index, value, k, steps, place, size, spike)) return false;
    const at = k << 2;
    const later = load<i32>(step + at) - load<i32>(step + at - 4);
    if (later < 0 || (later == 0 && load<i32>(index + at) <= load<i32>(index + at - 4))) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function isSpike(
  step: usize,
  node: usize,
  index: usize,
  value: usize,
  k: usize,
  steps: i32,
  place: i32,
  size: i32,
  spike: f64,
): bool {
  const at = k << 2;
  const element = load<u32>(index + at);
  return (
    load<i32>(step + at) < steps &&
    load<i32>(node + at) == place &&
    element < <u32>size &&
    load<f64>(value + (at << 1)) == spike
  );
}

/**
 * What comes to an Input node in the next step of a window.
 *
 * Operands: window, place of the node, list.
 */
export function takeInput(p: usize): void {
  const window = address(p, 0);
  const place = load<i32>(window, PLACE);
  if (place == ELSEWHERE) return;
  const slot = slotOf(address(p, 2), 0);
  if (place != operand(p, 1)) {
    close(slot, 0, false);
    return;
  }
  const now = load<i32>(window, NEXT_STEP);
  const from = load<i32>(window, NEXT_EVENT);
  const events = load<i32>(window, EVENTS);
  const step = <usize>load<u32>(window, STEPS);
  const index = <usize>load<u32>(window, INDICES);
  const manyNow = i32x4.splat(now);
  let positions = positionsOf(slot);
  let k = from;
  for (; k + 4 <= events; k += 4, positions += 16) {
    const at = <usize>k << 2;
    if (!i32x4.all_true(i32x4.eq(v128.load(step + at), manyNow))) break;
    v128.store(positions, v128.load(index + at));
  }
  for (; k < events && load<i32>(step + (<usize>k << 2)) == now; k++, positions += 4) {
    store<i32>(positions, load<i32>(index + (<usize>k << 2)));
  }
  close(slot, k - from, false);
  store<i32>(window, k, NEXT_EVENT);
  store<i32>(window, now + 1, NEXT_STEP);
}
