import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar } from './calendar.ts';

const SIZE = 12;

/** Near, within the year, far beyond it, never. */
const ahead = fc.oneof(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: 100_000 }),
  fc.double({ min: 0.001, max: 600, noNaN: true }),
  fc.constant(2 ** 40),
  fc.constant(Number.POSITIVE_INFINITY),
);
const move = fc.record({ neuron: fc.nat({ max: SIZE - 1 }), ahead });

describe('Calendar', () => {
  it('keeps the order of a sorted list, whatever is made, moved and dropped', () => {
    fc.assert(
      fc.property(fc.array(fc.array(move, { maxLength: 6 }), { maxLength: 40 }), (rounds) => {
        const calendar = new Calendar(SIZE);
        const due = new Map<number, number>();
        let now = -1;
        for (const moves of rounds) {
          for (const { neuron, ahead } of moves) {
            calendar.set(neuron, now + ahead);
            if (ahead === Number.POSITIVE_INFINITY) due.delete(neuron);
            else due.set(neuron, now + ahead);
          }
          const earliest = Math.min(...due.values());
          expect(calendar.earliest).toBe(earliest);
          expect(calendar.isEmpty).toBe(due.size === 0);
          if (due.size === 0) continue;
          now = earliest;
          const found: number[] = [];
          calendar.forEachAt(now, (neuron) => found.push(neuron));
          const expected = [...due].filter(([, time]) => time === now).map(([neuron]) => neuron);
          expect(found.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
          for (const neuron of found) {
            calendar.set(neuron, Number.POSITIVE_INFINITY);
            due.delete(neuron);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
