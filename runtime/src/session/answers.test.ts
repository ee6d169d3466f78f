import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentAnswers } from './answers.ts';

const CAPACITY = 5;
const answer = fc.record({ time: fc.integer({ min: 0, max: 30 }), value: fc.double({ noNaN: true }) });

describe('recent answers', () => {
  it('finds what a search of the last answers finds, also through its saved array', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 20 }), fc.option(fc.integer({ min: -1, max: 31 })), (given, asked) => {
        const answers = new RecentAnswers(CAPACITY, 2);
        for (const [step, { time, value }] of given.entries())
          answers.add({ time, step, winner: (step % 3) - 1, values: Float64Array.of(value, -value) });
        const restored = new RecentAnswers(CAPACITY, 2);
        restored.state.set(answers.state);

        const time = asked ?? undefined;
        const kept = [...given.entries()].slice(-CAPACITY);
        const expected = kept.findLast(([, one]) => time === undefined || one.time <= time);
        for (const ring of [answers, restored]) {
          const found = ring.find(time);
          expect(found?.step).toBe(expected?.[0]);
          expect(found?.winner).toBe(expected && (expected[0] % 3) - 1);
          expect(found?.values).toEqual(expected && Float64Array.of(expected[1].value, -expected[1].value));
        }
      }),
    );
  });

  it('has nothing to find once cleared', () => {
    const answers = new RecentAnswers(CAPACITY, 1);
    answers.add({ time: 0, step: 0, winner: 0, values: Float64Array.of(1) });
    answers.clear();
    expect(answers.find(undefined)).toBeUndefined();
    expect(answers.find(1e9)).toBeUndefined();
  });
});
