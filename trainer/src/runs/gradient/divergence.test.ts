import { expect, it } from 'vitest';
import type { LearnedParameter } from '../../lowering/learned.ts';
import { refuseDivergence, whyConstant, whyUseless } from './divergence.ts';

const LENGTH = 1000;

/** Two layers after a step, in which all was well but for what is given. */
function after(step: number, changes: Readonly<Record<string, Float32Array>>) {
  const learned = ['first', 'second'].map((node) => ({ name: `${node}.weight`, node, key: 'weight' }));
  const outputs = Object.fromEntries(
    learned.flatMap(({ name }) => [
      [`${name}/gradient`, Float32Array.of(1)],
      [`next/${name}`, new Float32Array(LENGTH).fill(-3)],
    ]),
  );
  const all = { loss: Float32Array.of(2), ...outputs, ...changes };
  return () => refuseDivergence(all, learned as unknown as LearnedParameter[], step);
}

it('lets pass what is finite', () => {
  expect(after(7, { 'next/first.weight': new Float32Array(LENGTH).fill(2 ** 24) })).not.toThrow();
});

it('names step and node of what is not, of several the one next to the output', () => {
  const [infinite, missing] = [Float32Array.of(Number.POSITIVE_INFINITY), Float32Array.of(Number.NaN)];
  expect(after(7, { 'first.weight/gradient': infinite })).toThrow(
    'training step 7: the gradient of "first" is not finite; expected a lower --learning-rate, or other options ' +
      'nearer their defaults',
  );
  const both = { 'first.weight/gradient': infinite, 'second.weight/gradient': missing };
  expect(after(7, both)).toThrow('the gradient of "second" is not finite');
  expect(after(8, { loss: missing, 'first.weight/gradient': missing })).toThrow(
    'training step 8: the loss is NaN, from "first" on',
  );
  expect(after(8, { loss: missing })).toThrow('the loss is NaN, from "second" on');
});

it('finds any single number that has grown too large, in one of four steps for a thousand', () => {
  for (const [index, value] of [-2e7, Number.NaN, 3e38, Number.NEGATIVE_INFINITY].entries()) {
    const weight = new Float32Array(LENGTH).fill(1);
    weight[LENGTH - 1 - index] = value;
    const found = [1, 2, 3, 4].filter((step) => {
      try {
        after(step, { 'next/first.weight': weight })();
        return false;
      } catch (problem) {
        expect((problem as Error).message).toContain(`the weight of "first" has a number as large as `);
        return true;
      }
    });
    expect(found).toHaveLength(1);
  }
});

it('calls a net useless only where it was better before it learned, and is right no more often than by chance', () => {
  const labels = Int32Array.from({ length: 400 }, (_, k) => (k < 100 ? 1 : k % 4));
  // 175 of 400 are of class 1: 0.4375, with a standard deviation of 0.0248, of 25 samples 0.0992.
  const after = (loss: number, accuracy: number, before = { loss: 2, accuracy: 0.5 }) =>
    whyUseless({ training: { loss, accuracy } }, before, labels, 25);
  expect(after(2.4, 0.1)).toBeUndefined();
  expect(after(2, 0.4375)).toBeUndefined();
  expect(after(9, 0.5)).toBeUndefined();
  expect(after(9, 0.48)).toBe(
    'this epoch: the loss is 9.00 and 48.00 % are right, about as many as by naming always one class; ' +
      'before learning 2.00 and 50.00 %; expected a lower --learning-rate, or other options nearer their defaults',
  );
  // A net that is silent, once it has learned: its loss is that of chance.
  expect(after(Math.log(4), 0.4375, { loss: 1.3, accuracy: 0.8 })).toBeUndefined();
  expect(after(Math.log(4), 0.4375, { loss: 1.3, accuracy: 0.84 })).toContain('1.39 and 43.75 % are right');
});

it('calls a trained net useless of which less than a tenth is left, also where samples are many', () => {
  const labels = Int32Array.from({ length: 10_000 }, (_, k) => k % 10);
  // Chance and two deviations of 10,000 samples: 0.106.
  const after = (accuracy: number, before: number) =>
    whyUseless({ training: { loss: 7000, accuracy } }, { loss: 1, accuracy: before }, labels, 32);
  expect(after(0.14, 0.53)).toContain('14.00 % are right');
  expect(after(0.15, 0.53)).toBeUndefined();
  expect(after(0.14, 0.13)).toBeUndefined();
});

it('says that a net names the same class for all samples, of several classes', () => {
  const labels = Int32Array.of(0, 1, 1, 1);
  const said = (answers: number[], wanted = labels) => whyConstant(Int32Array.from(answers), wanted, ['a', 'b']);
  expect(said([1, 1, 1, 1])).toBe(
    'the net names "b" for each of 4 test samples; expected a lower --learning-rate, or other options nearer their ' +
      'defaults',
  );
  expect(said([-1, -1, -1, -1])).toContain('names no class for each of 4');
  expect(said([1, 1, 0, 1])).toBeUndefined();
  expect(said([1, 1, 1, 1], Int32Array.of(1, 1, 1, 1))).toBeUndefined();
  expect(said([])).toBeUndefined();
});

it('calls no net useless because its first batch had a low loss by chance', () => {
  const score = (loss: number, accuracy: number) => ({ loss, accuracy });
  const after = (training: [number, number], before: [number, number], others: number, size: number) => {
    const labels = Int32Array.from({ length: 400 }, (_, k) => Number(k < others));
    return whyUseless({ training: score(...training) }, score(...before), labels, size);
  };
  // One in twenty of another class, and none of them in the batch.
  expect(after([0.347, 0.95], [0.0012, 1], 20, 16)).toBeUndefined();
  // Eight samples, of two classes.
  expect(after([4.43, 0.5], [3.47, 0.625], 200, 8)).toBeUndefined();
  expect(after([9, 0.5], [0.7, 0.625], 200, 8)).toBeUndefined();
  // Beyond four standard deviations of the batch, of which half are of the other class.
  expect(after([1.15, 0.5], [0.7, 0.5], 200, 64)).toBeUndefined();
  expect(after([1.25, 0.5], [0.7, 0.5], 200, 64)).toContain('naming always one class');
});
