import { expect, it } from 'vitest';
import { prepared } from '../../kinds/kind.ts';
import { surrogates } from '../../surrogates/surrogates.ts';
import { gradientsOf } from '../gradients.ts';
import { interpret } from '../interpret.ts';
import { programOf } from '../program.ts';
import { filled } from './elementwise.ts';
import { spike } from './spike.ts';
import { sumTo } from './sums.ts';
import { given } from './value.ts';

const MEMBRANES = [0.3, 1.5, 1.9, 2.6, -0.4, 0.9];
const THRESHOLDS = [2, 1.2, 0.7];

function smoothSpikes(surrogate: string, relative: boolean) {
  const [v, theta] = [given('v', [2, 3]), given('theta', [3])];
  const attributes = { comparison: 'ge', surrogate: prepared('surrogate', surrogates, surrogate), relative } as const;
  const loss = sumTo(spike(v, theta, { ...attributes, smooth: true }), []);
  const [ofV, ofTheta] = gradientsOf(loss, filled([], 1), [v, theta]);
  return { forward: programOf({ loss }), backward: programOf({ ofV: ofV!, ofTheta: ofTheta! }) };
}

it.each([
  ['triangular', true],
  ['triangular:height=0.8', true],
  ['arctan', true],
  ['arctan', false],
])('%s, relative to the threshold: %s, has the gradients of central differences', (surrogate, relative) => {
  const { forward, backward } = smoothSpikes(surrogate, relative);
  const numbers = new Map([
    ['v', [...MEMBRANES]],
    ['theta', [...THRESHOLDS]],
  ]);
  const found = interpret(backward, numbers);
  const at = () => interpret(forward, numbers).get('loss')![0]!;
  for (const [name, gradient] of [
    ['v', found.get('ofV')!],
    ['theta', found.get('ofTheta')!],
  ] as const) {
    const values = numbers.get(name)!;
    for (const [i, kept] of values.entries()) {
      values[i] = kept + 1e-5;
      const above = at();
      values[i] = kept - 1e-5;
      const below = at();
      values[i] = kept;
      expect(gradient[i], `${name}[${i}]`).toBeCloseTo((above - below) / 2e-5, 7);
    }
  }
});

it('has the derivative of DIET-SNN at a point: γ·max(0, 1 − |z − 1|) by z = v/θ', () => {
  const { backward } = smoothSpikes('triangular:height=0.3', true);
  const found = interpret(
    backward,
    new Map([
      ['v', [1.5, 9, 1.05, -1, 1, 0.7]],
      ['theta', [2, 4, 0.7]],
    ]),
  );
  expect(found.get('ofV')![0]).toBeCloseTo((0.3 * 0.75) / 2, 12);
  expect(found.get('ofV')![1]).toBe(0); // z = 2.25
  expect(found.get('ofV')![2]).toBeCloseTo((0.3 * 0.5) / 0.7, 12);
  expect(found.get('ofV')![3]).toBeCloseTo(0, 12); // z = −0.5
  expect(found.get('ofTheta')![1]).toBeCloseTo((-0.3 * 0.25 * 1) / 16, 12); // z = 0.25
});
