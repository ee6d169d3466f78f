import { describe, expect, it } from 'vitest';
import { FloatWeights } from './float-weights.ts';

describe('float weights of a state', () => {
  it.each([
    ['float64', Float64Array],
    ['float32', Float32Array],
  ])('lie within float32, in which model files have them: %s', (_form, Numbers) => {
    const { value } = new FloatWeights(new Numbers(2), Float32Array.of(1, -2)).state;
    const largest = new Float32Array(Uint32Array.of(0x7f7fffff).buffer)[0]!;
    for (const number of [0, 1e-300, largest, -largest]) expect(value!.rangeOf(1).has(number)).toBe(true);
    for (const number of [2 * largest, -1e39, 1e308, Number.POSITIVE_INFINITY, Number.NaN])
      expect(value!.rangeOf(1).has(number)).toBe(false);
  });
});
