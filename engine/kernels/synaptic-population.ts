import { close, positionsOf, slotOf } from './emission-ring';
import { address, countSpikes, operand } from './memory';
import { clampedLanes } from './float-numbers';
import { ASLEEP, Synaptic, Turns } from './names.generated';

// A population of equal neurons behind one or two exponential synapses, all in one pass. Most of its time would go into
// reading and writing state, so there is as little of that as can be:
//
// - Arrivals are added straight into a synapse, which stands as it will be when the step begins: decayed, before its
//   arrivals.
// - Membranes are kept relative to where they would come to rest and in units of what the first synapse brings, which
//   saves a bias and a product.
// - A neuron that rests is put so far below its threshold that it cannot come back by itself, and stands in a queue.
//   All rest equally long: who spiked first wakes first.
// - What is too small to be kept, or not a number, is put right in a part of the neurons in every step, and so in all
//   of them every `Turns.parts` steps. Nothing that decays by less than a half gets near the subnormal numbers in between.


/**
 * Operands: membrane, first synapse, second synapse or 0, neurons, length (neurons and padding, a multiple of 4), list,
 * steps at which rests end, queue of those who rest, clock (steps done, head of the queue, its length); then as float32
 * bits the decay of the membrane and of both synapses, what the second synapse brings in units of the first, threshold
 * (spikes above it) and reset; refractory steps.
 */
