import { describe, expect, it } from 'vitest';
import { surrogates } from './surrogates.ts';

const PLACES = Array.from({ length: 401 }, (_, k) => (k - 200) / 50);

describe.each(surrogates.map((surrogate) => [surrogate.name, surrogate] as const))('surrogate %s', (_, surrogate) => {
  it('is symmetric and highest at the threshold', () => {
    for (const x of PLACES) {
      expect(surrogate.derivative(x)).toBeCloseTo(surrogate.derivative(-x), 12);
      expect(surrogate.derivative(x)).toBeLessThanOrEqual(surrogate.derivative(0));
    }
  });

  it('is the derivative of its soft spike, which is ½ at the threshold', () => {
    expect(surrogate.primitive(0)).toBe(0.5);
    for (const [place, x] of PLACES.slice(1).entries()) {
      const from = PLACES[place]!;
      // Trapezoids over the interval, fine enough for the corners of triangle and rectangle.
      const parts = 2000;
      let area = 0;
      for (let k = 0; k < parts; k++) area += surrogate.derivative(from + ((k + 0.5) / parts) * (x - from));
      expect(surrogate.primitive(x) - surrogate.primitive(from)).toBeCloseTo((area / parts) * (x - from), 5);
    }
  });
});
