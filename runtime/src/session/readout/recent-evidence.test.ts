import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentEvidence } from './recent-evidence.ts';

const CAPACITY = 5;
const window = fc.record({
  time: fc.integer({ min: 0, max: 30 }),
  count: fc.integer({ min: 0, max: 255 }),
  answered: fc.integer({ min: -1, max: 31 }),
});

it('finds what a search of the last windows finds, also through its saved arrays', () => {
  fc.assert(
    fc.property(fc.array(window, { maxLength: 20 }), fc.option(fc.integer({ min: -1, max: 31 })), (given, asked) => {
      const recent = new RecentEvidence(CAPACITY, 2);
      for (const { time, count, answered } of given) recent.add(time, Uint8Array.of(count, 255 - count), answered);
      const restored = new RecentEvidence(CAPACITY, 2);
      restored.state.times.set(recent.state.times);
      for (const key of ['evidence', 'answered', 'taught'] as const) restored.state[key].set(recent.state[key]);

      const time = asked ?? undefined;
      const kept = [...given.entries()].slice(-CAPACITY);
      const expected = kept.findLast(([, one]) => time === undefined || one.time <= time);
      for (const ring of [recent, restored]) {
        expect(ring.find(time)).toEqual(
          expected && {
            window: expected[0],
            evidence: Uint8Array.of(expected[1].count, 255 - expected[1].count),
            answered: expected[1].answered,
            taught: -1,
          },
        );
      }
    }),
  );
});

it('marks a window as long as it is kept, and no other in its place', () => {
  const recent = new RecentEvidence(2, 1);
  recent.add(0, Uint8Array.of(1), 0);
  recent.mark(0, 3);
  expect(recent.find(0)?.taught).toBe(3);
  recent.add(1, Uint8Array.of(2), 0);
  recent.add(2, Uint8Array.of(3), 0);
  recent.mark(0, 4);
  expect([recent.find(2)?.taught, recent.find(1)?.taught]).toEqual([-1, -1]);
});
