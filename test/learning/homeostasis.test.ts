import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { SingleCell } from './single-cell.ts';

const INPUTS = 30;
const homeostasis = { rate: 20, tau: 1, strength: 0.02 };

it.each([
  [0.02, 1],
  [0.1, 2],
  [0.4, 3],
  [1, 4],
  [0.02, 5],
])('homeostasis brings a neuron to its rate, from weights of %d on, seed %d', (weight, seed) => {
  const random = new RandomGenerator(seed, 'trains');
  const cell = new SingleCell(new Array<number>(INPUTS).fill(weight), {
    ...{ rule: 'stdp', aPlus: 0, aMinus: 0, homeostasis },
  });
  const second = () => cell.run(1000, random, () => 20);
  expect(Math.abs(second() - 20)).toBeGreaterThan(10);
  for (let n = 0; n < 60; n++) second();
  let spikes = 0;
  for (let n = 0; n < 40; n++) spikes += second();
  expect(Math.abs(spikes / 40 - 20)).toBeLessThan(0.5);
});
