import { numbersOf, roundHalfEven } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import type { Projection } from '../net/projection.ts';
import { DECAY } from './chip.ts';

/** Losses in a step in 1/4096, per neuron; those of a current with the one that the chip adds. */
export interface Decays {
  readonly membrane: Float64Array | undefined;
  readonly current: Float64Array | undefined;
}

/** The decays that registers hold for a population: those that a LoihiLIF names, or the nearest of another kind. */
export function decaysOf({ node, neurons, linear }: Population): Decays {
  if (node.node.type === 'LoihiLIF') {
    const all = (key: string, preset: number) => spread(numbersOf(node.node, key)?.data, neurons, preset);
    return { membrane: all('decay_v', 0), current: all('decay_u', DECAY) };
  }
  const lost = (decay: Float64Array) => decay.map((left) => roundHalfEven(DECAY * (1 - left)));
  return {
    membrane: linear && lost(linear.decay),
    // The chip always takes one: a current without loss does not exist.
    current: linear?.current && lost(linear.current.decay).map((d) => Math.max(1, d)),
  };
}

/** A parameter for each neuron, as a Float64Array of its own. */
export function spread(given: ArrayLike<number> | undefined, neurons: number, preset: number): Float64Array {
  return Float64Array.from({ length: neurons }, (_, n) => given?.[given.length === 1 ? 0 : n] ?? preset);
}

/** Steps of a way that synapses must wait: a spike of a population takes one step to its targets by itself. */
export function synapticDelay({ nodes }: Pick<Net, 'nodes'>, { source, delay }: Projection): number {
  return nodes[source]!.kind.role === 'input' ? delay : Math.max(delay, 1) - 1;
}
