import { winnerOf } from '../../recognition/winner.ts';

/**
 * Writes e^(x_i/T) / Σ e^(x_k/T) into `probability`; relative to the largest, so that nothing overflows. Returns the
 * largest's index.
 */
export function softmax(x: ArrayLike<number>, temperature: number, probability: Float64Array): number {
  const winner = winnerOf(x);
  let total = 0;
  for (let i = 0; i < x.length; i++) {
    probability[i] = Math.exp((x[i]! - x[winner]!) / temperature);
    total += probability[i]!;
  }
  for (let i = 0; i < x.length; i++) probability[i]! /= total;
  return winner;
}
