import { expect, it } from 'vitest';
import { RandomGenerator } from './generator.ts';
import { shuffled, shuffledIndices } from './shuffled.ts';

it('has every order of three equally often, by χ² with five degrees of freedom', () => {
  const random = new RandomGenerator(1, 'orders');
  const counts = new Map<string, number>();
  for (let k = 0; k < 6000; k++) {
    const order = shuffledIndices(3, random).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquare).toBeLessThan(15.1); // 99 %
});

it('keeps all items, and leaves the list as it was', () => {
  const items = ['a', 'b', 'c', 'c'];
  expect(shuffled(items, new RandomGenerator(2, 'items')).sort()).toEqual(items);
  expect(items).toEqual(['a', 'b', 'c', 'c']);
  expect(shuffled([], new RandomGenerator(2, 'items'))).toEqual([]);
});
