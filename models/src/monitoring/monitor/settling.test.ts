import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Settling } from './settling.ts';

/** Two copies of a count of readings, and of those that the settled one took up. */
function settling() {
  const [current, settled] = [new Float64Array(1), new Float64Array(1)];
  const both = new Settling(current, settled);
  const read = (isUnusual: boolean, count = 1) => {
    for (let k = 0; k < count; k++) {
      both.begin();
      current[0]! += 1;
      if (!isUnusual) settled[0]! += 1;
      both.end(isUnusual);
    }
  };
  return { current, settled, read };
}

it('forgets what unusual readings taught after as many ordinary ones, and not before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999 }), (unusual) => {
      const { current, read } = settling();
      read(false, 50);
      read(true, unusual);
      read(false, unusual - 1);
      expect(current[0]).toBe(50 + 2 * unusual - 1);
      read(false);
      expect(current[0]).toBe(50 + unusual);
    }),
    { numRuns: 50 },
  );
});

it('keeps what a thousand more unusual readings than ordinary ones have taught', () => {
  const { current, settled, read } = settling();
  read(false, 50);
  read(true, 1000);
  expect([current[0], settled[0]]).toEqual([1050, 1050]);
  read(false, 1000);
  expect([current[0], settled[0]]).toEqual([2050, 2050]);
});

it('begins with one copy where a state of before has no other', () => {
  const { current, settled, read } = settling();
  current[0] = 400;
  read(true, 10);
  expect([current[0], settled[0]]).toEqual([410, 400]);
});
