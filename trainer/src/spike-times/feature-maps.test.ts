import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { FeatureMaps, type MapsShape, trainsOf } from './feature-maps.ts';

const shape: MapsShape = { channels: 2, height: 5, width: 4, kernel: 3, padding: 1, maps: 3 };

function drawn(seed: number): FeatureMaps {
  const random = new RandomGenerator(seed, 'weights');
  const maps = new FeatureMaps(shape);
  maps.weights.forEach((_, k) => {
    maps.weights[k] = random.nextUniform();
  });
  return maps;
}

/** The sum as the convolution has it: what a neuron of `map` at (row, column) gets of inputs that spiked. */
function summed({ weights }: FeatureMaps, spiked: (element: number) => boolean, [map, row, column]: number[]): number {
  let sum = 0;
  for (let channel = 0; channel < 2; channel++) {
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 4; x++) {
        const [down, across] = [y - row! + 1, x - column! + 1];
        if (down < 0 || down > 2 || across < 0 || across > 2 || !spiked((channel * 5 + y) * 4 + x)) continue;
        sum += weights[((down * 3 + across) * 2 + channel) * 3 + map!]!;
      }
    }
  }
  return sum;
}

it.each([1, 2, 3])('fires where sums pass the threshold first, once a place, seed %d', (seed) => {
  const maps = drawn(seed);
  const random = new RandomGenerator(seed, 'times');
  const times = Int32Array.from({ length: 40 }, () => random.nextInteger(9));
  const fired = maps.fire(trainsOf(times, 8), 4);
  const expected: number[][] = [];
  for (let place = 0; place < 20; place++) {
    const until = (step: number) =>
      [0, 1, 2].map((map) => summed(maps, (k) => times[k]! <= step, [map, Math.floor(place / 4), place % 4]));
    const step = [...Array(8).keys()].find((each) => until(each).some((sum) => sum > 4));
    if (step === undefined) continue;
    for (const [map, sum] of until(step).entries()) if (sum > 4) expected.push([step, place, map]);
  }
  expect(expected.length).toBeGreaterThan(5);
  expected.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!);
  expect(fired.map(({ step, place, map }) => [step, place, map])).toEqual(expected);
});

it('lets the earliest and strongest learn, one of a map, and none near another', () => {
  const maps = drawn(1);
  const one = (map: number, place: number, step: number, potential: number) => ({ map, place, step, potential });
  const fired = [one(0, 19, 2, 9), one(0, 0, 1, 5), one(1, 1, 1, 6), one(2, 3, 1, 4), one(2, 18, 3, 8)];
  // The second is next to the first, and the fourth of its map is earlier than the last.
  expect(maps.winners(fired, 9, 1)).toEqual([fired[2], fired[3], fired[0]]);
  expect(maps.winners(fired, 2, 1)).toEqual([fired[2], fired[3]]);
  expect(maps.winners(fired, 9, 2)).toEqual([fired[2], fired[0]]);
});

it('moves the weights of the winner alone by a·w(1 − w), up for what came in time', () => {
  const maps = drawn(4);
  const before = maps.weights.slice();
  // At the corner: the first row and the first column of the field lie outside.
  const times = new Int32Array(40).fill(8);
  times[0] = 2;
  times[1] = 3;
  times[20] = 4;
  maps.learn({ map: 1, place: 0, step: 3, potential: 0 }, times, 0.1);
  for (let k = 0; k < before.length; k++) {
    const w = before[k]!;
    const [field, channel, map] = [Math.floor(k / 6), Math.floor(k / 3) % 2, k % 3];
    const rate = map !== 1 ? 0 : channel === 0 && (field === 4 || field === 5) ? 0.1 : -0.075;
    expect(maps.weights[k]).toBeCloseTo(w + rate * w * (1 - w), 14);
  }
});
