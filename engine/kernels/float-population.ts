import { close, positionsOf, slotOf, valuesOf } from './emission-ring';
import { address, countSpikes, operand } from './memory';
import * as population from './population';
import { flushedLanes, clamped, clampedLanes } from './float-numbers';
import { MostSpikes, Population, PopulationFlags } from './names.generated';

// The step of a population in float32, four neurons at a time where a neuron spikes once at most, else one by one. X is
// the type of the sums of what arrives: real numbers, or whole ones in units that the gain knows.

export function stepFloats<X>(p: usize): void {
  const flags = operand(p, Population.flags);
  if (flags & PopulationFlags.firing && !(flags & PopulationFlags.many)) stepUsual<X>(p, flags);
  else stepEach<X>(p, flags);
}

/** The usual cases apart, so that their inner loop asks nothing. */
function stepUsual<X>(p: usize, flags: i32): void {
  const alike = flags & PopulationFlags.alike && (isFloat<X>() || flags & PopulationFlags.neverSaturates);
  switch (flags & ~(PopulationFlags.firing | PopulationFlags.alike | PopulationFlags.neverSaturates)) {
    case 0:
      if (alike) stepAlike<X>(p, false);
      else stepLanes<X>(p, 0);
      break;
    case PopulationFlags.subtract:
      if (alike) stepAlike<X>(p, true);
      else stepLanes<X>(p, PopulationFlags.subtract);
      break;
    case PopulationFlags.refractory:
      stepLanes<X>(p, PopulationFlags.refractory);
      break;
    case PopulationFlags.refractory | PopulationFlags.minimum:
      stepLanes<X>(p, PopulationFlags.refractory | PopulationFlags.minimum);
      break;
    default:
      stepLanes<X>(p, flags);
  }
}

/**
 * Neurons that leak, take their input, fire and are reset, and nothing else, with the same constants, which stay in
 * registers. Those with whole sums never come to the bounds of real numbers.
 */
// @ts-ignore: decorator
@inline
function stepAlike<X>(p: usize, subtracts: bool): void {
  const slot = slotOf(address(p, Population.list), 0);
  const length = operand(p, Population.length);
  const map = address(p, Population.map);
  const decay = v128.load(address(p, Population.decay));
  const gain = v128.load(address(p, Population.gain));
  const bias = v128.load(address(p, Population.bias));
  const threshold = v128.load(address(p, Population.threshold));
  const reset = v128.load(address(p, Population.reset));
  let sums = address(p, Population.accumulator);
  let membrane = address(p, Population.membrane);
  let next = positionsOf(slot);
  for (let position = 0; position < length; position += 16) {
    const m0 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 0);
    const m1 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 1);
    const m2 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 2);
    const m3 = stepFour<X>(subtracts, sums, membrane, decay, gain, bias, threshold, reset, 3);
    population.clear<X>(sums);
    next = population.appendMask(next, position, population.bytesOf(m0, m1, m2, m3), map);
    sums += 16 * sizeof<X>();
    membrane += 64;
  }
  population.finish(slot, next);
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
  const decayed = f32x4.mul(decay, v128.load(at));
  const entering = f32x4.mul(gain, fourSums<X>(sums + 4 * quad * sizeof<X>()));
  const driven = f32x4.add(f32x4.add(decayed, entering), bias);
  const v = isInteger<X>() ? flushedLanes(driven) : clampedLanes(driven);
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
  const slot = slotOf(address(p, Population.list), 0);
  const end = <usize>operand(p, Population.length) << 2;
  const period = <usize>operand(p, Population.period) << 2;
  const map = address(p, Population.map);
  const accumulator = address(p, Population.accumulator);
  const membrane = address(p, Population.membrane);
  const decay = address(p, Population.decay);
  const gain = address(p, Population.gain);
  const bias = address(p, Population.bias);
  const threshold = address(p, Population.threshold);
  const reset = address(p, Population.reset);
  let next = positionsOf(slot);
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
      next = population.appendMask(next, <i32>(at >> 2), population.bytesOf(m0, m1, m2, m3), map);
    }
  }
  population.finish(slot, next);
}

