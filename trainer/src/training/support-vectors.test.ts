import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { ActiveInputs, SupportVectors } from './support-vectors.ts';

const answerOf = ({ weights }: SupportVectors, [x, y]: readonly number[], c: number) =>
  weights[3 * c]! * x! + weights[3 * c + 1]! * y! + weights[3 * c + 2]!;

it.each([0.01, 1, 300])('has all samples of %d beyond the margin, where a line divides them', (unit) => {
  const random = new RandomGenerator(4, 'samples');
  const samples = Array.from({ length: 60 }, (_, k) => {
    const centre = [
      [4, 0.5],
      [0.5, 4],
      [4, 4],
    ][k % 3]!;
    return { label: k % 3, inputs: centre.map((at) => unit * (at + 0.3 * random.nextUniform())) };
  });
  const machine = new SupportVectors(2, 3);
  for (let pass = 0; pass < 3000; pass++)
    for (const { inputs, label } of samples) machine.take(new ActiveInputs(inputs), label);
  for (const { inputs, label } of samples) {
    expect(machine.classOf(new ActiveInputs(inputs))).toBe(label);
    // The third class lies between the others, so that one line has all of it and nothing else as well.
    for (let c = 0; c < 3; c++) expect((c === label ? 1 : -1) * answerOf(machine, inputs, c)).toBeGreaterThan(0.9);
  }
});

it.each([
  [3, 1],
  [1, 1],
  [2, 5],
])('answers where %d samples want it and %d do not with what their squares together ask', (own, others) => {
  const machine = new SupportVectors(2, 1);
  const random = new RandomGenerator(7, 'order');
  let mean = 0;
  for (let k = 0; k < 40_000; k++) {
    machine.take(new ActiveInputs([2, 1]), random.nextInteger(own + others) < own ? 0 : 1);
    if (k >= 20_000) mean += answerOf(machine, [2, 1], 0) / 20_000;
  }
  // The least of own·(1 − s)² + others·(1 + s)².
  expect(mean).toBeCloseTo((own - others) / (own + others), 1);
});

it('names before it learns, and learns nothing of inputs that are beyond the margin', () => {
  const machine = new SupportVectors(2, 2);
  expect(machine.take(new ActiveInputs([1, 0]), 1)).toBe(false);
  expect(machine.take(new ActiveInputs([1, 0]), 1)).toBe(true);
  const before = machine.weights.slice();
  machine.take(new ActiveInputs([1, 0]), 1);
  expect(machine.weights).toEqual(before);
  expect(machine.totals).toEqual(Float64Array.of(3, 3));
});
