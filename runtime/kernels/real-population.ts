import { appendSpikes, close, positionsOf, slotOf, valuesOf } from './event-list';
import { address, countSpikes, operand } from './memory';
import * as population from './population';
import { settled, settledLanes } from './real-numbers';

// The step of a population in float32, four neurons at a time where a neuron spikes once at most, else one by one.

/** Most spikes of a neuron in a step, so that their number is always a number. */
const MOST_SPIKES: f32 = 1048576;

export function stepReals(p: usize): void {
  const flags = operand(p, population.FLAGS);
  if (flags & population.HAS_FIRING && !(flags & population.SPIKES_MANY)) stepUsual(p, flags);
  else stepEach(p, flags);
}

/** The usual cases apart, so that their inner loop asks nothing. */
function stepUsual(p: usize, flags: i32): void {
  switch (flags & ~population.HAS_FIRING) {
    case 0:
      stepLanes(p, 0);
      break;
    case population.RESETS_BY_SUBTRACTION:
      stepLanes(p, population.RESETS_BY_SUBTRACTION);
      break;
    case population.HAS_REFRACTORY:
      stepLanes(p, population.HAS_REFRACTORY);
      break;
    case population.HAS_REFRACTORY | population.HAS_MINIMUM:
      stepLanes(p, population.HAS_REFRACTORY | population.HAS_MINIMUM);
      break;
    default:
      stepLanes(p, flags);
  }
}

