import { expect, it } from 'vitest';
import { weightOfJump, weightOfPeak } from './exponential-current.ts';

const timing = { tauSynapse: 0.004, tauMembrane: 0.013, dt: 1e-4 };

/**
 * The potential after a spike of a weight, at the end of each step: a low-pass of exact steps before a membrane of
 * exact steps.
 */
function potential(weight: number, steps: number): number[] {
  const [inSynapse, inMembrane] = [timing.tauSynapse, timing.tauMembrane].map((tau) => Math.exp(-timing.dt / tau));
  let [current, v] = [0, 0];
  return Array.from({ length: steps }, (_, step) => {
    current = inSynapse! * current + (1 - inSynapse!) * (step === 0 ? weight : 0);
    v = inMembrane! * v + (1 - inMembrane!) * current;
    return v;
  });
}

it('weightOfJump follows the current that jumps by 1 and falls off', () => {
  const { tauSynapse, tauMembrane, dt } = timing;
  // The solution of τ_m dv/dt = −v + e^(−t/τ_s).
  const factor = tauSynapse / (tauMembrane - tauSynapse);
  const solution = (t: number) => factor * (Math.exp(-t / tauMembrane) - Math.exp(-t / tauSynapse));
  potential(weightOfJump(timing), 300).forEach((v, step) => {
    expect(v).toBeCloseTo(solution((step + 1) * dt), 12);
  });
});

it('weightOfPeak moves the membrane by 1 at most', () => {
  expect(Math.max(...potential(weightOfPeak(timing), 600))).toBeCloseTo(1, 4);
});

it.each([weightOfJump, weightOfPeak])('there are none for equal time constants: %o', (weightOf) => {
  const timing = { tauSynapse: 0.01, tauMembrane: 0.01, dt: 0.001 };
  expect(() => weightOf(timing)).toThrow(/^tauSynapse: is 0\.01, as tauMembrane; expected another time constant$/);
});
