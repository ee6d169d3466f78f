import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batches } from './batches.ts';

interface Item {
  readonly key: string;
  readonly size: number;
  readonly number: number;
}

/** Batches of items with a key and a size, and what was written. */
function recorded(most: number, write: (items: readonly Item[]) => Promise<(number | Error)[]>) {
  const written: (readonly Item[])[] = [];
  const batches = new Batches<Item, number>({
    ...{ keyOf: ({ key }) => key, sizeOf: ({ size }) => size, most },
    write: (items) => {
      written.push(items);
      return write(items);
    },
  });
  return { batches, written };
}

const numbersOf = async (items: readonly Item[]) => items.map(({ number }) => number);
const item = (number: number, key = `${number}`, size = 1): Item => ({ key, size, number });

describe('items that come at a time', () => {
  it('are written at once where one comes alone, and else with those that have come meanwhile', async () => {
    const { batches, written } = recorded(10, numbersOf);
    const added = [1, 2, 3, 4].map((number) => batches.add(item(number)));
    expect(written).toHaveLength(1);
    expect(await Promise.all(added)).toEqual([1, 2, 3, 4]);
    expect(await batches.add(item(5))).toBe(5);
    expect(written.map((items) => items.map(({ number }) => number))).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('fail alone, or all that are in a batch that fails, and later ones go on', async () => {
    const { batches } = recorded(2, async (items) => {
      if (items.some(({ key }) => key === 'fatal')) throw new Error('lost');
      return items.map(({ key, number }) => (key === 'bad' ? new Error('refused') : number));
    });
    const added = ['a', 'bad', 'b', 'fatal', 'c', 'd'].map((key, number) => batches.add(item(number, key)));
    const ends = (await Promise.allSettled(added)).map((each) =>
      each.status === 'fulfilled' ? each.value : (each.reason as Error).message,
    );
    expect(ends).toEqual([0, 'refused', 2, 'lost', 'lost', 5]);
  });

  it('have each its own result, in order for each key, in batches without two of a key, and no larger than said', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.integer({ min: 1, max: 12 }) })),
        fc.array(fc.boolean()),
        async (drawn, delays) => {
          const { batches, written } = recorded(10, async (items) => {
            if (delays.pop() === true) await pause(0);
            return numbersOf(items);
          });
          const results: Promise<number>[] = [];
          for (const [number, each] of drawn.entries()) {
            results.push(batches.add({ ...each, number }));
            if (number % 3 === 0) await pause(0);
          }
          expect(await Promise.all(results)).toEqual([...drawn.keys()]);
          for (const items of written) {
            expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
            const size = items.reduce((sum, each) => sum + each.size, 0);
            expect(items.length === 1 || size <= 10).toBe(true);
          }
          for (const key of 'abcd') {
            const own = written.flat().flatMap((each) => (each.key === key ? each.number : []));
            expect(own).toEqual([...own].sort((a, b) => a - b));
          }
        },
      ),
    ));
});