// @ts-ignore: decorator
@inline
function stepLanes(p: usize, flags: i32): void {
  const slot = slotOf(address(p, population.LIST), 0);
  const positions = positionsOf(slot);
  const end = <usize>operand(p, population.LENGTH) << 2;
  const period = <usize>operand(p, population.PERIOD) << 2;
  const map = address(p, population.MAP);
  const accumulator = address(p, population.ACCUMULATOR);
  const membrane = address(p, population.MEMBRANE);
  const decay = address(p, population.DECAY);
  const gain = address(p, population.GAIN);
  const bias = address(p, population.BIAS);
  const threshold = address(p, population.THRESHOLD);
  const reset = address(p, population.RESET);
  let next = positions;
  for (let first: usize = 0; first < end; first += period) {
    for (let entry: usize = 0; entry < period; entry += 64) {
      const at = first + entry;
      const sums = accumulator + at;
      const v = membrane + at;
      const a = decay + entry;
      const g = gain + entry;
      const b = bias + entry;
      const theta = threshold + entry;
      const r = reset + entry;
      const m0 = stepQuad(p, flags, sums, v, a, g, b, theta, r, at, entry, 0);
      const m1 = stepQuad(p, flags, sums, v, a, g, b, theta, r, at, entry, 16);
      const m2 = stepQuad(p, flags, sums, v, a, g, b, theta, r, at, entry, 32);
      const m3 = stepQuad(p, flags, sums, v, a, g, b, theta, r, at, entry, 48);
      const mask = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
      const position = <i32>(at >> 2);
      if (map != 0) v128.store(map + position, mask);
      // The mask is used for nothing after that: 32-bit ARM destroys the operand of bitmask.
      next = appendSpikes(next, position, i8x16.bitmask(mask));
    }
  }
  const count = <i32>((next - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
}

/** Four neurons, `quad` bytes after the first of sixteen; rarer arrays are found by how far these are from their first. */
// @ts-ignore: decorator
@inline
function stepQuad(
  p: usize,
  flags: i32,
  accumulators: usize,
  membranes: usize,
  decays: usize,
  gains: usize,
  biases: usize,
  thresholds: usize,
  resets: usize,
  first: usize,
  firstEntry: usize,
  quad: usize,
): v128 {
  const at = first + quad;
  const entry = firstEntry + quad;
  const before = v128.load(membranes + quad);
  let drive = v128.load(accumulators + quad);
  v128.store(accumulators + quad, f32x4.splat(0));
  if (flags & population.HAS_CURRENT) {
    const current = address(p, population.CURRENT) + at;
    const left = f32x4.mul(v128.load(address(p, population.CURRENT_DECAY) + entry), v128.load(current));
    const entering = f32x4.mul(v128.load(address(p, population.CURRENT_GAIN) + entry), drive);
    const bias = v128.load(address(p, population.CURRENT_BIAS) + entry);
    drive = settledLanes(f32x4.add(f32x4.add(left, entering), bias));
    v128.store(current, drive);
  }
  const left = f32x4.mul(v128.load(decays + quad), before);
  const entering = f32x4.mul(v128.load(gains + quad), drive);
  let v = settledLanes(f32x4.add(f32x4.add(left, entering), v128.load(biases + quad)));
  if (flags & population.HAS_MINIMUM) v = f32x4.max(v, v128.load(address(p, population.MINIMUM) + entry));
  const threshold = v128.load(thresholds + quad);
  let fired = flags & population.SPIKES_AT_THRESHOLD ? f32x4.ge(v, threshold) : f32x4.gt(v, threshold);
  let awake = i32x4.splat(-1);
  if (flags & population.HAS_REFRACTORY) {
    awake = i32x4.le_s(v128.load(address(p, population.REFRACTORY) + at), i32x4.splat(0));
    fired = v128.and(fired, awake);
  }
  const reset = v128.load(resets + quad);
  const after = flags & population.RESETS_BY_SUBTRACTION ? f32x4.sub(v, reset) : reset;
  v = v128.bitselect(after, v, fired);
  if (flags & population.HAS_MINIMUM) v = f32x4.max(v, v128.load(address(p, population.MINIMUM) + entry));
  if (flags & population.HAS_REFRACTORY) {
    v = v128.bitselect(v, before, awake);
    const refractory = address(p, population.REFRACTORY) + at;
    const rested = i32x4.sub(v128.load(refractory), i32x4.add(i32x4.splat(1), awake));
    v128.store(refractory, v128.bitselect(v128.load(address(p, population.REFRACTORY_STEPS) + entry), rested, fired));
  }
  v128.store(membranes + quad, v);
  return fired;
}

function stepEach(p: usize, flags: i32): void {
  const list = address(p, population.LIST);
  const slot = slotOf(list, 0);
  const length = operand(p, population.LENGTH);
  const period = operand(p, population.PERIOD);
  const firing = (flags & population.HAS_FIRING) != 0;
  let count: usize = 0;
  let spikes = 0;
  for (let position = 0, entry = 0; position < length; position++, entry++) {
    if (entry == period) entry = 0;
    const emitted = stepNeuron(p, flags, position, entry);
    if (emitted == 0) continue;
    store<i32>(positionsOf(slot) + (count << 2), position);
    store<f32>(valuesOf(list, slot) + (count << 2), emitted);
    count++;
    if (firing) spikes += <i32>emitted;
  }
  close(slot, <i32>count, true);
  if (firing) countSpikes(spikes);
}

// @ts-ignore: decorator
@inline
function parameter(p: usize, place: i32, entry: i32): f32 {
  return load<f32>(address(p, place) + (<usize>entry << 2));
}

/** One neuron: what it emits. */
function stepNeuron(p: usize, flags: i32, position: i32, entry: i32): f32 {
  const offset = <usize>position << 2;
  const arrivals = address(p, population.ACCUMULATOR) + offset;
  let drive = load<f32>(arrivals);
  store<f32>(arrivals, 0);
  if (flags & population.HAS_CURRENT) {
    const at = address(p, population.CURRENT) + offset;
    const left = parameter(p, population.CURRENT_DECAY, entry) * load<f32>(at);
    const entering = parameter(p, population.CURRENT_GAIN, entry) * drive;
    drive = settled(left + entering + parameter(p, population.CURRENT_BIAS, entry));
    store<f32>(at, drive);
  }
  const refractory = address(p, population.REFRACTORY) + offset;
  if (flags & population.HAS_REFRACTORY && load<i32>(refractory) > 0) {
    store<i32>(refractory, load<i32>(refractory) - 1);
    return 0;
  }
  const at = address(p, population.MEMBRANE) + offset;
  const left = parameter(p, population.DECAY, entry) * load<f32>(at);
  let v = settled(left + parameter(p, population.GAIN, entry) * drive + parameter(p, population.BIAS, entry));
  if (!(flags & population.HAS_FIRING)) {
    store<f32>(at, v);
    return v;
  }
  if (flags & population.HAS_MINIMUM) v = max<f32>(v, parameter(p, population.MINIMUM, entry));
  const spikes = spikesOf(p, flags, entry, v);
  if (spikes > 0) {
    v -= spikes * parameter(p, population.RESET, entry);
    if (flags & population.HAS_MINIMUM) v = max<f32>(v, parameter(p, population.MINIMUM, entry));
    if (flags & population.HAS_REFRACTORY) {
      store<i32>(refractory, load<i32>(address(p, population.REFRACTORY_STEPS) + (<usize>entry << 2)));
    }
  }
  store<f32>(at, v);
  return spikes;
}

/** As many spikes as bring the membrane back to the threshold; RESET is what each takes away, above 0. */
function spikesOf(p: usize, flags: i32, entry: i32, v: f32): f32 {
  const threshold = parameter(p, population.THRESHOLD, entry);
  const step = parameter(p, population.RESET, entry);
  const multiples = (v - (threshold - step)) / step;
  const atThreshold = (flags & population.SPIKES_AT_THRESHOLD) != 0;
  if (atThreshold ? v < threshold : v <= threshold) return 0;
  const spikes = atThreshold ? floor<f32>(multiples) : ceil<f32>(multiples) - 1;
  return min<f32>(MOST_SPIKES, max<f32>(1, spikes));
}
