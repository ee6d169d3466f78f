import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewsOf } from '../../kept-numbers.ts';
import { RandomGenerator } from '../../random/generator.ts';
import { TemporalMemory } from './temporal-memory.ts';

const SIZE = { columns: 128, cells: 4, segments: 500 };

/** Eight columns of a symbol, drawn once; different symbols share few. */
function columnsOf(symbol: number): number[] {
  const random = new RandomGenerator(symbol, 'symbol');
  const columns = new Set<number>();
  while (columns.size < 8) columns.add(random.nextInteger(SIZE.columns));
  return [...columns];
}

/** A B C D Y and X B C D Z, each after some symbols by chance: what comes last depends on what came four before. */
function stream(length: number, seed = 1) {
  const random = new RandomGenerator(seed, 'stream');
  const symbols: number[] = [];
  const lasts: number[] = [];
  while (symbols.length < length) {
    for (let k = 2 + random.nextInteger(3); k > 0; k--) symbols.push(100 + random.nextInteger(20));
    const which = random.nextInteger(2);
    symbols.push(which, 10, 11, 12, 20 + which);
    lasts.push(symbols.length - 1);
  }
  return { symbols, lasts };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Novelty of the last symbols of the second half, as learned, and where every fifth of them is the other one. */
function lastSymbols(cells: number) {
  const { symbols, lasts } = stream(12_000);
  const late = lasts.filter((at) => at > 9000);
  const swapped = new Set(late.filter((_, k) => k % 5 === 0));
  const memory = new TemporalMemory({ ...SIZE, cells }, 1);
  const novelty = symbols.map((symbol, at) => memory.step(columnsOf(swapped.has(at) ? 41 - symbol : symbol), true));
  const pick = (isSwapped: boolean) =>
    mean(late.filter((at) => swapped.has(at) === isSwapped).map((at) => novelty[at]!));
  return { asLearned: pick(false), swapped: pick(true) };
}

describe('temporal memory', () => {
  it('finds the wrong last element of a learned sequence, which depends on one that came four steps before', () => {
    const { asLearned, swapped } = lastSymbols(4);
    expect(asLearned).toBeLessThan(0.2);
    expect(swapped).toBeGreaterThan(0.6);
  });

  it('does not find it with one cell a column, where what is remembered is a pair of inputs', () => {
    const { asLearned, swapped } = lastSymbols(1);
    expect(swapped - asLearned).toBeLessThan(0.2);
  });

  it('foresees a cycle of any inputs, and nothing of what has no order', () => {
    const memory = new TemporalMemory(SIZE, 2);
    const cycle = Array.from({ length: 2000 }, (_, k) => memory.step(columnsOf(k % 7), true));
    expect(cycle[0]).toBe(1);
    expect(mean(cycle.slice(-100))).toBeLessThan(0.1);
    const random = new RandomGenerator(3, 'order');
    const drawn = Array.from({ length: 2000 }, () => memory.step(columnsOf(200 + random.nextInteger(50)), true));
    expect(mean(drawn.slice(-500))).toBeGreaterThan(0.5);
  });

  it('judges but does not change while it must not learn', () => {
    const memory = new TemporalMemory(SIZE, 1);
    for (let k = 0; k < 1000; k++) memory.step(columnsOf(k % 5), true);
    const learned = () => ['sources', 'permanences', 'owners'].map((name) => Array.from(memory.state[name]!.view));
    const before = learned();
    for (let k = 0; k < 300; k++) memory.step(columnsOf(50 + (k % 9)), false);
    expect(learned()).toEqual(before);
    for (let k = 0; k < 5; k++) memory.step(columnsOf(k % 5), false);
    expect(memory.step(columnsOf(0), false)).toBeLessThan(0.3);
  });

  it('goes on bit for bit from saved views, and another seed learns otherwise', () => {
    const { symbols } = stream(1500);
    const [memory, other] = [new TemporalMemory(SIZE, 1), new TemporalMemory(SIZE, 2)];
    for (const symbol of symbols) for (const each of [memory, other]) each.step(columnsOf(symbol), true);
    expect(memory.state.permanences!.view).not.toEqual(other.state.permanences!.view);
    for (const [name, { view }] of Object.entries(memory.state)) other.state[name]!.view.set(view);
    const goOn = (each: TemporalMemory) => stream(500, 7).symbols.map((symbol) => each.step(columnsOf(symbol), true));
    expect(goOn(other)).toEqual(goOn(memory));
    expect(viewsOf(other.state)).toEqual(viewsOf(memory.state));
  });

  it('stays within its bounds for any input, with a synapse only from a cell and no cell twice in a segment', () => {
    const column = fc.integer({ min: 0, max: 31 });
    const steps = fc.array(fc.array(column, { minLength: 1, maxLength: 12 }), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 99 }), (inputs, seed) => {
        const memory = new TemporalMemory({ columns: 32, cells: 3, segments: 20 }, seed);
        for (const input of inputs) {
          const novelty = memory.step(input, true);
          expect(novelty).toBeGreaterThanOrEqual(0);
          expect(novelty).toBeLessThanOrEqual(1);
        }
        const { sources, permanences, owners } = viewsOf(memory.state);
        for (const [segment, owner] of owners!.entries()) {
          const own = [...sources!.subarray(8 * segment, 8 * segment + 8)].filter(
            (_, k) => permanences![8 * segment + k]! > 0,
          );
          expect(own.every((source) => source < 96)).toBe(true);
          expect(new Set(own).size).toBe(own.length);
          if (owner === 0xffff) expect(own).toEqual([]);
          else expect(owner).toBeLessThan(96);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [3, 1],
    [2, 4],
  ])(
    'learns again with a segment of %d synapses, or with a new one each time: %d after four times',
    (before, segments) => {
      const memory = new TemporalMemory({ columns: 16, cells: 1, segments: 100 }, 1);
      for (let k = 0; k < 4; k++) {
        memory.step([0, 1, 2].slice(0, before), true);
        memory.step([10], true);
      }
      const { owners } = viewsOf(memory.state);
      expect([...owners!].filter((owner) => owner === 10)).toHaveLength(segments);
    },
  );

  it('keeps at most 16 kB', () => {
    const { state } = new TemporalMemory(SIZE, 1);
    expect(Object.values(state).reduce((sum, { view }) => sum + view.byteLength, 0)).toBeLessThan(16_000);
  });
});
