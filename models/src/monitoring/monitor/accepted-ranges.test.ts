import { expect, it } from 'vitest';
import { AcceptedRanges } from './accepted-ranges.ts';

const SENSITIVITY = 3;

/** Two numbers that were called normal together, and how a further score of the first is judged. */
function accepting(normalFor: number) {
  const accepted = new AcceptedRanges(2, normalFor);
  accepted.accept(0, 20, 25);
  const judged = (number: number, score = 10, sensitivity = SENSITIVITY) =>
    accepted.judged(0, score, number, sensitivity);
  return { accepted, judged };
}

it('keeps the scores of what lies within down to the sensitivity, and no others', () => {
  const { accepted, judged } = accepting(100);
  expect([20, 22, 25, 25.1, 19.9].map((number) => judged(number))).toEqual([3, 3, 3, 10, 10]);
  expect([judged(22, 2), judged(22, 10, 0)]).toEqual([2, 0]);
  expect(accepted.judged(1, 10, 22, SENSITIVITY)).toBe(10);
  accepted.accept(0, 30, 31);
  expect([28, 31.1].map((number) => judged(number))).toEqual([3, 10]);
  accepted.forget();
  expect(judged(22)).toBe(10);
});

it('holds until nothing has come for as many readings as are said, and no longer', () => {
  const { accepted, judged } = accepting(100);
  for (let round = 0; round < 3; round++) {
    for (let k = 0; k < 99; k++) judged(22, 1);
    expect(judged(22)).toBe(3);
  }
  for (let k = 0; k < 100; k++) judged(40);
  expect([judged(22), accepted.any]).toEqual([10, false]);
});
