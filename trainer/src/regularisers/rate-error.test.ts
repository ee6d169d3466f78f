import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { filled } from '../graph/operations/elementwise.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import type { LoweredGraph } from '../lowering/lower.ts';
import { Signal } from '../lowering/signal.ts';
import { rateError } from './rate-error.ts';

it('is the share of rates over their squares and steps, learned through p', () => {
  const [z, p] = [given('z', [2, 2]), given('p', [])];
  const net = { signals: new Map([['a', Signal.ofParts([z])]]), parameters: new Map([['p', p]]) };
  const value = rateError([{ node: 'a', p: 'p', largest: 4 }], 5, 0.3)(net as unknown as LoweredGraph);
  const [slope] = gradientsOf(value, filled([], 1), [p]);
  const found = interpret(
    programOf({ value, slope: slope! }),
    new Map([
      ['z', [0.5, 1, 0, 1.5]],
      ['p', [0.6]],
    ]),
  );
  const rates = [0.5, 1, 0, 1.5].map((each) => each / (4 * 0.6));
  const sum = rates.reduce((a, b) => a + b);
  const squares = rates.reduce((a, b) => a + b * b, 0);
  expect(found.get('value')![0]).toBeCloseTo((0.3 * sum) / squares / 5, 12);
  expect(found.get('slope')![0]).toBeCloseTo((0.3 * sum) / squares / 5 / 0.6, 12);
});

it.each([1, 2, 5, 16])('bounds the squared error of rates that neurons with soft reset count in %d steps', (steps) => {
  const random = new RandomGenerator(4, 'rates');
  for (let trial = 0; trial < 50; trial++) {
    const rates = Array.from({ length: 20 }, () => random.nextUniform() ** 3);
    const errors = rates.map((rate) => {
      let [v, count] = [0, 0];
      for (let step = 0; step < steps; step++) {
        v += rate;
        if (v >= 1) {
          v -= 1;
          count++;
        }
      }
      return (count / steps - rate) ** 2;
    });
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
    const squares = sum(rates.map((rate) => rate ** 2));
    expect(sum(errors) / squares).toBeLessThanOrEqual(sum(rates) / (steps * squares) + 1e-12);
  }
});
