import type { Semantics } from '@spikewire/models';
import { logistic } from '../../graph/operations/functions.ts';
import type { Value } from '../../graph/operations/value.ts';

/**
 * Parameters that say how much of a membrane, or of a current, a step takes away: they are learned as that share, on
 * 0…1.
 */
export const timeConstants = ['tau', 'tau_mem', 'tau_syn'] as const;

/** The share dt/τ, or 1 − e^(−dt/τ), that a step takes away, from the number that is learned in its place. */
export function learnedShare(raw: Value): Value {
  return logistic(raw);
}

/** The number that is learned for a time constant, the logit of its share. */
export function rawOfTau(tau: number, { dt, integrate }: Semantics): number {
  return rawOfShare(integrate === 'euler' ? dt / tau : -Math.expm1(-dt / tau));
}

/** The logit of a share. */
export function rawOfShare(share: number): number {
  return Math.log(share / (1 - share));
}

/** The time constant that a learned number stands for. */
export function tauOfRaw(raw: number, { dt, integrate }: Semantics): number {
  const share = 1 / (1 + Math.exp(-raw));
  return integrate === 'euler' ? dt / share : -dt / Math.log1p(-share);
}
