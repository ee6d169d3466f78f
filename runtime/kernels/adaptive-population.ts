import { close, positionsOf, slotOf } from './event-list';
import { address, countSpikes, operand } from './memory';
import { settled, settledLanes } from './real-numbers';

// A population of equal neurons under an adaptive threshold, driven by a current or by one or two conductances, in one pass. What
// is rare is kept out of the pass:
//
// - Whether anything arrived at all is marked apart, so that sums of nothing are not read.
// - A block is asked for spikes by the lowest of its thresholds.
// - That all thresholds fall back alike is kept in one common scale; a spike adds to its neuron's number what the scale makes the rise.
// - A neuron that rests moves like the others, and is then put back to where its spike left it: those who rest stand in a queue. All
//   rest equally long: who spiked first wakes first.
// - What is too small to be kept is put right in some blocks of neurons in every step, and so in all of them every PARTS
//   steps. Nothing that decays by less than a half gets near the subnormal numbers in between.
// - A block that does not move any more sleeps until something arrives at it.

/** Operands. */
const MEMBRANE = 0;
/** Of each conductance: what it is, and what arrives. A current has only arrivals. */
const FIRST = 1;
const FIRST_ARRIVALS = 2;
const SECOND = 3;
const SECOND_ARRIVALS = 4;
const THETA = 5;
/** Two float64: by what theta is multiplied, and what a step leaves of that. */
const SCALE = 6;
/** Neurons and padding, a multiple of 16; from one place to the next; neurons of a place. */
const LENGTH = 7;
const STRIDE = 8;
const CHANNELS = 9;
const LIST = 10;
/** By neuron: the step in which its rest is over. */
const WAKES = 11;
/** Who rests, and the membrane that each is held at. */
const QUEUE = 12;
const HELD = 13;
/** Steps done, head of the queue, its length. */
const CLOCK = 14;
/** By block: not 0 while it sleeps. */
const ASLEEP = 15;
const FLAGS = 16;
const REFRACTORY_STEPS = 17;
/** From here on float32 bits. */
const SHARE = 18;
const LEAK = 19;
const FIRST_LEFT = 20;
/** Of a current: its resistance. */
const FIRST_REVERSAL = 21;
const SECOND_LEFT = 22;
const SECOND_REVERSAL = 23;
const THRESHOLD = 24;
const RESET = 25;
const MINIMUM = 26;
const RISE = 27;
/** Whether anything arrives in this step; address 0: it may. */
const FIRST_MARK = 28;
const SECOND_MARK = 29;
/** By block: theta is not below this. */
const LOWEST = 30;

/** Conductances: 0 for a current, 1, 2. */
const DRIVE: i32 = 3;
const AT_THRESHOLD: i32 = 4;
const BY_SUBTRACTION: i32 = 8;
const HAS_MINIMUM: i32 = 16;

/** Bytes of a block of sixteen. */
const BLOCK: usize = 64;
/** Steps in which all blocks have their turn. */
const PARTS: i32 = 64;
/** Steps after which the count begins anew, so that it never leaves 32 bits. */
const ROUND: i32 = 1048576;
/** 2^−20: below this the scale is multiplied into the thresholds. */
const SMALL_SCALE: f64 = 9.5367431640625e-7;

