import type { Model } from '../model/model.ts';
import { weightOfAlphaPeak } from './alpha-current.ts';
import type { Group } from './group.ts';
import { NetworkBuilder } from './network-builder.ts';

export interface SynfireChainOptions {
  /** Groups in a row, 10. */
  readonly groups?: number;
  /** Neurons of a group, 100; every one gets from all of the group before. */
  readonly width?: number;
  /** Peak of the potential that one spike evokes, in units of the way from rest to threshold; 0.14 mV of 15 mV. */
  readonly peak?: number;
  /** Seconds; 0.0001. */
  readonly dt?: number;
}

/** Seconds: membrane, current of a synapse (the potential that it evokes peaks after 1.7 ms), rest and conduction. */
const TAU = 0.01;
const SYNAPSE = 0.000326;
const REFRACTORY = 0.001;
const DELAY = 0.001;

/**
 * A synfire chain (Abeles 1991) as Diesmann, Gewaltig and Aertsen (1999) examined it: groups of LIF neurons with
 * synaptic currents of alpha shape, each group all-to-all behind the one before. A pulse packet that is strong and
 * sharp enough runs through and comes to a spread below a millisecond; a weaker or wider one dies out. Which it is
 * depends on the spikes in the packet and on their spread alone.
 *
 * Input `pulse` (a spike for each neuron of a group in front); input `background` (groups·width numbers, group by
 * group: the excitatory less the inhibitory spikes that come to a neuron from elsewhere in a step, through synapses
 * like those of the chain; in the paper Poisson trains of together 35.2 and 30 kHz); outputs `group 0` … of the spikes.
 * Potentials are in units of the way from rest to threshold.
 */
export function synfireChain({
  groups = 10,
  width = 100,
  peak = 0.14 / 15,
  dt = 0.0001,
}: SynfireChainOptions = {}): Model {
  const net = new NetworkBuilder({ dt, semantics: { integrate: 'exact' } });
  const weights = peak * weightOfAlphaPeak({ tauSynapse: SYNAPSE, tauMembrane: TAU, dt });
  const synapse = { alpha: SYNAPSE };
  const itself = Array.from({ length: width }, (_, i) => [i]);
  const background = net.input('background', groups * width);
  let before: Group = net.input('pulse', width);
  for (let g = 0; g < groups; g++) {
    const group = net.population(`neurons ${g}`, width, { type: 'LIF', tau: TAU, v_threshold: 1, tau_ref: REFRACTORY });
    net.connect(before, group, { name: `link ${g}`, weights, synapse, delay: DELAY });
    const own = background.slice(g * width, (g + 1) * width);
    net.connect(own, group, { name: `background ${g}`, kind: 'listed', synapses: itself, weights, synapse });
    net.output(`group ${g}`, group);
    before = group;
  }
  return net.model();
}
