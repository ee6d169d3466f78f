import { SpikewireError } from '../error.ts';

/**
 * Weights of exponential synapses by their effect. A synapse is a Lowpass before a membrane, both integrated with
 * `exact`: a spike of weight 1 then brings the same charge at every time constant. Papers rather give how far a spike
 * moves the current or the potential.
 */
export interface SynapseTiming {
  /** Time constants in seconds; they must differ. */
  readonly tauSynapse: number;
  readonly tauMembrane: number;
  /** Length of a step in seconds. */
  readonly dt: number;
}

/**
 * The weight with which a spike raises the current g of τ_m dv/dt = −v + g, τ_s dg/dt = −g by 1, and v follows exactly,
 * as with the propagators of Rotter and Diesmann (1999). Throws `parameter` for equal time constants.
 */
export function weightOfJump({ tauSynapse, tauMembrane, dt }: SynapseTiming): number {
  if (tauSynapse === tauMembrane)
    throw new SpikewireError('parameter', 'tauSynapse', `is ${tauSynapse}, as tauMembrane`, 'another time constant');
  const [decay, synapseDecay] = [Math.exp(-dt / tauMembrane), Math.exp(-dt / tauSynapse)];
  const propagator = (tauSynapse / (tauSynapse - tauMembrane)) * (synapseDecay - decay);
  return propagator / ((1 - decay) * (1 - synapseDecay));
}

/** The weight with which a spike moves the membrane by 1 at most, the peak of its postsynaptic potential (R = 1). */
export function weightOfPeak(timing: SynapseTiming): number {
  const weight = weightOfJump(timing);
  const { tauSynapse, tauMembrane } = timing;
  const rise = (tauMembrane * tauSynapse) / (tauMembrane - tauSynapse);
  const peak = rise * Math.log(tauMembrane / tauSynapse);
  const reached = (rise / tauMembrane) * (Math.exp(-peak / tauMembrane) - Math.exp(-peak / tauSynapse));
  return weight / reached;
}