export function stepAdaptive(p: usize): void {
  fallBack(p);
  const slot = slotOf(address(p, LIST), 0);
  const positions = positionsOf(slot);
  const count = <i32>((stepAll(p, positions) - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
  const clock = address(p, CLOCK);
  hold(p, clock);
  takeTurn(p, load<i32>(clock));
  store<i32>(clock, load<i32>(clock) + 1);
  if (load<i32>(clock) == ROUND) beginRound(p);
}

// @ts-ignore: decorator
@inline
function realOperand(p: usize, place: i32): f32 {
  return reinterpret<f32>(operand(p, place));
}

function fallBack(p: usize): void {
  const scale = address(p, SCALE);
  store<f64>(scale, load<f64>(scale) * load<f64>(scale, 8));
  if (load<f64>(scale) >= SMALL_SCALE) return;
  const factor = <f32>load<f64>(scale);
  const end = address(p, THETA) + (<usize>operand(p, LENGTH) << 2);
  for (let theta = address(p, THETA); theta < end; theta += 4) store<f32>(theta, settled(load<f32>(theta) * factor));
  store<f64>(scale, 1);
  const blocks = operand(p, LENGTH) >> 4;
  for (let block = 0; block < blocks; block++) findLowest(p, block);
}

/** The usual cases apart, so that their inner loop asks nothing. Returns the end of the list of those that spiked. */
function stepAll(p: usize, positions: usize): usize {
  const flags = operand(p, FLAGS);
  const first = isMarked(address(p, FIRST_MARK));
  const second = (flags & DRIVE) > 1 && isMarked(address(p, SECOND_MARK));
  if (flags & (AT_THRESHOLD | HAS_MINIMUM)) {
    if ((flags & DRIVE) == 0) return stepBlocks(p, positions, 0, true, false, true);
    if ((flags & DRIVE) == 1) return stepBlocks(p, positions, 1, true, false, true);
    return stepBlocks(p, positions, 2, true, true, true);
  }
  if ((flags & DRIVE) == 0) {
    return first
      ? stepBlocks(p, positions, 0, true, false, false)
      : stepBlocks(p, positions, 0, false, false, false);
  }
  if ((flags & DRIVE) == 1) {
    return first
      ? stepBlocks(p, positions, 1, true, false, false)
      : stepBlocks(p, positions, 1, false, false, false);
  }
  if (second) return stepBlocks(p, positions, 2, true, true, false);
  return first ? stepBlocks(p, positions, 2, true, false, false) : stepBlocks(p, positions, 2, false, false, false);
}

/** Whether anything may have arrived since the last step. */
function isMarked(mark: usize): bool {
  if (mark == 0) return true;
  const marked = load<i32>(mark) != 0;
  store<i32>(mark, 0);
  return marked;
}

/** `first` and `second`: whether there are arrivals. `any`: whether spikes at the threshold or a lowest membrane have to be looked for. */
// @ts-ignore: decorator
@inline
function stepBlocks(p: usize, positions: usize, drive: i32, first: bool, second: bool, any: bool): usize {
  const asleep = address(p, ASLEEP);
  const lowest = address(p, LOWEST);
  const scale = <f32>load<f64>(address(p, SCALE));
  const threshold = realOperand(p, THRESHOLD);
  const share = f32x4.splat(realOperand(p, SHARE));
  const leak = f32x4.splat(realOperand(p, LEAK));
  const leftA = f32x4.splat(realOperand(p, FIRST_LEFT));
  const toA = f32x4.splat(realOperand(p, FIRST_REVERSAL));
  const leftB = f32x4.splat(realOperand(p, SECOND_LEFT));
  const toB = f32x4.splat(realOperand(p, SECOND_REVERSAL));
  const minimum = f32x4.splat(realOperand(p, MINIMUM));
  const start = address(p, MEMBRANE);
  const end = start + (<usize>operand(p, LENGTH) << 2);
  const toFirst = address(p, FIRST) - start;
  const toFirstArrivals = address(p, FIRST_ARRIVALS) - start;
  const toSecond = address(p, SECOND) - start;
  const toSecondArrivals = address(p, SECOND_ARRIVALS) - start;
  let next = positions;
  for (let v = start; v < end; v += BLOCK) {
    const block = (v - start) >> 4;
    const a = v + toFirst;
    const b = v + toSecond;
    const arrivingA = v + toFirstArrivals;
    const arrivingB = v + toSecondArrivals;
    if (load<i32>(asleep + block) != 0) {
      if (!(first && hasArrivals(arrivingA)) && !(second && hasArrivals(arrivingB))) continue;
      store<i32>(asleep + block, 0);
    }
    const v0 = moveQuad(v, a, b, arrivingA, arrivingB, drive, first, second, any, share, leak, leftA, toA, leftB, toB, minimum, 0);
    const v1 = moveQuad(v, a, b, arrivingA, arrivingB, drive, first, second, any, share, leak, leftA, toA, leftB, toB, minimum, 1);
    const v2 = moveQuad(v, a, b, arrivingA, arrivingB, drive, first, second, any, share, leak, leftA, toA, leftB, toB, minimum, 2);
    const v3 = moveQuad(v, a, b, arrivingA, arrivingB, drive, first, second, any, share, leak, leftA, toA, leftB, toB, minimum, 3);
    const highest = f32x4.pmax(f32x4.pmax(v0, v1), f32x4.pmax(v2, v3));
    const limit = f32x4.splat(threshold + load<f32>(lowest + block) * scale);
    if (v128.any_true(f32x4.ge(highest, limit))) next = fireBlock(p, v - start, next);
  }
  return next;
}

/** Four neurons, those of a quad of the block: their membranes before any of them fires. */
// @ts-ignore: decorator
@inline
function moveQuad(
  v: usize,
  a: usize,
  b: usize,
  arrivingA: usize,
  arrivingB: usize,
  drive: i32,
  first: bool,
  second: bool,
  any: bool,
  share: v128,
  leak: v128,
  leftA: v128,
  toA: v128,
  leftB: v128,
  toB: v128,
  minimum: v128,
  quad: i32,
): v128 {
  const before = loadQuad(v, quad);
  let pull = f32x4.sub(leak, before);
  if (drive == 0) {
    if (first) {
      pull = f32x4.add(pull, f32x4.mul(toA, loadQuad(arrivingA, quad)));
      storeQuad(arrivingA, i32x4.splat(0), quad);
    }
  } else {
    let conductance = loadQuad(a, quad);
    if (first) {
      conductance = f32x4.add(conductance, loadQuad(arrivingA, quad));
      storeQuad(arrivingA, i32x4.splat(0), quad);
    }
    pull = f32x4.add(pull, f32x4.mul(conductance, f32x4.sub(toA, before)));
    storeQuad(a, f32x4.mul(leftA, conductance), quad);
  }
  if (drive == 2) {
    let conductance = loadQuad(b, quad);
    if (second) {
      conductance = f32x4.add(conductance, loadQuad(arrivingB, quad));
      storeQuad(arrivingB, i32x4.splat(0), quad);
    }
    pull = f32x4.add(pull, f32x4.mul(conductance, f32x4.sub(toB, before)));
    storeQuad(b, f32x4.mul(leftB, conductance), quad);
  }
  let moved = f32x4.add(before, f32x4.mul(share, pull));
  if (any) moved = f32x4.pmax(minimum, moved);
  storeQuad(v, moved, quad);
  return moved;
}

// The distance of a quad from the start of its block has to be written out to become part of an instruction.

// @ts-ignore: decorator
@inline
function loadQuad(block: usize, quad: i32): v128 {
  if (quad == 0) return v128.load(block);
  if (quad == 1) return v128.load(block, 16);
  return quad == 2 ? v128.load(block, 32) : v128.load(block, 48);
}

// @ts-ignore: decorator
@inline
function storeQuad(block: usize, lanes: v128, quad: i32): void {
  if (quad == 0) v128.store(block, lanes);
  else if (quad == 1) v128.store(block, lanes, 16);
  else if (quad == 2) v128.store(block, lanes, 32);
  else v128.store(block, lanes, 48);
}

// @ts-ignore: decorator
@inline
function hasArrivals(at: usize): bool {
  const low = v128.or(v128.load(at), v128.load(at, 16));
  const high = v128.or(v128.load(at, 32), v128.load(at, 48));
  return v128.any_true(v128.or(low, high));
}

/** Those of a block that are above their thresholds, exist and do not rest, spike. */
function fireBlock(p: usize, at: usize, next: usize): usize {
  const atThreshold = (operand(p, FLAGS) & AT_THRESHOLD) != 0;
  const now = load<i32>(address(p, CLOCK));
  const scale = <f32>load<f64>(address(p, SCALE));
  const threshold = realOperand(p, THRESHOLD);
  for (let neuron = at; neuron < at + BLOCK; neuron += 4) {
    const v = load<f32>(address(p, MEMBRANE) + neuron);
    const limit = threshold + load<f32>(address(p, THETA) + neuron) * scale;
    if (atThreshold ? !(v >= limit) : !(v > limit)) continue;
    const position = <i32>(neuron >> 2);
    if (position % operand(p, STRIDE) >= operand(p, CHANNELS)) continue;
    if (load<i32>(address(p, WAKES) + neuron) > now) continue;
    fire(p, neuron, v, limit, scale, now);
    store<i32>(next, position);
    next += 4;
  }
  return next;
}

function fire(p: usize, neuron: usize, v: f32, limit: f32, scale: f32, now: i32): void {
  const reset = realOperand(p, RESET);
  const after = operand(p, FLAGS) & BY_SUBTRACTION ? v - (limit - reset) : reset;
  const held = max<f32>(realOperand(p, MINIMUM), after);
  store<f32>(address(p, MEMBRANE) + neuron, held);
  const theta = address(p, THETA) + neuron;
  const raised = load<f32>(theta) + realOperand(p, RISE) / scale;
  store<f32>(theta, raised);
  const lowest = address(p, LOWEST) + ((neuron >> 6) << 2);
  store<f32>(lowest, min<f32>(load<f32>(lowest), raised));
  const rest = operand(p, REFRACTORY_STEPS);
  if (rest == 0) return;
  store<i32>(address(p, WAKES) + neuron, now + 1 + rest);
  const clock = address(p, CLOCK);
  const length = operand(p, LENGTH);
  let place = load<i32>(clock, 4) + load<i32>(clock, 8);
  if (place >= length) place -= length;
  store<i32>(address(p, QUEUE) + (<usize>place << 2), <i32>(neuron >> 2));
  store<f32>(address(p, HELD) + (<usize>place << 2), held);
  store<i32>(clock, load<i32>(clock, 8) + 1, 8);
}

/** Those who rest go back to where they are held; those whose rest ends with this step leave the queue. */
function hold(p: usize, clock: usize): void {
  const resting = load<i32>(clock, 8);
  if (resting == 0) return;
  const following = load<i32>(clock) + 1;
  const length = operand(p, LENGTH);
  let place = load<i32>(clock, 4);
  let woken = 0;
  for (let k = 0; k < resting; k++) {
    const neuron = <usize>load<i32>(address(p, QUEUE) + (<usize>place << 2)) << 2;
    store<f32>(address(p, MEMBRANE) + neuron, load<f32>(address(p, HELD) + (<usize>place << 2)));
    place = place + 1 == length ? 0 : place + 1;
    if (load<i32>(address(p, WAKES) + neuron) > following) continue;
    woken++;
    store<i32>(clock, place, 4);
  }
  store<i32>(clock, resting - woken, 8);
}

/** Settles the blocks whose turn it is, and lets those sleep that have come to rest. */
function takeTurn(p: usize, now: i32): void {
  const blocks = operand(p, LENGTH) >> 4;
  const each = (blocks + PARTS - 1) / PARTS;
  const from = min<i32>(blocks, (now & (PARTS - 1)) * each);
  const to = min<i32>(blocks, from + each);
  for (let block = from; block < to; block++) {
    // What sleeps is settled.
    if (load<i32>(address(p, ASLEEP) + (<usize>block << 2)) == 0) settleBlock(p, block, now);
  }
}

function settleBlock(p: usize, block: i32, now: i32): void {
  const at = <usize>block << 6;
  const drive = operand(p, FLAGS) & DRIVE;
  settle(address(p, MEMBRANE) + at);
  let left = false;
  if (drive > 0) left = settle(address(p, FIRST) + at) || left;
  if (drive > 1) left = settle(address(p, SECOND) + at) || left;
  store<i32>(address(p, ASLEEP) + (at >> 4), <i32>(!left && isStill(p, at, now)));
  findLowest(p, block);
}

/** Returns whether anything is left. */
// @ts-ignore: decorator
@inline
function settle(block: usize): bool {
  const first = settledLanes(v128.load(block));
  const second = settledLanes(v128.load(block, 16));
  const third = settledLanes(v128.load(block, 32));
  const fourth = settledLanes(v128.load(block, 48));
  v128.store(block, first);
  v128.store(block, second, 16);
  v128.store(block, third, 32);
  v128.store(block, fourth, 48);
  return v128.any_true(v128.or(v128.or(first, second), v128.or(third, fourth)));
}

function findLowest(p: usize, block: i32): void {
  const theta = address(p, THETA) + (<usize>block << 6);
  const low = f32x4.pmin(v128.load(theta), v128.load(theta, 16));
  const lanes = f32x4.pmin(low, f32x4.pmin(v128.load(theta, 32), v128.load(theta, 48)));
  const front = min<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  const back = min<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3));
  store<f32>(address(p, LOWEST) + (<usize>block << 2), min<f32>(front, back));
}

