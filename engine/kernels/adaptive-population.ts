import { close, positionsOf, slotOf } from './emission-ring';
import { address, countSpikes, operand } from './memory';
import { clamped, clampedLanes } from './float-numbers';
import { Adaptive, AdaptiveFlags, SMALL_SCALE, Turns } from './names.generated';

// A population of equal neurons under an adaptive threshold, driven by a current or by one or two conductances, in one
// pass. What is rare is kept out of the pass:
//
// - Whether anything arrived at all is marked apart, so that sums of nothing are not read.
// - A block is asked for spikes by the lowest of its thresholds.
// - That all thresholds fall back alike is kept in one common scale; a spike adds to its neuron's number what the scale
//   makes the rise.
// - A neuron that rests moves like the others, and is then put back to where its spike left it: those who rest stand in
//   a queue. All rest equally long: who spiked first wakes first.
// - What is too small to be kept is put right in some blocks of neurons in every step, and so in all of them every
//   `Turns.parts` steps. Nothing that decays by less than a half gets near the subnormal numbers in between.
// - A block that does not move any more sleeps until something arrives at it.



/** Bytes of a block of sixteen. */
const BLOCK: usize = 64;

export function stepAdaptive(p: usize): void {
  fallBack(p);
  const slot = slotOf(address(p, Adaptive.list), 0);
  const positions = positionsOf(slot);
  const count = <i32>((stepAll(p, positions) - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
  const clock = address(p, Adaptive.clock);
  hold(p, clock);
  takeTurn(p, load<i32>(clock));
  store<i32>(clock, load<i32>(clock) + 1);
  if (load<i32>(clock) == Turns.round) beginRound(p);
}

// @ts-ignore: decorator
@inline
function floatOperand(p: usize, index: i32): f32 {
  return reinterpret<f32>(operand(p, index));
}

function fallBack(p: usize): void {
  const scale = address(p, Adaptive.scale);
  store<f64>(scale, load<f64>(scale) * load<f64>(scale, 8));
  if (load<f64>(scale) >= SMALL_SCALE) return;
  const factor = <f32>load<f64>(scale);
  const end = address(p, Adaptive.theta) + (<usize>operand(p, Adaptive.length) << 2);
  for (let theta = address(p, Adaptive.theta); theta < end; theta += 4) store<f32>(theta, clamped(load<f32>(theta) * factor));
  store<f64>(scale, 1);
  const blocks = operand(p, Adaptive.length) >> 4;
  for (let block = 0; block < blocks; block++) findLowest(p, block);
}

/** The usual cases apart, so that their inner loop asks nothing. Returns the end of the list of those that spiked. */
function stepAll(p: usize, positions: usize): usize {
  const flags = operand(p, Adaptive.flags);
  const first = isMarked(address(p, Adaptive.firstMark));
  const second = (flags & AdaptiveFlags.conductances) > 1 && isMarked(address(p, Adaptive.secondMark));
  if (flags & (AdaptiveFlags.atThreshold | AdaptiveFlags.minimum)) {
    if ((flags & AdaptiveFlags.conductances) == 0) return stepBlocks(p, positions, 0, true, false, true);
    if ((flags & AdaptiveFlags.conductances) == 1) return stepBlocks(p, positions, 1, true, false, true);
    return stepBlocks(p, positions, 2, true, true, true);
  }
  if ((flags & AdaptiveFlags.conductances) == 0) {
    return first
      ? stepBlocks(p, positions, 0, true, false, false)
      : stepBlocks(p, positions, 0, false, false, false);
  }
  if ((flags & AdaptiveFlags.conductances) == 1) {
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

/**
 * `first` and `second`: whether there are arrivals. `any`: whether spikes at the threshold or a lowest membrane have to
 * be looked for.
 */
// @ts-ignore: decorator
@inline
function stepBlocks(p: usize, positions: usize, drive: i32, first: bool, second: bool, any: bool): usize {
  const asleep = address(p, Adaptive.asleep);
  const lowest = address(p, Adaptive.lowest);
  const scale = <f32>load<f64>(address(p, Adaptive.scale));
  const threshold = floatOperand(p, Adaptive.threshold);
  const share = f32x4.splat(floatOperand(p, Adaptive.share));
  const leak = f32x4.splat(floatOperand(p, Adaptive.leak));
  const leftA = f32x4.splat(floatOperand(p, Adaptive.firstDecay));
  const toA = f32x4.splat(floatOperand(p, Adaptive.firstReversal));
  const leftB = f32x4.splat(floatOperand(p, Adaptive.secondDecay));
  const toB = f32x4.splat(floatOperand(p, Adaptive.secondReversal));
  const minimum = f32x4.splat(floatOperand(p, Adaptive.minimum));
  const start = address(p, Adaptive.membrane);
  const end = start + (<usize>operand(p, Adaptive.length) << 2);
  const toFirst = address(p, Adaptive.first) - start;
  const toFirstArrivals = address(p, Adaptive.firstArrivals) - start;
  const toSecond = address(p, Adaptive.second) - start;
  const toSecondArrivals = address(p, Adaptive.secondArrivals) - start;
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
  const atThreshold = (operand(p, Adaptive.flags) & AdaptiveFlags.atThreshold) != 0;
  const now = load<i32>(address(p, Adaptive.clock));
  const scale = <f32>load<f64>(address(p, Adaptive.scale));
  const threshold = floatOperand(p, Adaptive.threshold);
  for (let neuron = at; neuron < at + BLOCK; neuron += 4) {
    const v = load<f32>(address(p, Adaptive.membrane) + neuron);
    const limit = threshold + load<f32>(address(p, Adaptive.theta) + neuron) * scale;
    if (atThreshold ? !(v >= limit) : !(v > limit)) continue;
    const position = <i32>(neuron >> 2);
    if (position % operand(p, Adaptive.stride) >= operand(p, Adaptive.channels)) continue;
    if (load<i32>(address(p, Adaptive.wakes) + neuron) > now) continue;
    fire(p, neuron, v, limit, scale, now);
    store<i32>(next, position);
    next += 4;
  }
  return next;
}

function fire(p: usize, neuron: usize, v: f32, limit: f32, scale: f32, now: i32): void {
  const reset = floatOperand(p, Adaptive.reset);
  const after = operand(p, Adaptive.flags) & AdaptiveFlags.subtract ? v - (limit - reset) : reset;
  const held = max<f32>(floatOperand(p, Adaptive.minimum), after);
  store<f32>(address(p, Adaptive.membrane) + neuron, held);
  const theta = address(p, Adaptive.theta) + neuron;
  const raised = load<f32>(theta) + floatOperand(p, Adaptive.rise) / scale;
  store<f32>(theta, raised);
  const lowest = address(p, Adaptive.lowest) + ((neuron >> 6) << 2);
  store<f32>(lowest, min<f32>(load<f32>(lowest), raised));
  const rest = operand(p, Adaptive.refractorySteps);
  if (rest == 0) return;
  store<i32>(address(p, Adaptive.wakes) + neuron, now + 1 + rest);
  const clock = address(p, Adaptive.clock);
  const length = operand(p, Adaptive.length);
  let slot = load<i32>(clock, 4) + load<i32>(clock, 8);
  if (slot >= length) slot -= length;
  store<i32>(address(p, Adaptive.queue) + (<usize>slot << 2), <i32>(neuron >> 2));
  store<f32>(address(p, Adaptive.held) + (<usize>slot << 2), held);
  store<i32>(clock, load<i32>(clock, 8) + 1, 8);
}

/** Those who rest go back to where they are held; those whose rest ends with this step leave the queue. */
function hold(p: usize, clock: usize): void {
  const resting = load<i32>(clock, 8);
  if (resting == 0) return;
  const following = load<i32>(clock) + 1;
  const length = operand(p, Adaptive.length);
  let slot = load<i32>(clock, 4);
  let woken = 0;
  for (let k = 0; k < resting; k++) {
    const neuron = <usize>load<i32>(address(p, Adaptive.queue) + (<usize>slot << 2)) << 2;
    store<f32>(address(p, Adaptive.membrane) + neuron, load<f32>(address(p, Adaptive.held) + (<usize>slot << 2)));
    slot = slot + 1 == length ? 0 : slot + 1;
    if (load<i32>(address(p, Adaptive.wakes) + neuron) > following) continue;
    woken++;
    store<i32>(clock, slot, 4);
  }
  store<i32>(clock, resting - woken, 8);
}

/** Settles the blocks whose turn it is, and lets those sleep that have come to rest. */
function takeTurn(p: usize, now: i32): void {
  const blocks = operand(p, Adaptive.length) >> 4;
  const each = (blocks + Turns.parts - 1) / Turns.parts;
  const from = min<i32>(blocks, (now & (Turns.parts - 1)) * each);
  const to = min<i32>(blocks, from + each);
  for (let block = from; block < to; block++) {
    // What sleeps is clamped.
    if (load<i32>(address(p, Adaptive.asleep) + (<usize>block << 2)) == 0) settleBlock(p, block, now);
  }
}

function settleBlock(p: usize, block: i32, now: i32): void {
  const at = <usize>block << 6;
  const drive = operand(p, Adaptive.flags) & AdaptiveFlags.conductances;
  clamp(address(p, Adaptive.membrane) + at);
  let remains = false;
  if (drive > 0) remains = clamp(address(p, Adaptive.first) + at) || remains;
  if (drive > 1) remains = clamp(address(p, Adaptive.second) + at) || remains;
  store<i32>(address(p, Adaptive.asleep) + (at >> 4), <i32>(!remains && isStill(p, at, now)));
  findLowest(p, block);
}

/** Returns whether anything remains. */
// @ts-ignore: decorator
@inline
function clamp(block: usize): bool {
  const first = clampedLanes(v128.load(block));
  const second = clampedLanes(v128.load(block, 16));
  const third = clampedLanes(v128.load(block, 32));
  const fourth = clampedLanes(v128.load(block, 48));
  v128.store(block, first);
  v128.store(block, second, 16);
  v128.store(block, third, 32);
  v128.store(block, fourth, 48);
  return v128.any_true(v128.or(v128.or(first, second), v128.or(third, fourth)));
}

function findLowest(p: usize, block: i32): void {
  const theta = address(p, Adaptive.theta) + (<usize>block << 6);
  const low = f32x4.pmin(v128.load(theta), v128.load(theta, 16));
  const lanes = f32x4.pmin(low, f32x4.pmin(v128.load(theta, 32), v128.load(theta, 48)));
  const front = min<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  const back = min<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3));
  store<f32>(address(p, Adaptive.lowest) + (<usize>block << 2), min<f32>(front, back));
}

/**
 * Whether the membranes of a block would stay where they are and below any threshold to come, without conductances and
 * arrivals.
 */
function isStill(p: usize, block: usize, now: i32): bool {
  const scale = f32x4.splat(<f32>load<f64>(address(p, Adaptive.scale)));
  const share = f32x4.splat(floatOperand(p, Adaptive.share));
  const leak = f32x4.splat(floatOperand(p, Adaptive.leak));
  const threshold = f32x4.splat(floatOperand(p, Adaptive.threshold));
  const following = i32x4.splat(now + 1);
  for (let at = block; at < block + BLOCK; at += 16) {
    const v = v128.load(address(p, Adaptive.membrane) + at);
    const moved = f32x4.add(v, f32x4.mul(share, f32x4.sub(leak, v)));
    const limit = f32x4.add(threshold, f32x4.mul(v128.load(address(p, Adaptive.theta) + at), scale));
    const below = v128.and(f32x4.lt(v, limit), f32x4.lt(v, threshold));
    const awake = i32x4.le_s(v128.load(address(p, Adaptive.wakes) + at), following);
    if (!i32x4.all_true(v128.and(f32x4.eq(v, moved), v128.and(below, awake)))) return false;
  }
  return true;
}

/** The count of steps starts at 0, and ends of rests with it. */
function beginRound(p: usize): void {
  store<i32>(address(p, Adaptive.clock), 0);
  const end = address(p, Adaptive.wakes) + (<usize>operand(p, Adaptive.length) << 2);
  for (let wakes = address(p, Adaptive.wakes); wakes < end; wakes += 4) {
    store<i32>(wakes, max<i32>(0, load<i32>(wakes) - Turns.round));
  }
}
