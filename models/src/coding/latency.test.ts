import { describe, expect, it } from 'vitest';
import { latencyOf, strengthOfLatency } from './latency.ts';

describe('latency', () => {
  it('fires the strongest in the first step and the weakest in the last', () => {
    expect([1, 0.75, 0.5, 0].map((strength) => latencyOf(strength, 11))).toEqual([0, 3, 5, 10]);
  });

  it('gives the strength back within half a step', () => {
    for (const steps of [2, 11, 100]) {
      for (let strength = 0; strength <= 1; strength += 0.01) {
        const error = strengthOfLatency(latencyOf(strength, steps), steps) - strength;
        expect(Math.abs(error)).toBeLessThanOrEqual(0.5 / (steps - 1) + 1e-12);
      }
    }
  });

  it('has one step to choose from in a sample of one step', () => {
    expect([latencyOf(0, 1), latencyOf(1, 1), strengthOfLatency(0, 1)]).toEqual([0, 0, 1]);
  });
});
