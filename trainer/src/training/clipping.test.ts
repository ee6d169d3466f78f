import { expect, it } from 'vitest';
import { interpret } from '../graph/interpret.ts';
import { sumOfSquares } from '../graph/operations/squares.ts';
import { sumOf } from '../graph/operations/time.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { clipped } from './clipping.ts';

it.each([
  [1, [0.6, 0, 0.8]],
  [10, [3, 0, 4]],
])('gradients of a common length of 5 come to %d at most, in their direction', (most, expected) => {
  const gradients = [given('a', [2]), given('b', [1])];
  const [a, b] = clipped(gradients, sumOf(gradients.map(sumOfSquares)), most);
  const found = interpret(
    programOf({ a: a!, b: b! }),
    new Map([
      ['a', [3, 0]],
      ['b', [4]],
    ]),
  );
  const close = expected.map((value) => expect.closeTo(value, 12));
  expect([...found.get('a')!, ...found.get('b')!]).toEqual(close);
});
