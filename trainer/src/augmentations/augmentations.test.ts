import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { prepared } from '../kinds/kind.ts';
import { augmentations } from './augmentations.ts';

it('shift moves every plane by the same pixels, all of them in the end, and loses what leaves', () => {
  const move = prepared('augmentation', augmentations, 'shift:most=2')([2, 5, 6]);
  const sample = Float32Array.from({ length: 60 }, (_, k) => k + 1);
  const random = new RandomGenerator(1, 'test');
  const seen = new Set<string>();
  for (let k = 0; k < 500; k++) {
    const moved = move(sample, random);
    const at = (plane: number, row: number, column: number) => moved[plane * 30 + row * 6 + column]!;
    // The middle is never lost: it says where everything went.
    const middle = Array.from(moved).indexOf(2 * 6 + 3 + 1);
    const [down, right] = [Math.floor(middle / 6) - 2, (middle % 6) - 3];
    seen.add(`${down} ${right}`);
    for (let row = 0; row < 5; row++) {
      for (let column = 0; column < 6; column++) {
        const [y, x] = [row - down, column - right];
        const inside = y >= 0 && y < 5 && x >= 0 && x < 6;
        for (const plane of [0, 1]) expect(at(plane, row, column)).toBe(inside ? plane * 30 + y * 6 + x + 1 : 0);
      }
    }
  }
  expect(seen.size).toBe(25);
  expect(Array.from(sample.subarray(0, 3))).toEqual([1, 2, 3]);
});

it('noise adds to every number what is drawn evenly, of the size that was asked for', () => {
  const sample = new Float64Array(20_000).fill(3);
  const found = prepared('augmentation', augmentations, 'noise:most=0.2')([20_000])(
    sample,
    new RandomGenerator(1, 'test'),
  );
  const added = Array.from(found, (value) => value - 3);
  expect(Math.max(...added.map(Math.abs))).toBeLessThanOrEqual(0.2);
  expect(added.reduce((sum, value) => sum + value, 0) / 20_000).toBeCloseTo(0, 2);
  // The variance of what is even on ±a is a²/3.
  expect((3 * added.reduce((sum, value) => sum + value ** 2, 0)) / 20_000).toBeCloseTo(0.04, 3);
  expect(sample[0]).toBe(3);
});

describe('rotate', () => {
  /** Degrees that a line from the middle to where the weight of a plane is has turned, clockwise. */
  const angleOf = (plane: ArrayLike<number>, side: number) => {
    const middle = (side - 1) / 2;
    let [down, right] = [0, 0];
    for (let k = 0; k < side * side; k++) {
      down += plane[k]! * (Math.floor(k / side) - middle);
      right += plane[k]! * ((k % side) - middle);
    }
    return (Math.atan2(down, right) * 180) / Math.PI;
  };
  /** A smooth spot to the right of the middle, and the same below it: bilinear pixels keep their place. */
  const spotAt = (side: number, row: number, column: number) =>
    Float32Array.from({ length: side * side }, (_, k) =>
      Math.exp(-((Math.floor(k / side) - row) ** 2 + ((k % side) - column) ** 2) / 8),
    );

  it('turns every plane by the same angle, evenly from −most to most, and keeps what stays inside', () => {
    const side = 31;
    const turn = prepared('augmentation', augmentations, 'rotate:most=40')([2, side, side]);
    const sample = Float32Array.from([...spotAt(side, 15, 22), ...spotAt(side, 22, 15)]);
    const weight = sample.reduce((sum, value) => sum + value, 0);
    const random = new RandomGenerator(1, 'test');
    const angles = Array.from({ length: 300 }, () => {
      const turned = Float32Array.from(turn(sample, random));
      const angle = angleOf(turned, side);
      expect(angleOf(turned.subarray(side * side), side) - 90).toBeCloseTo(angle, 0);
      expect(turned.reduce((sum, value) => sum + value, 0) / weight).toBeCloseTo(1, 2);
      return angle;
    });
    expect(Math.min(...angles)).toBeGreaterThan(-40.1);
    expect(Math.max(...angles)).toBeLessThan(40.1);
    // Of a uniform angle: mean 0, deviation most/√3.
    const mean = angles.reduce((sum, angle) => sum + angle, 0) / angles.length;
    const variance = angles.reduce((sum, angle) => sum + angle ** 2, 0) / angles.length;
    expect(Math.abs(mean)).toBeLessThan(3 * (40 / Math.sqrt(3 * angles.length)));
    expect(Math.sqrt(variance)).toBeCloseTo(40 / Math.sqrt(3), -1);
  });

  it('is bilinear: of a plane that rises evenly it keeps the value at every place, and loses what leaves', () => {
    const [height, width, most] = [9, 12, 30];
    const rise = (row: number, column: number) => 100 + 3 * (row - 4) - 2 * (column - 5.5);
    const sample = Float64Array.from({ length: height * width }, (_, k) => rise(Math.floor(k / width), k % width));
    const turn = prepared('augmentation', augmentations, `rotate:most=${most}`)([1, height, width]);
    const turned = turn(sample, new RandomGenerator(3, 'test'));
    const angle = ((2 * new RandomGenerator(3, 'test').nextUniform() - 1) * most * Math.PI) / 180;
    let lost = 0;
    for (let k = 0; k < sample.length; k++) {
      const [down, right] = [Math.floor(k / width) - 4, (k % width) - 5.5];
      const row = 4 + Math.cos(angle) * down - Math.sin(angle) * right;
      const column = 5.5 + Math.sin(angle) * down + Math.cos(angle) * right;
      if (row >= 0 && row <= height - 1 && column >= 0 && column <= width - 1)
        expect(turned[k]).toBeCloseTo(rise(row, column), 3);
      else if (row < -1 || row > height || column < -1 || column > width) expect(turned[k]).toBe(0);
      else lost++;
    }
    expect(lost).toBeGreaterThan(0);
  });
});

it.each(['shift', 'rotate'])('%s refuses what is not an image', (name) => {
  expect(() => prepared('augmentation', augmentations, name)([4])).toThrow(
    `augment ${name}: gets shape [4]; expected images`,
  );
});
