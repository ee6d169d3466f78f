import type { SynapseTiming } from './exponential-current.ts';

/**
 * The weight with which a spike through an alpha synapse moves the membrane by 1 at most (R = 1). The current
 * t·e^(−t/τ_s) is made of two Lowpass in a row, both with `exact` steps as the membrane; the peak is that of these
 * steps.
 */
export function weightOfAlphaPeak({ tauSynapse, tauMembrane, dt }: SynapseTiming): number {
  const [decay, synapseDecay] = [Math.exp(-dt / tauMembrane), Math.exp(-dt / tauSynapse)];
  let rising = 1 - synapseDecay;
  let current = 0;
  let v = 0;
  for (let peak = 0; ; peak = v) {
    current += (1 - synapseDecay) * (rising - current);
    v += (1 - decay) * (current - v);
    if (v < peak) return 1 / peak;
    rising *= synapseDecay;
  }
}
