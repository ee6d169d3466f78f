import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';
import { Patience } from './patience.ts';

it('learns from flagged readings only while they have outnumbered ordinary ones by 300', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 400 })), { maxLength: 12 }), (runs) => {
      const patience = new Patience(1);
      let [surplus, hasEnded] = [0, false];
      for (const [isFlagged, length] of runs) {
        for (let k = 0; k < length; k++) {
          surplus = Math.min(300, Math.max(0, surplus + (isFlagged ? 1 : -1)));
          hasEnded = surplus === 300 || (hasEnded && surplus > 0);
          expect(patience.teaches(0, isFlagged)).toBe(!isFlagged || hasEnded);
        }
      }
    }),
    { numRuns: 50 },
  );
});

it.each([1, 2, 3])('keeps the limit of jumps where it was after six bursts of large ones (seed %i)', (seed) => {
  const random = new RandomGenerator(seed, 'noise');
  const noise = (count: number) => Array.from({ length: count }, () => [random.nextNormal()]);
  const { read } = reader('jump', ['level'], noise(5000));
  const limit = () => {
    const [before, after] = [read([0], false), read([1000], false)];
    read([0], false);
    return before && 1000 / after.score;
  };
  const before = limit();
  for (let fault = 0; fault < 6; fault++) {
    for (let k = 0; k < 40; k++) read([k % 2 === 0 ? 100 : -100]);
    for (const values of noise(40)) read(values);
  }
  expect(limit() / before).toBeGreaterThan(0.7);
  expect(limit() / before).toBeLessThan(1.4);
});
