import { appendSpikes, close, positionsOf, slotOf, valuesOf } from './event-list';
import { address, countSpikes, operand } from './memory';
import * as population from './population';
import { flushedLanes, settled, settledLanes } from './real-numbers';

// The step of a population in float32, four neurons at a time where a neuron spikes once at most, else one by one. X is the type of
// the sums of what arrives: real numbers, or whole ones in units that the gain knows.

/** Most spikes of a neuron in a step, so that their number is always a number. */
const MOST_SPIKES: f32 = 1048576;

export function stepReals<X>(p: usize): void {
  const flags = operand(p, population.FLAGS);
  if (flags & population.HAS_FIRING && !(flags & population.SPIKES_MANY)) stepUsual<X>(p, flags);
  else stepEach<X>(p, flags);
}

/** The usual cases apart, so that their inner loop asks nothing. */
function stepUsual<X>(p: usize, flags: i32): void {
  const alike = flags & population.ALIKE && (isFloat<X>() || flags & population.NEVER_SATURATES);
  switch (flags & ~(population.HAS_FIRING | population.ALIKE | population.NEVER_SATURATES)) {
    case 0:
      if (alike) stepAlike<X>(p, false);
      else stepLanes<X>(p, 0);
      break;
    case population.RESETS_BY_SUBTRACTION:
      if (alike) stepAlike<X>(p, true);
      else stepLanes<X>(p, population.RESETS_BY_SUBTRACTION);
      break;
    case population.HAS_REFRACTORY:
      stepLanes<X>(p, population.HAS_REFRACTORY);
      break;
    case population.HAS_REFRACTORY | population.HAS_MINIMUM:
      stepLanes<X>(p, population.HAS_REFRACTORY | population.HAS_MINIMUM);
      break;
    default:
      stepLanes<X>(p, flags);
  }
}

/**
 * Neurons that leak, take their input, fire and are reset, and nothing else, with the same constants, which stay in registers. Those with
 * whole sums never come to the bounds of real numbers.
 */
// @ts-ignore: decorator
@inline
function stepAlike<X>(p: usize, subtracts: bool): void {
  const slot = slotOf(address(p, population.LIST), 0);
  const positions = positionsOf(slot);
  const length = operand(p, population.LENGTH);
  const map = address(p, population.MAP);
  const decay = v128.load(address(p, population.DECAY));
  const gain = v128.load(address(p, population.GAIN));
  const bias = v128.load(address(p, population.BIAS));
  const threshold = v128.load(address(p, population.THRESHOLD));
  const reset = v128.load(address(p, population.RESET));
  let sums = address(p, population.ACCUMULATOR);
  let membrane = address(p, population.MEMBRANE);
  let next = positions;
  for (let position = 0; position < length; position += 16) {
    const m0 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 0);
    const m1 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 1);
    const m2 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 2);
    const m3 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 3);
    population.clear<X>(sums);
    const mask = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
    if (map != 0) v128.store(map + position, mask);
    // The mask is used for nothing after that: 32-bit ARM destroys the operand of bitmask.
    next = appendSpikes(next, position, i8x16.bitmask(mask));
    sums += 16 * sizeof<X>();
    membrane += 64;
  }
  const count = <i32>((next - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
}

/** The `quad`-th four of sixteen such neurons; returns the mask of those that spike. */
// @ts-ignore: decorator
@inline
function stepFour<X>(
  subtracts: bool,
  sums: usize,
  membranes: usize,
  decay: v128,
  gain: v128,
  bias: v128,
  threshold: v128,
  reset: v128,
  quad: usize,
): v128 {
  const at = membranes + 16 * quad;
  const left = f32x4.mul(decay, v128.load(at));
  const entering = f32x4.mul(gain, fourSums<X>(sums + 4 * quad * sizeof<X>()));
  const driven = f32x4.add(f32x4.add(left, entering), bias);
  const v = isInteger<X>() ? flushedLanes(driven) : settledLanes(driven);
  const fired = f32x4.gt(v, threshold);
  v128.store(at, subtracts ? f32x4.sub(v, v128.and(reset, fired)) : v128.bitselect(reset, v, fired));
  return fired;
}

// @ts-ignore: decorator
@inline
function fourSums<X>(sums: usize): v128 {
  if (isFloat<X>()) return v128.load(sums);
  return f32x4.convert_i32x4_s(sizeof<X>() == 2 ? v128.load16x4_s(sums) : v128.load(sums));
}

// @ts-ignore: decorator
@inline
function stepLanes<X>(p: usize, flags: i32): void {
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
      const sums = accumulator + (at >> 2) * sizeof<X>();
      const v = membrane + at;
      const a = decay + entry;
      const g = gain + entry;
      const b = bias + entry;
      const theta = threshold + entry;
      const r = reset + entry;
      const m0 = stepQuad<X>(p, flags, sums, v, a, g, b, theta, r, at, entry, 0);
      const m1 = stepQuad<X>(p, flags, sums, v, a, g, b, theta, r, at, entry, 16);
      const m2 = stepQuad<X>(p, flags, sums, v, a, g, b, theta, r, at, entry, 32);
      const m3 = stepQuad<X>(p, flags, sums, v, a, g, b, theta, r, at, entry, 48);
      population.clear<X>(sums);
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
function stepQuad<X>(
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
  let drive = fourSums<X>(accumulators + (quad >> 2) * sizeof<X>());
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

function stepEach<X>(p: usize, flags: i32): void {
  const list = address(p, population.LIST);
  const slot = slotOf(list, 0);
  const length = operand(p, population.LENGTH);
  const period = operand(p, population.PERIOD);
  const firing = (flags & population.HAS_FIRING) != 0;
  let count: usize = 0;
  let spikes = 0;
  for (let position = 0, entry = 0; position < length; position++, entry++) {
    if (entry == period) entry = 0;
    const emitted = stepNeuron<X>(p, flags, position, entry);
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
function stepNeuron<X>(p: usize, flags: i32, position: i32, entry: i32): f32 {
  const offset = <usize>position << 2;
  const arrivals = address(p, population.ACCUMULATOR) + <usize>position * sizeof<X>();
  let drive = <f32>load<X>(arrivals);
  store<X>(arrivals, 0);
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
