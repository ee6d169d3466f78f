import { learnedIn, learnedTensors } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { FloatWeights } from './float-weights.ts';

const LARGEST = new Float32Array(Uint32Array.of(0x7f7fffff).buffer)[0]!;

describe('float weights of a state', () => {
  it.each([
    ['float64', Float64Array],
    ['float32', Float32Array],
  ])('lie within float32, in which model files have them: %s', (_form, Numbers) => {
    const { value } = new FloatWeights(new Numbers(2), Float32Array.of(1, -2)).state;
    for (const number of [0, 1e-300, LARGEST, -LARGEST]) expect(value!.rangeOf(1).has(number)).toBe(true);
    for (const number of [2 * LARGEST, -1e39, 1e308, Number.POSITIVE_INFINITY, Number.NaN])
      expect(value!.rangeOf(1).has(number)).toBe(false);
  });

  it('are saved within it, however far they have grown', () => {
    const weights = new FloatWeights(new Float64Array(3), Float32Array.of(1, 2, 3));
    weights.add(0, 1e300);
    weights.add(1, Number.NEGATIVE_INFINITY);
    weights.add(2, Number.NaN);
    const saved = weights.save();
    expect(learnedIn({ tensors: learnedTensors(new Map([['fc', saved]])) }).get('fc')!.weights).toEqual(
      Float64Array.of(LARGEST, -LARGEST, 3),
    );
  });
});
