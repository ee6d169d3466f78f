import { expect, it } from 'vitest';
import { Sharpener } from './sharpener.ts';

const options = { layers: 2, warmUp: 2, rate: 0.5, tolerance: 0.1, mostPauses: 2 };

it('warms up, then sharpens layer after layer, evenly over an epoch', () => {
  const sharpener = new Sharpener(options);
  const seen = [];
  while (!sharpener.finished) {
    seen.push([sharpener.sharpness(0.5), sharpener.sharpness(1)]);
    sharpener.endEpoch(1);
  }
  expect(seen).toEqual([
    [
      [0, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [
      [0.25, 0],
      [0.5, 0],
    ],
    [
      [0.75, 0],
      [1, 0],
    ],
    [
      [1, 0.25],
      [1, 0.5],
    ],
    [
      [1, 0.75],
      [1, 1],
    ],
  ]);
});

it('waits where the loss rose by more than is tolerated, until that is made up for or for so long', () => {
  const sharpener = new Sharpener(options);
  const after = (loss: number) => {
    sharpener.endEpoch(loss);
    return sharpener.sharpness(1)[0];
  };
  expect([after(1), after(0.9)]).toEqual([0, 0.5]);
  expect(after(0.98)).toBe(1); // within a tenth
  sharpener.state = { epochs: 3, sharpened: 1, pauses: 0, loss: 0.9 };
  expect(after(2)).toBe(1); // what that epoch has sharpened stays
  expect(sharpener.sharpness(1)).toEqual([1, 0]);
  expect(after(1.5)).toBe(1);
  expect(sharpener.sharpness(1)).toEqual([1, 0]);
  expect(after(1.4)).toBe(1); // twice is all that it waits
  expect(sharpener.sharpness(1)).toEqual([1, 0.5]);
});

it('takes no longer than it says, however the loss rises', () => {
  const sharpener = new Sharpener({ ...options, layers: 3, rate: 0.3 });
  let epochs = 0;
  for (; !sharpener.finished; epochs++) sharpener.endEpoch(2 ** epochs);
  expect(epochs).toBeLessThanOrEqual(sharpener.epochs);
  expect(epochs).toBeGreaterThan(sharpener.epochs - 4);
});
