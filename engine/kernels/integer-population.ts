import { operand } from './memory';
import { stepEach } from './integer-population-each';
import { stepNarrow } from './integer-population-narrow';
import { stepBounded, stepWide } from './integer-population-wide';
import { PopulationFlags, IntegerPopulation } from './names.generated';

// The step of a population in whole numbers (integer form, exact): V is the type of membranes and of their constants, X
// of accumulators. Sixteen neurons at a time where a neuron spikes once at most and has no current, else one by one. Of
// the ways to step sixteen, the wide one is right for all. Membranes of 16 bits are stepped in lanes as narrow as they
// are, as long as their input fits these; for those of 32 bits there is a plain way, if they leak, take their input,
// fire and are reset, and do nothing else.

export function stepIntegers<V, X>(p: usize): void {
  const flags = operand(p, IntegerPopulation.flags);
  const single = flags & PopulationFlags.firing && !(flags & (PopulationFlags.current | PopulationFlags.many));
  if (!single) stepEach<V, X>(p, flags);
  else if (sizeof<V>() == 2 && operand(p, IntegerPopulation.headroom) >= 0) stepNarrow<X>(p, flags);
  else if (sizeof<V>() == 4 && flags & PopulationFlags.neverSaturates && operand(p, IntegerPopulation.fraction) >= 0) {
    stepBounded<V, X>(p, flags);
  } else stepWide<V, X>(p, flags, false, false);
}
