import { close, positionsOf, slotOf, valuesOf } from './event-list';
import { address, countSpikes, operand } from './memory';
import * as population from './population';
import { settled, settledLanes } from './real-numbers';

// The step of a population in float32, four neurons at a time where a neuron spikes once at most, else one by one.

/** Most spikes of a neuron in a step, so that their number is always a number. */
const MOST_SPIKES: f32 = 1048576;

export function stepReals(p: usize): void {
  const flags = operand(p, population.FLAGS);
  if (flags & population.HAS_FIRING && !(flags & population.SPIKES_MANY)) stepLanes(p, flags);
  else stepEach(p, flags);
}

function stepLanes(p: usize, flags: i32): void {
  const slot = slotOf(address(p, population.LIST), 0);
  const positions = positionsOf(slot);
  const length = <usize>operand(p, population.STRIDE) << 2;
  const places = operand(p, population.PLACES);
  const step = <usize>operand(p, population.PARAMETER_STEP) << 2;
  let parameters: usize = 0;
  let at: usize = 0;
  let next = positions;
  for (let place = 0; place < places; place++) {
    for (let c: usize = 0; c < length; c += 16, at += 16) {
      const fired = stepQuad(p, flags, at, parameters + c);
      if (!v128.any_true(fired)) continue;
      const position = <i32>(at >> 2);
      if (i32x4.extract_lane(fired, 0)) {
        store<i32>(next, position);
        next += 4;
      }
      if (i32x4.extract_lane(fired, 1)) {
        store<i32>(next, position + 1);
        next += 4;
      }
      if (i32x4.extract_lane(fired, 2)) {
        store<i32>(next, position + 2);
        next += 4;
      }
      if (i32x4.extract_lane(fired, 3)) {
        store<i32>(next, position + 3);
        next += 4;
      }
    }
    parameters += step;
  }
  const count = <i32>((next - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
}

/** Four neurons, `at` bytes after the first; their parameters lie `entry` bytes after the first of theirs. */
// @ts-ignore: decorator
@inline
function stepQuad(p: usize, flags: i32, at: usize, entry: usize): v128 {
  const accumulator = address(p, population.ACCUMULATOR) + at;
  const membrane = address(p, population.MEMBRANE) + at;
  const before = v128.load(membrane);
  let drive = v128.load(accumulator);
  v128.store(accumulator, f32x4.splat(0));
  if (flags & population.HAS_CURRENT) {
    const current = address(p, population.CURRENT) + at;
    const left = f32x4.mul(v128.load(address(p, population.CURRENT_DECAY) + entry), v128.load(current));
    const entering = f32x4.mul(v128.load(address(p, population.CURRENT_GAIN) + entry), drive);
    const bias = v128.load(address(p, population.CURRENT_BIAS) + entry);
    drive = settledLanes(f32x4.add(f32x4.add(left, entering), bias));
    v128.store(current, drive);
  }
  const left = f32x4.mul(v128.load(address(p, population.DECAY) + entry), before);
  const entering = f32x4.mul(v128.load(address(p, population.GAIN) + entry), drive);
  const bias = v128.load(address(p, population.BIAS) + entry);
  let v = settledLanes(f32x4.add(f32x4.add(left, entering), bias));
  if (flags & population.HAS_MINIMUM) v = f32x4.max(v, v128.load(address(p, population.MINIMUM) + entry));
  const threshold = v128.load(address(p, population.THRESHOLD) + entry);
  let fired = flags & population.SPIKES_AT_THRESHOLD ? f32x4.ge(v, threshold) : f32x4.gt(v, threshold);
  let awake = i32x4.splat(-1);
  if (flags & population.HAS_REFRACTORY) {
    awake = i32x4.le_s(v128.load(address(p, population.REFRACTORY) + at), i32x4.splat(0));
    fired = v128.and(fired, awake);
  }
  const reset = v128.load(address(p, population.RESET) + entry);
  const after = flags & population.RESETS_BY_SUBTRACTION ? f32x4.sub(v, reset) : reset;
  v = v128.bitselect(after, v, fired);
  if (flags & population.HAS_MINIMUM) v = f32x4.max(v, v128.load(address(p, population.MINIMUM) + entry));
  if (flags & population.HAS_REFRACTORY) {
    v = v128.bitselect(v, before, awake);
    const refractory = address(p, population.REFRACTORY) + at;
    const rested = i32x4.sub(v128.load(refractory), i32x4.add(i32x4.splat(1), awake));
    v128.store(refractory, v128.bitselect(v128.load(address(p, population.REFRACTORY_STEPS) + entry), rested, fired));
  }
  v128.store(membrane, v);
  return fired;
}

function stepEach(p: usize, flags: i32): void {
  const list = address(p, population.LIST);
  const slot = slotOf(list, 0);
  const stride = operand(p, population.STRIDE);
  const places = operand(p, population.PLACES);
  const firing = (flags & population.HAS_FIRING) != 0;
  let count: usize = 0;
  let spikes = 0;
  for (let place = 0; place < places; place++) {
    for (let c = 0; c < stride; c++) {
      const position = place * stride + c;
      const emitted = stepNeuron(p, flags, position, c + place * operand(p, population.PARAMETER_STEP));
      if (emitted == 0) continue;
      store<i32>(positionsOf(slot) + (count << 2), position);
      store<f32>(valuesOf(list, slot) + (count << 2), emitted);
      count++;
      if (firing) spikes += <i32>emitted;
    }
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