/**
 * Four neurons, `quad` bytes after the first of sixteen; rarer arrays are found by how far these are from their first.
 */
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
  if (flags & PopulationFlags.current) {
    const current = address(p, Population.current) + at;
    const decayed = f32x4.mul(v128.load(address(p, Population.currentDecay) + entry), v128.load(current));
    const entering = f32x4.mul(v128.load(address(p, Population.currentGain) + entry), drive);
    const bias = v128.load(address(p, Population.currentBias) + entry);
    drive = clampedLanes(f32x4.add(f32x4.add(decayed, entering), bias));
    v128.store(current, drive);
  }
  const decayed = f32x4.mul(v128.load(decays + quad), before);
  const entering = f32x4.mul(v128.load(gains + quad), drive);
  let v = clampedLanes(f32x4.add(f32x4.add(decayed, entering), v128.load(biases + quad)));
  if (flags & PopulationFlags.minimum) v = f32x4.max(v, v128.load(address(p, Population.minimum) + entry));
  const threshold = v128.load(thresholds + quad);
  let fired = flags & PopulationFlags.atThreshold ? f32x4.ge(v, threshold) : f32x4.gt(v, threshold);
  let awake = i32x4.splat(-1);
  if (flags & PopulationFlags.refractory) {
    awake = i32x4.le_s(v128.load(address(p, Population.refractory) + at), i32x4.splat(0));
    fired = v128.and(fired, awake);
  }
  const reset = v128.load(resets + quad);
  const after = flags & PopulationFlags.subtract ? f32x4.sub(v, reset) : reset;
  v = v128.bitselect(after, v, fired);
  if (flags & PopulationFlags.minimum) v = f32x4.max(v, v128.load(address(p, Population.minimum) + entry));
  if (flags & PopulationFlags.refractory) {
    v = v128.bitselect(v, before, awake);
    const refractory = address(p, Population.refractory) + at;
    const rested = i32x4.sub(v128.load(refractory), i32x4.add(i32x4.splat(1), awake));
    v128.store(refractory, v128.bitselect(v128.load(address(p, Population.refractorySteps) + entry), rested, fired));
  }
  v128.store(membranes + quad, v);
  return fired;
}

function stepEach<X>(p: usize, flags: i32): void {
  const list = address(p, Population.list);
  const slot = slotOf(list, 0);
  const length = operand(p, Population.length);
  const period = operand(p, Population.period);
  const firing = (flags & PopulationFlags.firing) != 0;
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
function parameter(p: usize, index: i32, entry: i32): f32 {
  return load<f32>(address(p, index) + (<usize>entry << 2));
}

/** One neuron: what it emits. */
function stepNeuron<X>(p: usize, flags: i32, position: i32, entry: i32): f32 {
  const offset = <usize>position << 2;
  const arrivals = address(p, Population.accumulator) + <usize>position * sizeof<X>();
  let drive = <f32>load<X>(arrivals);
  store<X>(arrivals, 0);
  if (flags & PopulationFlags.current) {
    const at = address(p, Population.current) + offset;
    const decayed = parameter(p, Population.currentDecay, entry) * load<f32>(at);
    const entering = parameter(p, Population.currentGain, entry) * drive;
    drive = clamped(decayed + entering + parameter(p, Population.currentBias, entry));
    store<f32>(at, drive);
  }
  const refractory = address(p, Population.refractory) + offset;
  if (flags & PopulationFlags.refractory && load<i32>(refractory) > 0) {
    store<i32>(refractory, load<i32>(refractory) - 1);
    return 0;
  }
  const at = address(p, Population.membrane) + offset;
  const decayed = parameter(p, Population.decay, entry) * load<f32>(at);
  let v = clamped(decayed + parameter(p, Population.gain, entry) * drive + parameter(p, Population.bias, entry));
  if (!(flags & PopulationFlags.firing)) {
    store<f32>(at, v);
    return v;
  }
  if (flags & PopulationFlags.minimum) v = max<f32>(v, parameter(p, Population.minimum, entry));
  const spikes = spikesOf(p, flags, entry, v);
  if (spikes > 0) {
    v -= spikes * parameter(p, Population.reset, entry);
    if (flags & PopulationFlags.minimum) v = max<f32>(v, parameter(p, Population.minimum, entry));
    if (flags & PopulationFlags.refractory) {
      store<i32>(refractory, load<i32>(address(p, Population.refractorySteps) + (<usize>entry << 2)));
    }
  }
  store<f32>(at, v);
  return spikes;
}

/** As many spikes as bring the membrane back to the threshold; RESET is what each takes away, above 0. */
function spikesOf(p: usize, flags: i32, entry: i32, v: f32): f32 {
  const threshold = parameter(p, Population.threshold, entry);
  const step = parameter(p, Population.reset, entry);
  const multiples = (v - (threshold - step)) / step;
  const atThreshold = (flags & PopulationFlags.atThreshold) != 0;
  if (atThreshold ? v < threshold : v <= threshold) return 0;
  const spikes = atThreshold ? floor<f32>(multiples) : ceil<f32>(multiples) - 1;
  return min<f32>(<f32>MostSpikes.float, max<f32>(1, spikes));
}
