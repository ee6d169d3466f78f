import type { LearnedWeightsState } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { FloatWeights } from './float-weights.ts';
import { expectFit } from './take-over.ts';

const LARGEST = new Float32Array(Uint32Array.of(0x7f7fffff).buffer)[0]!;

describe('float weights of a state', () => {
  const taking = (own: FloatWeights, weights: LearnedWeightsState['weights']) => () =>
    expectFit(new Map([['fc', own]]), new Map([['fc', { weights }]]));

  it.each([
    ['float64', Float64Array],
    ['float32', Float32Array],
  ])('lie within float32, in which model files have them: %s', (_form, Numbers) => {
    const own = new FloatWeights(new Numbers(2), Float32Array.of(1, -2));
    for (const number of [0, 1e-300, LARGEST, -LARGEST]) expect(taking(own, Float64Array.of(1, number))).not.toThrow();
    for (const number of [2 * LARGEST, -1e39, 1e308, Number.POSITIVE_INFINITY, Number.NaN])
      expect(taking(own, Float64Array.of(1, number))).toThrow(`what "fc" has learned: has ${number} at 1; expected a`);
  });

  it('go as far as those of the model, where these go farther', () => {
    const own = new FloatWeights(new Float64Array(2), Float64Array.of(1, -1e300));
    expect(taking(own, own.save().weights)).not.toThrow();
    expect(taking(own, Float64Array.of(1e300, 2))).not.toThrow();
    expect(taking(own, Float64Array.of(1.1e300, 2))).toThrow('has 1.1e+300 at 0');
  });
});
