import { expect, it } from 'vitest';
import { Sharpener } from './sharpener.ts';

const options = { layers: 2, warmUp: 2, rate: 0.5, tolerance: 0.1, mostPauses: 2 };

/** At so much of the epoch that is under way. */
function at(sharpener: Sharpener, share: number): Sharpener {
  sharpener.share = share;
  return sharpener;
}

it('warms up, then sharpens layer after layer, evenly over an epoch', () => {
  const sharpener = new Sharpener(options);
  const seen = [];
  while (!sharpener.finished) {
    seen.push([at(sharpener, 0.5).sharpness, at(sharpener, 1).sharpness]);
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
    return at(sharpener, 1).sharpness[0];
  };
  expect([after(1), after(0.9)]).toEqual([0, 0.5]);
  expect(after(0.98)).toBe(1); // within a tenth
  sharpener.state = { epochs: 3, sharpened: 1, pauses: 0, loss: 0.9 };
  expect(after(2)).toBe(1); // what that epoch has sharpened stays
  expect(at(sharpener, 1).sharpness).toEqual([1, 0]);
  expect(after(1.5)).toBe(1);
  expect(at(sharpener, 1).sharpness).toEqual([1, 0]);
  expect(after(1.4)).toBe(1); // twice is all that it waits
  expect(at(sharpener, 1).sharpness).toEqual([1, 0.5]);
});

it('takes no longer than it says, however the loss rises', () => {
  const sharpener = new Sharpener({ ...options, layers: 3, rate: 0.3 });
  let epochs = 0;
  for (; !sharpener.finished; epochs++) sharpener.endEpoch(2 ** epochs);
  expect(epochs).toBeLessThanOrEqual(sharpener.epochs);
  expect(epochs).toBeGreaterThan(sharpener.epochs - 4);
});

it('lets a net learn by what is left of the width of the layer that it sharpens, and less for each before it', () => {
  const sharpener = new Sharpener(options);
  const seen = [];
  while (!sharpener.finished) {
    seen.push([at(sharpener, 0.2).learning, at(sharpener, 0.8).learning]);
    sharpener.endEpoch(1);
  }
  expect(seen.flat().map((share) => Number(share.toFixed(9)))).toEqual([
    ...[1, 1, 1, 1],
    ...[0.9, 0.6, 0.4, 0.1],
    ...[0.1125, 0.075, 0.05, 0.0125],
  ]);
  const waiting = new Sharpener(options);
  waiting.state = { epochs: 3, sharpened: 1, pauses: 1, loss: 1 };
  expect(at(waiting, 0.7).learning).toBe(0.5);
});
