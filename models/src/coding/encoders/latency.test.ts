import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { latencyOf, strengthOfLatency } from './latency.ts';
import { population } from './population.ts';

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

  it('of receptive fields goes over as many steps as they say', () => {
    // Centres −0.5, 0.5 and 1.5 of width 2/3: responses e^(−9/8), 1 and e^(−9/8) in the middle.
    const site = { size: 3, steps: 40, dt: 0.001, random: new RandomGenerator(1, 'test') };
    const stepsOf = (parameters: object) => {
      const steps: number[] = [];
      population.prepare({ fields: 3, emits: 'latency', ...parameters }, site).encode([0.5], (step, index) => {
        steps[index] = step;
      });
      return steps;
    };
    expect(stepsOf({ latest: 10 })).toEqual([7, 0, 7]);
    expect(stepsOf({})).toEqual([26, 0, 26]);
    expect(stepsOf({ latest: 1000 })).toEqual([26, 0, 26]);
  });

  it('has one step to choose from in a sample of one step', () => {
    expect([latencyOf(0, 1), latencyOf(1, 1), strengthOfLatency(0, 1)]).toEqual([0, 0, 1]);
  });
});