export function stepSynaptic(p: usize): void {
  settlePart(p);
  for (let i = operand(p, Synaptic.neurons); i < operand(p, Synaptic.length); i++) store<f32>(address(p, Synaptic.membrane) + (<usize>i << 2), ASLEEP);
  const slot = slotOf(address(p, Synaptic.list), 0);
  const positions = positionsOf(slot);
  const end = address(p, Synaptic.second) == 0 ? stepAll(p, positions, false) : stepAll(p, positions, true);
  const count = <i32>((end - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
  if (count > 0) putToSleep(p, positions, end);
  const clock = address(p, Synaptic.clock);
  store<i32>(clock, load<i32>(clock) + 1);
  wake(p);
  if (load<i32>(clock) == Turns.round) beginRound(p);
}

// @ts-ignore: decorator
@inline
function floatOperand(p: usize, index: i32): f32 {
  return reinterpret<f32>(operand(p, index));
}

/**
 * Returns the end of the list of those that spiked. Sixteen neurons at a time: one branch asks whether any of them did.
 */
// @ts-ignore: decorator
@inline
function stepAll(p: usize, positions: usize, both: bool): usize {
  const start = address(p, Synaptic.membrane);
  const end = start + (<usize>operand(p, Synaptic.length) << 2);
  let v = start;
  let a = address(p, Synaptic.first);
  let b = address(p, Synaptic.second);
  const decay = f32x4.splat(floatOperand(p, Synaptic.decay));
  const decayA = f32x4.splat(floatOperand(p, Synaptic.firstDecay));
  const decayB = f32x4.splat(floatOperand(p, Synaptic.secondDecay));
  const ratio = f32x4.splat(floatOperand(p, Synaptic.ratio));
  const threshold = f32x4.splat(floatOperand(p, Synaptic.threshold));
  let next = positions;
  for (; v + 64 <= end; v += 64, a += 64, b += 64) {
    const f0 = f32x4.gt(stepQuad(v, a, b, both, decay, decayA, decayB, ratio, 0), threshold);
    const f1 = f32x4.gt(stepQuad(v, a, b, both, decay, decayA, decayB, ratio, 16), threshold);
    const f2 = f32x4.gt(stepQuad(v, a, b, both, decay, decayA, decayB, ratio, 32), threshold);
    const f3 = f32x4.gt(stepQuad(v, a, b, both, decay, decayA, decayB, ratio, 48), threshold);
    if (!v128.any_true(v128.or(v128.or(f0, f1), v128.or(f2, f3)))) continue;
    const position = <i32>((v - start) >> 2);
    next = record(f0, position, next);
    next = record(f1, position + 4, next);
    next = record(f2, position + 8, next);
    next = record(f3, position + 12, next);
  }
  for (; v < end; v += 16, a += 16, b += 16) {
    const fired = f32x4.gt(stepQuad(v, a, b, both, decay, decayA, decayB, ratio, 0), threshold);
    next = record(fired, <i32>((v - start) >> 2), next);
  }
  return next;
}

/** Four neurons, `at` bytes behind the addresses: their membranes before any of them fires. */
// @ts-ignore: decorator
@inline
function stepQuad(
  v: usize,
  a: usize,
  b: usize,
  both: bool,
  decay: v128,
  decayA: v128,
  decayB: v128,
  ratio: v128,
  at: usize,
): v128 {
  const first = v128.load(a + at);
  let drive = first;
  if (both) {
    const second = v128.load(b + at);
    drive = f32x4.add(first, f32x4.mul(ratio, second));
    v128.store(b + at, f32x4.mul(decayB, second));
  }
  v128.store(a + at, f32x4.mul(decayA, first));
  const moved = f32x4.add(f32x4.mul(decay, v128.load(v + at)), drive);
  v128.store(v + at, moved);
  return moved;
}

// @ts-ignore: decorator
@inline
function record(fired: v128, position: i32, next: usize): usize {
  for (let lanes = i32x4.bitmask(fired); lanes != 0; lanes &= lanes - 1, next += 4) {
    store<i32>(next, position + ctz(lanes));
  }
  return next;
}

/** Those who spiked go to the end of the queue; nobody stands in it twice, so that it has room for all. */
function putToSleep(p: usize, from: usize, to: usize): void {
  const clock = address(p, Synaptic.clock);
  const length = operand(p, Synaptic.length);
  const wakes = load<i32>(clock) + 1 + operand(p, Synaptic.refractorySteps);
  let slot = load<i32>(clock, 4) + load<i32>(clock, 8);
  if (slot >= length) slot -= length;
  for (let k = from; k < to; k += 4) {
    const neuron = load<i32>(k);
    store<f32>(address(p, Synaptic.membrane) + (<usize>neuron << 2), ASLEEP);
    store<i32>(address(p, Synaptic.wakes) + (<usize>neuron << 2), wakes);
    store<i32>(address(p, Synaptic.queue) + (<usize>slot << 2), neuron);
    slot = slot + 1 == length ? 0 : slot + 1;
  }
  store<i32>(clock, load<i32>(clock, 8) + <i32>((to - from) >> 2), 8);
}

/** Those whose rest is over begin at the reset. */
function wake(p: usize): void {
  const clock = address(p, Synaptic.clock);
  const now = load<i32>(clock);
  let head = load<i32>(clock, 4);
  let resting = load<i32>(clock, 8);
  for (; resting > 0; resting--) {
    const neuron = <usize>load<i32>(address(p, Synaptic.queue) + (<usize>head << 2)) << 2;
    if (load<i32>(address(p, Synaptic.wakes) + neuron) > now) break;
    store<f32>(address(p, Synaptic.membrane) + neuron, floatOperand(p, Synaptic.reset));
    head = head + 1 == operand(p, Synaptic.length) ? 0 : head + 1;
  }
  store<i32>(clock, head, 4);
  store<i32>(clock, resting, 8);
}

function settlePart(p: usize): void {
  const quads = operand(p, Synaptic.length) >> 2;
  const each = (quads + Turns.parts - 1) / Turns.parts;
  const part = load<i32>(address(p, Synaptic.clock)) & (Turns.parts - 1);
  const from = <usize>min<i32>(quads, part * each) << 4;
  const to = <usize>min<i32>(quads, (part + 1) * each) << 4;
  for (let k = 0; k < 3; k++) {
    const state = address(p, k);
    if (state == 0) continue;
    for (let at = state + from; at < state + to; at += 16) v128.store(at, clampedLanes(v128.load(at)));
  }
}

/** The count of steps starts at 0, and ends of rests with it. */
function beginRound(p: usize): void {
  store<i32>(address(p, Synaptic.clock), 0);
  const end = address(p, Synaptic.wakes) + (<usize>operand(p, Synaptic.length) << 2);
  for (let wakes = address(p, Synaptic.wakes); wakes < end; wakes += 4) store<i32>(wakes, max<i32>(0, load<i32>(wakes) - Turns.round));
}
