import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelayLine } from './delay-line.ts';

describe('DelayLine', () => {
  it('holds what was written up to its longest delay ago, and nothing from before the start', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.array(fc.integer(), { minLength: 1, maxLength: 30 }), (longest, emitted) => {
        const line = new DelayLine(1, longest);
        emitted.forEach((value, step) => {
          line.at(step)[0] = value;
          for (let delay = 0; delay <= longest; delay++)
            expect(line.at(step - delay)[0]).toBe(emitted[step - delay] ?? 0);
        });
      }),
    );
  });

  it('goes on past 2^32 steps', () => {
    const line = new DelayLine(2, 2);
    line.at(2 ** 40).set([5, 6]);
    expect(Array.from(line.at(2 ** 40 + 2 - 2))).toEqual([5, 6]);
    line.reset();
    expect(Array.from(line.at(2 ** 40))).toEqual([0, 0]);
  });
});
