import { close, positionsOf, slotOf, valuesOf } from './emission-ring';
import { multipliedQ15, parameter, saturated, shiftedRight } from './integer-arithmetic';
import { address, countSpikes, operand } from './memory';
import { MostSpikes, PopulationFlags, IntegerPopulation } from './names.generated';

// A population in whole numbers, neuron by neuron: those with a current, with many spikes in a step, and read-outs.

export function stepEach<V, X>(p: usize, flags: i32): void {
  const list = address(p, IntegerPopulation.list);
  const slot = slotOf(list, 0);
  const length = operand(p, IntegerPopulation.length);
  const period = operand(p, IntegerPopulation.period);
  const firing = (flags & PopulationFlags.firing) != 0;
  const graded = !firing || (flags & PopulationFlags.many) != 0;
  let count: usize = 0;
  let spikes = 0;
  for (let position = 0, entry = 0; position < length; position++, entry++) {
    if (entry == period) entry = 0;
    const emitted = stepNeuron<V, X>(p, flags, position, entry);
    if (emitted == 0) continue;
    store<i32>(positionsOf(slot) + (count << 2), position);
    if (graded) store<i32>(valuesOf(list, slot) + (count << 2), emitted);
    count++;
    spikes += emitted;
  }
  close(slot, <i32>count, graded);
  if (firing) countSpikes(spikes);
}

/** A number in the width of the membranes. */
// @ts-ignore: decorator
@inline
function constant<V>(p: usize, index: i32, entry: i32): i64 {
  return <i64>load<V>(address(p, index) + <usize>entry * sizeof<V>());
}

/** A decay or a gain; 2^15 stands as −2^15 in 16 bits. */
// @ts-ignore: decorator
@inline
function factor<V>(p: usize, index: i32, entry: i32): i64 {
  const stored = constant<V>(p, index, entry);
  return sizeof<V>() == 2 && stored == -32768 ? 32768 : stored;
}

/** One neuron: what it emits. */
function stepNeuron<V, X>(p: usize, flags: i32, position: i32, entry: i32): i32 {
  const arrivals = address(p, IntegerPopulation.accumulator) + <usize>position * sizeof<X>();
  const arrived = <i64>load<X>(arrivals);
  store<X>(arrivals, 0);
  const fraction = operand(p, IntegerPopulation.fraction);
  let drive = fraction >= 0 ? arrived << fraction : shiftedRight(arrived, -fraction);
  if (flags & PopulationFlags.current) {
    const at = address(p, IntegerPopulation.current) + <usize>position * sizeof<V>();
    const decayed = multipliedQ15(<i64>load<V>(at), factor<V>(p, IntegerPopulation.currentDecay, entry));
    const current = saturated<V>(p, decayed + drive + parameter(p, IntegerPopulation.currentBias, entry));
    store<V>(at, <V>current);
    drive = multipliedQ15(current, factor<V>(p, IntegerPopulation.currentGain, entry));
  }
  const refractory = address(p, IntegerPopulation.refractory) + (<usize>position << 2);
  if (flags & PopulationFlags.refractory && load<i32>(refractory) > 0) {
    store<i32>(refractory, load<i32>(refractory) - 1);
    return 0;
  }
  const at = address(p, IntegerPopulation.membrane) + <usize>position * sizeof<V>();
  const decayed = multipliedQ15(<i64>load<V>(at), factor<V>(p, IntegerPopulation.decay, entry));
  let v = saturated<V>(p, decayed + drive + parameter(p, IntegerPopulation.bias, entry));
  const minimum = flags & PopulationFlags.minimum ? constant<V>(p, IntegerPopulation.minimum, entry) : i64.MIN_VALUE;
  if (!(flags & PopulationFlags.firing)) {
    store<V>(at, <V>v);
    const maximum = flags & PopulationFlags.maximum ? constant<V>(p, IntegerPopulation.maximum, entry) : i64.MAX_VALUE;
    const within = min<i64>(max<i64>(v, minimum), maximum);
    return <i32>saturated<i8>(p, shiftedRight(within, operand(p, IntegerPopulation.handOn)));
  }
  v = max<i64>(v, minimum);
  const above = v - constant<V>(p, IntegerPopulation.threshold, entry);
  let spikes: i64 = 0;
  if (above > 0) {
    const reset = constant<V>(p, IntegerPopulation.reset, entry);
    spikes = 1;
    if (flags & PopulationFlags.many) {
      spikes = reset > 0 ? min<i64>(<i64>MostSpikes.integer, (above + reset - 1) / reset) : <i64>MostSpikes.integer;
    }
    v = flags & PopulationFlags.subtract ? saturated<V>(p, v - spikes * reset) : reset;
    v = max<i64>(v, minimum);
    if (flags & PopulationFlags.refractory) store<i32>(refractory, <i32>parameter(p, IntegerPopulation.refractorySteps, entry));
  }
  store<V>(at, <V>v);
  return <i32>spikes;
}
