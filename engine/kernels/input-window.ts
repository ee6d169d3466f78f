import { close, positionsOf, slotOf } from './emission-ring';
import { address, operand } from './memory';
import { InputEntry, TakeInput, WindowField } from './names.generated';

// The events of a window, or of a piece of one, as they came: parallel arrays of steps, nodes, indices and values,
// copied into the memory of the net. What holds nothing but spikes, in order of steps, nodes and elements, is checked
// and handed on here; what else comes is dealt with outside the kernels, where time matters less.
//
// Its descriptor: addresses of the four arrays, of the table of Input nodes, and how many these are; then, of the piece
// that runs, events, whether they are handed on here, the next event and the present step. An Input node in the table,
// which is in the order of inputs: index of the node, elements, and the float64 value that stands for a spike.

/**
 * Whether the piece, which runs from step `first` of a window of `steps`, is one of spikes, all as they should be;
 * remembers that for `takeInput`. Fewer than 0 events: they are not here.
 */
export function openWindow(window: usize, events: i32, first: i32, steps: i32): bool {
  store<i32>(window, events, WindowField.events);
  store<i32>(window, 0, WindowField.nextEvent);
  store<i32>(window, first - 1, WindowField.step);
  const plain = events >= 0 && isPlain(window, <usize>events, first, steps);
  store<i32>(window, <i32>plain, WindowField.isTaken);
  return plain;
}

/** Event by event where the node changes, by fours where it stays. */
function isPlain(window: usize, events: usize, first: i32, steps: i32): bool {
  const step = <usize>load<u32>(window, WindowField.steps);
  const node = <usize>load<u32>(window, WindowField.nodes);
  const index = <usize>load<u32>(window, WindowField.indices);
  const value = <usize>load<u32>(window, WindowField.values);
  let input = -1;
  let size = 0;
  let spike: f64 = 0;
  let lastStep = first;
  let lastElement = -1;
  for (let k: usize = 0; k < events; ) {
    const at = k << 2;
    const now = load<i32>(step + at);
    const here = load<i32>(node + at);
    if (here != input) {
      const entry = entryOf(window, here);
      if (entry == 0) return false;
      if (here > input || now > lastStep) lastElement = -1;
      else return false;
      input = here;
      size = load<i32>(entry, InputEntry.size);
      spike = load<f64>(entry, InputEntry.spike);
    }
    const element = load<i32>(index + at);
    if (now < lastStep || now >= steps || load<f64>(value + (at << 1)) != spike) return false;
    if (<u32>element >= <u32>size || (now == lastStep && element <= lastElement)) return false;
    k = plainEnd(step, node, index, value, k + 1, events, steps, input, size, spike);
    lastStep = load<i32>(step + (k << 2) - 4);
    lastElement = load<i32>(index + (k << 2) - 4);
  }
  return true;
}

function entryOf(window: usize, input: i32): usize {
  let entry = <usize>load<u32>(window, WindowField.table);
  for (let k = load<i32>(window, WindowField.inputs); k > 0; k--, entry += InputEntry.end) if (load<i32>(entry, InputEntry.input) == input) return entry;
  return 0;
}

/** Where the fours from event `k` on end that continue the events before in order, at the same node. */
function plainEnd(
  step: usize,
  node: usize,
  index: usize,
  value: usize,
  from: usize,
  events: usize,
  steps: i32,
  input: i32,
  size: i32,
  spike: f64,
): usize {
  const manySteps = i32x4.splat(steps);
  const manyInputs = i32x4.splat(input);
  const manySizes = i32x4.splat(size);
  const manySpikes = f64x2.splat(spike);
  let k = from;
  for (; k + 4 <= events; k += 4) {
    const at = k << 2;
    const now = v128.load(step + at);
    const before = v128.load(step + at - 4);
    const element = v128.load(index + at);
    const inOrder = v128.or(
      i32x4.gt_s(now, before),
      v128.and(i32x4.eq(now, before), i32x4.gt_s(element, v128.load(index + at - 4))),
    );
    const inside = v128.and(i32x4.lt_s(now, manySteps), i32x4.lt_u(element, manySizes));
    const here = i32x4.eq(v128.load(node + at), manyInputs);
    const ones = v128.and(
      f64x2.eq(v128.load(value + (at << 1)), manySpikes),
      f64x2.eq(v128.load(value + (at << 1), 16), manySpikes),
    );
    if (!i32x4.all_true(v128.and(v128.and(inOrder, inside), v128.and(here, ones)))) break;
  }
  return k;
}

/**
 * What comes to an Input node in the next step of a window; the first node of the table is the first of a step.
 *
 * Operands: window, index of the node, list.
 */
export function takeInput(p: usize): void {
  const window = address(p, TakeInput.window);
  if (load<i32>(window, WindowField.isTaken) == 0) return;
  const input = operand(p, TakeInput.input);
  if (load<i32>(<usize>load<u32>(window, WindowField.table)) == input) store<i32>(window, load<i32>(window, WindowField.step) + 1, WindowField.step);
  const now = load<i32>(window, WindowField.step);
  const from = load<i32>(window, WindowField.nextEvent);
  const events = load<i32>(window, WindowField.events);
  const step = <usize>load<u32>(window, WindowField.steps);
  const node = <usize>load<u32>(window, WindowField.nodes);
  const index = <usize>load<u32>(window, WindowField.indices);
  const manyNow = i32x4.splat(now);
  const manyInputs = i32x4.splat(input);
  const slot = slotOf(address(p, TakeInput.list), 0);
  let positions = positionsOf(slot);
  let k = from;
  for (; k + 4 <= events; k += 4, positions += 16) {
    const at = <usize>k << 2;
    const here = v128.and(
      i32x4.eq(v128.load(step + at), manyNow),
      i32x4.eq(v128.load(node + at), manyInputs),
    );
    if (!i32x4.all_true(here)) break;
    v128.store(positions, v128.load(index + at));
  }
  for (; k < events; k++, positions += 4) {
    const at = <usize>k << 2;
    if (load<i32>(step + at) != now || load<i32>(node + at) != input) break;
    store<i32>(positions, load<i32>(index + at));
  }
  close(slot, k - from, false);
  store<i32>(window, k, WindowField.nextEvent);
}
