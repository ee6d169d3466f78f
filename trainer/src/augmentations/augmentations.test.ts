import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
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

it('shift refuses what is no image', () => {
  expect(() => prepared('augmentation', augmentations, 'shift')([4])).toThrow(
    'augment shift: gets shape [4]; expected images',
  );
});
