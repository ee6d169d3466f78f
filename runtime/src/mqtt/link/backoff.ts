/** How long to wait before trying again. */
export interface Backoff {
  /** Upper bound of the first delay, in milliseconds, > 0. */
  readonly base: number;
  /** No delay is longer than this, in milliseconds, ≥ base. */
  readonly cap: number;
}

/**
 * Delay before retry number `attempt` (from 0), in milliseconds: uniform in [0, min(cap, base·2^attempt)). The jitter
 * is "full", down to zero, so that a thousand devices that lost their broker in the same second do not come back in the
 * same second.
 *
 * @param random uniform in [0, 1)
 * @see M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015
 */
export function backoffDelay(attempt: number, backoff: Backoff, random: () => number): number {
  return random() * Math.min(backoff.cap, backoff.base * 2 ** attempt);
}
