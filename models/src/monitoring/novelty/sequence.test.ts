import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

/** Two recipes of a machine, a level for each step: the last step goes with the first, the middle is the same. */
const RECIPES = [
  [0, 42, 84],
  [21, 42, 105],
] as const;

/** Recipes in any order, so that each may follow each. */
function batches(count: number, seed: number, isSwapped = false) {
  const random = new RandomGenerator(seed, 'recipes');
  return Array.from({ length: count }, () => {
    const which = random.nextInteger(2);
    const [first, middle] = RECIPES[which]!;
    const [, , last] = RECIPES[isSwapped ? 1 - which : which]!;
    return [[first], [middle], [last]];
  }).flat();
}

/**
 * How many readings of eight recipes are flagged after 2,000 right ones: where these are right, and where all are
 * wrong.
 */
function found(type: string, parameters: Readonly<Record<string, number>> = {}) {
  const flagged = (isSwapped: boolean) => {
    const { read } = reader(type, ['level'], batches(2000, 5), parameters);
    return batches(8, 77, isSwapped).filter((values) => read(values).anomaly).length;
  };
  return { right: flagged(false), wrong: flagged(true) };
}

describe('sequence monitor', () => {
  it('finds wrong elements of a learned sequence, which no threshold and no pair novelty does', () => {
    for (const seed of [1, 2, 3]) {
      const { right, wrong } = found('sequence', { seed });
      expect(right).toBe(0);
      expect(wrong).toBeGreaterThan(0);
    }
    for (const type of ['extremum', 'surprise', 'pair-novelty']) {
      expect([type, found(type)]).toEqual([type, { right: 0, wrong: 0 }]);
    }
  });

  it('says which channel, and nothing in the warm-up', () => {
    const past = batches(1500, 1);
    const { read, verdicts } = reader(
      'sequence',
      ['level', 'other'],
      past.map(([x]) => [x!, 5]),
    );
    expect(verdicts.slice(0, 300).every(({ score }) => Number.isNaN(score))).toBe(true);
    const random = new RandomGenerator(3, 'noise');
    const reasons = past.slice(0, 40).flatMap(() => read([105 * random.nextUniform(), 5]).reason ?? []);
    expect(new Set(reasons)).toEqual(new Set(['level comes in an order that was not foreseen']));
  });

  it('goes on bit for bit from saved views', () => {
    const [one, two] = [1, 2].map(() => reader('sequence', ['level'], []));
    for (const values of batches(300, 1)) one!.read(values);
    for (const [name, { view }] of Object.entries(one!.watch.state)) two!.watch.state[name]!.view.set(view);
    for (const values of batches(100, 2)) expect(two!.read(values)).toEqual(one!.read(values));
  });
});
