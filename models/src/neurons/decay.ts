import { exp } from '../exponential.ts';
import type { Semantics } from '../graph/semantics.ts';

/** What a step leaves of x under τ dx/dt = −x: 1 − dt/τ by forward Euler, else e^(−dt/τ). */
export function decayOf(tau: Float64Array, { dt, integrate }: Semantics): Float64Array {
  return tau.map((seconds) => (integrate === 'euler' ? 1 - dt / seconds : exp(-dt / seconds)));
}
