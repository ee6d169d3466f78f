import { expect, it } from 'vitest';
import { weightOfAlphaPeak } from './alpha-current.ts';

/** The largest of the solution of τ_m dv/dt = −v + w·t/τ_s²·e^(−t/τ_s), which holds the weight of a spike as charge. */
function peakOf(weight: number, tauSynapse: number, tauMembrane: number): number {
  const rate = 1 / tauSynapse - 1 / tauMembrane;
  let most = 0;
  for (let t = 0; t < 10 * Math.max(tauSynapse, tauMembrane); t += tauSynapse / 1000) {
    const inside = 1 / rate ** 2 - (t / rate + 1 / rate ** 2) * Math.exp(-rate * t);
    most = Math.max(most, (weight / (tauSynapse ** 2 * tauMembrane)) * Math.exp(-t / tauMembrane) * inside);
  }
  return most;
}

it.each([
  [0.000326, 0.01],
  [0.003, 0.02],
  [0.02, 0.005],
])('weightOfAlphaPeak moves a membrane by 1 at most: synapse %d s, membrane %d s', (tauSynapse, tauMembrane) => {
  const dt = 1e-6;
  // A spike lasts a step, so its charge is the weight times dt.
  const weight = weightOfAlphaPeak({ tauSynapse, tauMembrane, dt });
  expect(peakOf(weight * dt, tauSynapse, tauMembrane)).toBeCloseTo(1, 2);
});
