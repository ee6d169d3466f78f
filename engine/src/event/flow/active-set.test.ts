import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveSet } from './active-set.ts';

describe('ActiveSet', () => {
  it('gives what was added once, ascending, and is empty afterwards', () => {
    const plan = fc
      .integer({ min: 1, max: 5000 })
      .chain((size) => fc.tuple(fc.constant(size), fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 40 }))));
    fc.assert(
      fc.property(plan, ([size, rounds]) => {
        const set = new ActiveSet(size);
        for (const elements of rounds) {
          for (const element of elements) set.add(element);
          const expected = [...new Set(elements)].sort((a, b) => a - b);
          expect([...set.drained.subarray(0, set.drain())]).toEqual(expected);
        }
      }),
    );
  });

  it.each([1, 31, 32, 33, 1023, 1024, 1025, 3000])('takes all of %d elements, and none after clear', (size) => {
    const set = new ActiveSet(size);
    set.addAll();
    expect(set.drain()).toBe(size);
    expect([...set.drained]).toEqual(Array.from({ length: size }, (_, i) => i));
    set.addAll();
    set.clear();
    expect(set.drain()).toBe(0);
  });
});
