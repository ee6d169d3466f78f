import { describe, expect, it } from 'vitest';
import { interpret } from '../graph/interpret.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { surrogates } from './surrogates.ts';

/** h at many points. */
function slopesOf(surrogate: Surrogate, points: readonly number[]): Float64Array {
  const slopes = surrogate.slope(given('x', [points.length]));
  return interpret(programOf({ slopes }), new Map([['x', points]])).get('slopes')!;
}

const POINTS = Array.from({ length: 401 }, (_, k) => (k - 200) / 50);

describe.each(surrogates.map(({ name }) => name))('surrogate %s', (name) => {
  const surrogate = prepared('surrogate', surrogates, name);

  it('is symmetric and highest at the threshold', () => {
    const [slopes, mirrored] = [slopesOf(surrogate, POINTS), slopesOf(surrogate, POINTS.toReversed())];
    const [peak] = slopesOf(surrogate, [0]);
    for (const [k, slope] of slopes.entries()) {
      expect(slope).toBeCloseTo(mirrored[k]!, 12);
      expect(slope).toBeLessThanOrEqual(peak!);
    }
  });

  it('is the derivative of its soft spike, which is ½ at the threshold', () => {
    expect(surrogate.soft(0)).toBe(0.5);
    for (const [k, x] of POINTS.slice(1).entries()) {
      const from = POINTS[k]!;
      // Midpoints over the interval, fine enough for the corners of triangle and rectangle.
      const parts = 2000;
      const middles = Array.from({ length: parts }, (_, k) => from + ((k + 0.5) / parts) * (x - from));
      const area = slopesOf(surrogate, middles).reduce((sum, slope) => sum + slope, 0);
      expect(surrogate.soft(x) - surrogate.soft(from)).toBeCloseTo((area / parts) * (x - from), 5);
    }
  });
});
