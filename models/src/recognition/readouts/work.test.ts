import { expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { delta } from './delta-readout.ts';
import { leastSquares } from './least-squares-readout.ts';
import { prototypes } from './prototype-readout.ts';
import type { ReadoutKind } from './readout.ts';
import { factorsFor, factorsWork, takeSample, varianceAlong } from './recursive-least-squares.ts';

const [INPUTS, MOST_CLASSES, CLASSES] = [23, 9, 4];

/** The numbers, and how often one of them was read. */
function counted<Numbers extends Float32Array | Float64Array>(numbers: Numbers) {
  const count = { reads: 0 };
  const watched = new Proxy(numbers, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) count.reads++;
      return Reflect.get(target, key, target);
    },
  });
  return { watched: watched as Numbers, count };
}

function sample(): Float64Array {
  const random = new RandomGenerator(1, 'work');
  return Float64Array.from({ length: INPUTS }, (_, i) => (i === 0 ? 1 : random.nextNormal()));
}

const kinds: readonly [string, ReadoutKind][] = [
  ['least squares', leastSquares(0.05)],
  ['the delta rule', delta],
  ['prototypes', prototypes],
];

it.each(kinds)('%s: its arrays take the bytes that it states', (_, kind) => {
  const { state } = kind.open(INPUTS, MOST_CLASSES);
  const bytes = Object.values(state).reduce((sum, { view }) => sum + view.byteLength, 0);
  expect(kind.cost(INPUTS, MOST_CLASSES, CLASSES).learnedBytes).toBe(bytes);
});

it.each(kinds)('%s: a score reads each weight of each class once', (_, kind) => {
  const readout = kind.open(INPUTS, MOST_CLASSES);
  readout.learn(sample(), new Float64Array(MOST_CLASSES), { label: 1, classes: CLASSES, weight: 1 });
  const { watched, count } = counted(sample());
  readout.score(readout.weights, watched, CLASSES, new Float64Array(MOST_CLASSES));
  expect(count.reads).toBe(kind.cost(INPUTS, MOST_CLASSES, CLASSES).scoreWork);
});

it('least squares: U is read once in each of two passes, of which one multiplies twice', () => {
  const factors = factorsFor(INPUTS, 1);
  const upper = counted(factors.upper);
  takeSample({ ...factors, upper: upper.watched }, sample());
  const pairs = upper.count.reads / 2;
  expect(factorsWork(INPUTS).sample).toBe(3 * pairs + INPUTS);
  upper.count.reads = 0;
  varianceAlong({ ...factors, upper: upper.watched }, sample());
  expect(factorsWork(INPUTS).variance).toBe(upper.count.reads + 2 * INPUTS);
});