/** Whether the membranes of a block would stay where they are and below any threshold to come, without conductances and arrivals. */
function isStill(p: usize, block: usize, now: i32): bool {
  const scale = f32x4.splat(<f32>load<f64>(address(p, SCALE)));
  const share = f32x4.splat(realOperand(p, SHARE));
  const leak = f32x4.splat(realOperand(p, LEAK));
  const threshold = f32x4.splat(realOperand(p, THRESHOLD));
  const following = i32x4.splat(now + 1);
  for (let at = block; at < block + BLOCK; at += 16) {
    const v = v128.load(address(p, MEMBRANE) + at);
    const moved = f32x4.add(v, f32x4.mul(share, f32x4.sub(leak, v)));
    const limit = f32x4.add(threshold, f32x4.mul(v128.load(address(p, THETA) + at), scale));
    const below = v128.and(f32x4.lt(v, limit), f32x4.lt(v, threshold));
    const awake = i32x4.le_s(v128.load(address(p, WAKES) + at), following);
    if (!i32x4.all_true(v128.and(f32x4.eq(v, moved), v128.and(below, awake)))) return false;
  }
  return true;
}

/** The count of steps starts at 0, and ends of rests with it. */
function beginRound(p: usize): void {
  store<i32>(address(p, CLOCK), 0);
  const end = address(p, WAKES) + (<usize>operand(p, LENGTH) << 2);
  for (let wakes = address(p, WAKES); wakes < end; wakes += 4) {
    store<i32>(wakes, max<i32>(0, load<i32>(wakes) - ROUND));
  }
}
