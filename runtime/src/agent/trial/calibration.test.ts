import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type CalibrationState, evidenceOfWorseConfidence, NEW_CALIBRATION, rate } from './calibration.ts';

const RIGHT = { old: 'a', new: 'a', label: 'a' };
const WRONG = { old: 'a', new: 'a', label: 'b' };

/** Labels of two models that give the same answers, right with a probability, and are as sure as said. */
function labelled(count: number, right: number, sure: { old: number; new: number }, seed: number): CalibrationState {
  const random = new RandomGenerator(seed, 'calibration');
  let state = NEW_CALIBRATION;
  for (let k = 0; k < count; k++) state = rate(state, random.nextUniform() < right ? RIGHT : WRONG, sure);
  return state;
}

describe('the calibration of two models', () => {
  it('adds up the Brier losses, written out', () => {
    const state = rate(rate(NEW_CALIBRATION, RIGHT, { old: 0.9, new: 0.6 }), WRONG, { old: 0.5, new: 1 });
    expect(state.rated).toBe(2);
    expect(state.oldLoss).toBeCloseTo(0.01 + 0.25, 12);
    expect(state.newLoss).toBeCloseTo(0.16 + 1, 12);
    expect(state.squares).toBeCloseTo(0.15 ** 2 + 0.75 ** 2, 12);
  });

  it('is no evidence before the first label, and less than the product of the bets', () => {
    expect(evidenceOfWorseConfidence(NEW_CALIBRATION)).toBeCloseTo(1, 12);
    const state = rate(rate(NEW_CALIBRATION, RIGHT, { old: 0.9, new: 0.6 }), WRONG, { old: 0.5, new: 1 });
    const stakes = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7];
    const y = (difference: number) => (difference - 0.01) / 1.01;
    const bets = stakes.map((stake) => (1 + stake * y(0.15)) * (1 + stake * y(0.75)));
    const product = bets.reduce((sum, bet) => sum + bet, 0) / stakes.length;
    expect(evidenceOfWorseConfidence(state, 0.01)).toBeLessThan(product);
    expect(evidenceOfWorseConfidence(state, 0.01)).toBeGreaterThan(1);
  });

  it('tells within 60 labels that a model is sure of what it does not know', () => {
    for (let seed = 0; seed < 20; seed++) {
      const gross = labelled(60, 0.6, { old: 0.6, new: 1 }, seed);
      expect(evidenceOfWorseConfidence(gross)).toBeGreaterThan(1);
      expect(evidenceOfWorseConfidence(labelled(60, 0.9, { old: 0.9, new: 0.1 }, seed))).toBeGreaterThan(20);
    }
  });

  // Both are wrong by as much, in the two directions: in mean neither loses more.
  it('accuses a model that is as good in at most 1 of 20 trials, whatever the number of looks', () => {
    let accused = 0;
    const trials = 1000;
    for (let seed = 0; seed < trials; seed++) {
      const random = new RandomGenerator(seed, 'as good');
      let state = NEW_CALIBRATION;
      let most = 0;
      for (let k = 0; k < 500; k++) {
        state = rate(state, random.nextUniform() < 0.5 ? RIGHT : WRONG, { old: 0.2, new: 0.8 });
        most = Math.max(most, evidenceOfWorseConfidence(state, 0));
      }
      if (most >= 20) accused++;
    }
    expect(accused / trials).toBeLessThanOrEqual(0.05);
    expect(accused).toBeGreaterThan(0);
  });
});
