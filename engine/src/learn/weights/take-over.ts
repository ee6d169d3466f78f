import { type LearnedState, type LearnedWeightsState, learnedWeight, SpikewireError } from '@spikewire/models';
import type { LearnedWeights } from './weights.ts';

/** What became of the weights of one connection that another net has learned. */
export interface LearnedReport {
  readonly connection: string;
  readonly weights: number;
  /** Weights that the number format here has only nearly. */
  readonly rounded: number;
  /** Weights beyond its range, now at its end. */
  readonly clipped: number;
  /** The largest difference that this made, in units of the graph. */
  readonly largestError: number;
}

type Connections = ReadonlyMap<string, LearnedWeights>;

/**
 * Throws `store` where a state knows a connection that does not learn here, or that has another number of weights, or
 * one farther from 0 than it may be.
 */
export function expectFit(connections: Connections, learned: LearnedState): void {
  for (const [name, state] of learned) {
    const { weights } = state;
    const where = `what "${name}" has learned`;
    const own = connections.get(name);
    const length = own?.length;
    if (length === undefined) {
      const known = [...connections.keys()].join(', ') || 'none in this model';
      throw new SpikewireError('store', where, 'belongs to no connection that learns', known);
    }
    if (weights.length !== length)
      throw new SpikewireError('store', where, `is ${weights.length} weights`, `${length}`);
    const range = own!.state.value!.rangeOf(0);
    for (let k = 0; k < length; k++) {
      const weight = learnedWeight(state, k);
      if (!range.has(weight)) throw new SpikewireError('store', where, `has ${weight} at ${k}`, range.expected);
    }
  }
}

/** Sets weights to what was learned elsewhere, after all of it was found to fit. */
export function takeOver(connections: Connections, learned: LearnedState): LearnedReport[] {
  expectFit(connections, learned);
  return [...learned].map(([name, state]) => take(name, connections.get(name)!, state));
}

function take(connection: string, weights: LearnedWeights, state: LearnedWeightsState): LearnedReport {
  let [rounded, clipped, largestError] = [0, 0, 0];
  for (let k = 0; k < weights.length; k++) {
    const value = learnedWeight(state, k);
    const isClipped = weights.set(k, value);
    const error = Math.abs(weights.read(k) - value);
    if (isClipped) clipped++;
    else if (error > 0) rounded++;
    if (error > largestError) largestError = error;
  }
  return { connection, weights: weights.length, rounded, clipped, largestError };
}

/**
 * For people: `3 of 40 weights of "fc" cut to the range of their format, 37 rounded, by at most 0.002`; empty where all
 * are the same.
 */
export function describeLosses(reports: readonly LearnedReport[]): string {
  const lines = reports.flatMap(({ connection, weights, rounded, clipped, largestError }) => {
    if (rounded + clipped === 0) return [];
    const cut = clipped === 0 ? '' : `, ${clipped} cut to the range of their format`;
    const most = Number(largestError.toPrecision(2));
    return [`of ${weights} weights of "${connection}" ${rounded} were rounded${cut}, by at most ${most}`];
  });
  return lines.join('; ');
}
