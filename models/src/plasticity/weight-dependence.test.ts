import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlasticityView, WeightChange } from './rule.ts';
import { perSynapse, timesPower, timesRoom } from './weight-dependence.ts';

const view: PlasticityView = {
  pre: [{ at: (i) => 0.3 + i }, { at: (i) => 10 + i }],
  post: [{ at: (j) => 0.7 - j }],
  signal: new Float64Array(0),
  memory: {},
};

const changeOf = (change: WeightChange, side: 'pre' | 'post', w: number, i: number, j: number) =>
  (typeof change === 'function' ? change : perSynapse(change, side))(w, i, j, view);

describe('a linear change, synapse by synapse', () => {
  it('is (factor·x + offset)(constant + slope·w) with x from the other side', () => {
    const change = {
      trace: 1,
      factor: (n: number) => 2 + n,
      offset: (n: number) => -n,
      dependence: { constant: 3, slope: -0.5 },
    };
    expect(changeOf(change, 'post', 4, 5, 6)).toBe(((2 + 6) * (10 + 5) - 6) * (3 - 0.5 * 4));
    expect(changeOf({ ...change, trace: 0 }, 'pre', 4, 5, 6)).toBe(((2 + 5) * (0.7 - 6) - 5) * (3 - 0.5 * 4));
    expect(changeOf({ factor: () => 2 }, 'pre', 1, 0, 0)).toBe(2);
  });
});

describe('weight dependence', () => {
  const plain = { trace: 0, factor: () => 0.2, offset: () => -0.05 };
  const number = fc.double({ min: 0, max: 1, noNaN: true });

  it('times w^μ and (w_max − w)^μ for any μ, the linear forms among them', () => {
    fc.assert(
      fc.property(number, fc.constantFrom(0, 1, 0.3, 2), (w, mu) => {
        const base = 0.2 * 0.3 - 0.05;
        expect(changeOf(timesPower(plain, 'post', mu), 'post', w, 0, 0)).toBeCloseTo(base * w ** mu, 14);
        expect(changeOf(timesRoom(plain, 'post', mu, 1.5), 'post', w, 0, 0)).toBeCloseTo(base * (1.5 - w) ** mu, 14);
      }),
    );
  });

  it('changes nothing beyond the end of a fractional power', () => {
    expect(changeOf(timesRoom(plain, 'post', 0.5, 1), 'post', 1.2, 0, 0)).toBeCloseTo(0, 14);
    expect(changeOf(timesPower(plain, 'post', 0.5), 'post', -0.2, 0, 0)).toBeCloseTo(0, 14);
  });
});
