import type { Model } from '../model.ts';
import { weightOfPeak } from './exponential-current.ts';
import type { Group } from './group.ts';
import { NetworkBuilder } from './network-builder.ts';

export interface SynfireChainOptions {
  /** Groups in a row, 10. */
  readonly groups?: number;
  /** Neurons of a group, 100; every one gets from all of the group before. */
  readonly width?: number;
  /** Peak of the potential that one spike evokes, in units of the way from rest to threshold; 0.0093 (0.14 of 15 mV). */
  readonly peak?: number;
  /** Where the background holds the membrane, in the same units; 0.45. */
  readonly background?: number;
  /** Seconds; 0.0001. */
  readonly dt?: number;
}

/** Seconds: membrane, synapse, rest and conduction. */
const TAU = 0.01;
const SYNAPSE = 0.0017;
const REFRACTORY = 0.015;
const DELAY = 0.001;

/**
 * A synfire chain (Abeles 1991) as Diesmann, Gewaltig and Aertsen (1999) examined it: groups of LIF neurons, each all-to-all behind
 * the one before. A pulse packet that is strong and sharp enough runs through and comes to a spread below a millisecond; a
 * weaker or wider one dies out. Which it is depends on the spikes in the packet and on their spread alone.
 *
 * Input `pulse` (a spike for each neuron of a group in front), input `noise` (groups·width values, group by group, added to what
 * the membranes get in a step), outputs `group 0` … of the spikes. Potentials are in units of the way from rest to threshold.
 */
export function synfireChain({
  groups = 10,
  width = 100,
  peak = 0.0093,
  background = 0.45,
  dt = 0.0001,
}: SynfireChainOptions = {}): Model {
  const net = new NetworkBuilder({ dt, semantics: { integrate: 'exact' } });
  const weights = peak * weightOfPeak({ tauSynapse: SYNAPSE, tauMembrane: TAU, dt });
  const noise = net.input('noise', groups * width);
  let before: Group = net.input('pulse', width);
  for (let g = 0; g < groups; g++) {
    const neurons = { type: 'LIF', tau: TAU, v_leak: background, v_threshold: 1, tau_ref: REFRACTORY };
    const group = net.population(`neurons ${g}`, width, neurons);
    net.connect(before, group, { name: `link ${g}`, weights, synapse: SYNAPSE, delay: DELAY });
    net.connect(noise.slice(g * width, (g + 1) * width), group, {
      name: `noise ${g}`,
      kind: 'random',
      probability: (source, target) => (source === target ? 1 : 0),
    });
    net.output(`group ${g}`, group);
    before = group;
  }
  return net.model();
}
