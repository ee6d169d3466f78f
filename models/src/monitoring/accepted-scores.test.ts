import { describe, expect, it } from 'vitest';
import { AcceptedScores } from './accepted-scores.ts';

const SENSITIVITY = 3;

describe('accepted scores', () => {
  it('are not above the sensitivity from then on, higher ones are', () => {
    const accepted = new AcceptedScores(100);
    const judged = (score: number, sensitivity = SENSITIVITY) => accepted.judged(score, sensitivity);
    expect([judged(2), judged(10)]).toEqual([2, 10]);
    accepted.acceptLast();
    expect([judged(10), judged(7), judged(2), judged(10.5)]).toEqual([3, 3, 2, 10.5]);
    expect(judged(10, 0)).toBe(0);
  });

  it('hold until none has come for as many readings as are said, and no longer', () => {
    const accepted = new AcceptedScores(100);
    accepted.judged(10, SENSITIVITY);
    accepted.acceptLast();
    for (let round = 0; round < 3; round++) {
      for (let k = 0; k < 98; k++) accepted.judged(1, SENSITIVITY);
      expect(accepted.judged(9, SENSITIVITY)).toBe(3);
    }
    for (let k = 0; k < 100; k++) accepted.judged(1, SENSITIVITY);
    expect(accepted.judged(9, SENSITIVITY)).toBe(9);
  });
});
