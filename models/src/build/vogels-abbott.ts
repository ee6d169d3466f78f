import type { Model } from '../model/model.ts';
import { RandomGenerator } from '../random/generator.ts';
import { weightOfJump } from './exponential-current.ts';
import type { Group } from './group.ts';
import { type ConnectionOptions, NetworkBuilder } from './network-builder.ts';
import type { SynapseRows } from './random-synapses.ts';

export interface VogelsAbbottOptions {
  /** 4000, of which four in five are excitatory. */
  readonly neurons?: number;
  /** Of any pair, itself included; 0.02. */
  readonly probability?: number;
  /** Targets of each cell, ascending, in place of drawn ones. */
  readonly synapses?: SynapseRows;
  /** First potentials in mV above the reset, in place of drawn ones between 0 and 10. */
  readonly potentials?: ArrayLike<number>;
  readonly seed?: number | bigint;
  /** Seconds; 0.0001. */
  readonly dt?: number;
}

/** mV and seconds. Potentials count from the resting −49 mV. */
const REST = -49;
const THRESHOLD = -50 - REST;
const RESET = -60 - REST;
const TAU_MEMBRANE = 0.02;
const REFRACTORY = 0.005;
const EXCITATION = { tau: 0.005, jump: 1.62 };
const INHIBITION = { tau: 0.01, jump: 9 };

/**
 * The network of Vogels and Abbott (2005) with current-based synapses, in the form of the benchmark of Brette et al.
 * (2007): LIF cells that fire irregularly for ever without any input, because they rest above their threshold and
 * inhibit each other. All time constants, jumps of the currents and potentials are those of the paper, integrated
 * exactly.
 *
 * Node `cells`, Output `spikes`; excitatory cells come first.
 */
export function vogelsAbbott({
  neurons = 4000,
  probability = 0.02,
  synapses,
  potentials,
  seed = 1,
  dt = 0.0001,
}: VogelsAbbottOptions = {}): Model {
  const net = new NetworkBuilder({ dt, seed, semantics: { integrate: 'exact', threshold: 'gt', reset: 'value' } });
  const random = new RandomGenerator(seed, 'first potentials');
  const cells = net.population('cells', neurons, {
    type: 'LIF',
    tau: TAU_MEMBRANE,
    v_threshold: THRESHOLD,
    v_reset: RESET,
    // The paper's rest ends with a step in which the membrane moves; the graph's steps of rest come before it.
    tau_ref: REFRACTORY - dt,
    v_initial: Float64Array.from({ length: neurons }, (_, i) => RESET + (potentials?.[i] ?? 10 * random.nextUniform())),
  });
  const connect = (sources: Group, sign: 'excitatory' | 'inhibitory', { tau, jump }: typeof EXCITATION) => {
    const weights = jump * weightOfJump({ tauSynapse: tau, tauMembrane: TAU_MEMBRANE, dt });
    const pattern: ConnectionOptions =
      synapses === undefined
        ? { kind: 'random', probability }
        : { kind: 'listed', synapses: synapses.slice(sources.first, sources.first + sources.size) };
    net.connect(sources, cells, { ...pattern, name: sign, sign, weights, synapse: tau });
  };
  const excitatory = Math.round(0.8 * neurons);
  connect(cells.slice(0, excitatory), 'excitatory', EXCITATION);
  connect(cells.slice(excitatory, neurons), 'inhibitory', INHIBITION);
  net.output('spikes', cells);
  return net.model();
}
