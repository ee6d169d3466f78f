import type { Group } from './group.ts';
import type { NetworkBuilder, NeuronDescription } from './network-builder.ts';

export interface WinnerTakeAllOptions {
  readonly name: string;
  readonly neurons: number;
  /** Magnitude of what a spike takes from all others. */
  readonly inhibition: number;
  /** The neurons; LIF with τ = 20 ms and a threshold of 1 where absent. */
  readonly neuron?: NeuronDescription;
  /** Time constant in seconds of the inhibition; absent: all of it comes in one step. */
  readonly synapse?: number;
}

/**
 * A population in which every spike inhibits all others, one step later: the neuron with the strongest input keeps the
 * rest silent. Its cost per step grows with the neurons, not with their pairs. Of neurons that are equally strong,
 * those that spike in the same step all win.
 */
export function addWinnerTakeAll(net: NetworkBuilder, options: WinnerTakeAllOptions): Group {
  const { name, neurons, inhibition, neuron = { type: 'LIF', tau: 0.02, v_threshold: 1 }, synapse } = options;
  const group = net.population(name, neurons, neuron);
  net.connect(group, group, {
    name: `${name}/inhibition`,
    kind: 'all-but-one',
    sign: 'inhibitory',
    weights: inhibition,
    ...(synapse === undefined ? {} : { synapse }),
  });
  return group;
}
