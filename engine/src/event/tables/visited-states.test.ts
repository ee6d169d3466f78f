import { expect, it } from 'vitest';
import { visitedStates } from './visited-states.ts';

it('reaches a tenth further on each side than each variable went by itself', () => {
  // v goes round 0, ¼, … 1 and u twice as far, whatever drives them; they never spike.
  const advance = (state: Float64Array) => {
    state[0] = (state[0]! + 0.25) % 1.25;
    state[1] = 2 * state[0];
    return false;
  };
  const [lowV, highV, lowU, highU] = visitedStates(() => advance, Float64Array.of(0, 0));
  expect([lowV, highV]).toEqual([expect.closeTo(-0.1, 12), expect.closeTo(1.1, 12)]);
  expect([lowU, highU]).toEqual([expect.closeTo(-0.2, 12), expect.closeTo(2.2, 12)]);
});
