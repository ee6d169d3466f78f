import { type ConnectionKind, kindOf, tensor } from '@spikewire/models';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { collectActive, sparseActivity } from './sparse-activity.ts';
import { Winners } from './winners.ts';

interface Drawn {
  readonly maps: number;
  readonly size: readonly [number, number];
  readonly most: number;
  readonly apart: number | undefined;
  readonly every: number;
  /** By step: what each neuron emits, and its membrane. */
  readonly steps: readonly { readonly spikes: readonly number[]; readonly membrane: readonly number[] }[];
}

const MOST_NEURONS = 3 * 4 * 5;
const drawn: fc.Arbitrary<Drawn> = fc.record({
  maps: fc.integer({ min: 1, max: 3 }),
  size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })),
  most: fc.integer({ min: 1, max: 5 }),
  apart: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  every: fc.integer({ min: 1, max: 6 }),
  steps: fc.array(
    fc.record({
      spikes: fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: MOST_NEURONS, maxLength: MOST_NEURONS }),
      // Few of them, so that many are equal.
      membrane: fc.array(fc.integer({ min: -2, max: 3 }), { minLength: MOST_NEURONS, maxLength: MOST_NEURONS }),
    }),
    { maxLength: 12 },
  ),
});

function winnersOf({ maps, size: [height, width], most, apart, every }: Drawn): Winners {
  const weight = tensor(new Float64Array(maps), [maps, 1, 1, 1]);
  const { connect } = kindOf('Conv2d', 'test') as ConnectionKind;
  const connectivity = connect({ type: 'Conv2d', parameters: { weight } }, [1, height, width]);
  const winners = { most, ...(apart && { apart }), every };
  return Winners.of({ rule: 'stdp', parameters: {}, winners }, connectivity, 1, 'here')!;
}

/** All spikes of a sample in order, of which each may win that none before it, which did, keeps from it. */
function expected({ maps, size: [height, width], most, apart = 0, every, steps }: Drawn): number[][] {
  const spikes = steps.flatMap(({ spikes: values, membrane }, step) =>
    Array.from({ length: maps * height * width }, (_, n) => n)
      .filter((n) => values[n]! > 0)
      .sort((a, b) => membrane[b]! - membrane[a]! || a - b)
      .map((n) => ({ step, n, map: Math.floor(n / (height * width)), place: n % (height * width) })),
  );
  const won: typeof spikes = [];
  for (const one of spikes) {
    const others = won.filter(({ step }) => Math.floor(step / every) === Math.floor(one.step / every));
    const isFar = (other: typeof one) =>
      Math.abs(Math.floor(other.place / width) - Math.floor(one.place / width)) >= apart ||
      Math.abs((other.place % width) - (one.place % width)) >= apart;
    if (others.length < most && others.every((other) => other.map !== one.map && isFar(other))) won.push(one);
  }
  return steps.map((_, at) => won.flatMap(({ step, n }) => (step === at ? [n] : [])).sort((a, b) => a - b));
}

it('lets through the earliest and strongest of a sample, one of a map, none near another', () => {
  fc.assert(
    fc.property(drawn, fc.nat(12), (one, saved) => {
      let winners = winnersOf(one);
      const post = sparseActivity(MOST_NEURONS);
      const neurons = one.maps * one.size[0] * one.size[1];
      const found = one.steps.map(({ spikes, membrane }, step) => {
        if (step === saved) {
          const state = Object.values(winners.state).map(({ view }) => view.slice());
          winners = winnersOf(one);
          Object.values(winners.state).forEach(({ view }, k) => {
            view.set(state[k]!);
          });
        }
        collectActive(spikes.slice(0, neurons), post);
        winners.take(step, post, () => membrane);
        const { length, index, value } = winners.activity;
        for (let k = 0; k < length; k++) expect(value[k]).toBe(spikes[index[k]!]);
        return [...index.slice(0, length)];
      });
      expect(found).toEqual(expected(one));
    }),
    { numRuns: 500 },
  );
});

it('begins anew where the activity does, in mid-sample', () => {
  const steps = [1, 1, 1].map(() => ({ spikes: [1], membrane: [0] }));
  const winners = winnersOf({ maps: 1, size: [1, 1], most: 2, apart: undefined, every: 10, steps });
  const post = sparseActivity(1);
  collectActive([1], post);
  const counts = [0, 1, 2].map((step) => {
    if (step === 2) winners.reset();
    winners.take(step, post, () => [0]);
    return winners.activity.length;
  });
  expect(counts).toEqual([1, 0, 1]);
});

it.each([-(2 ** 53), Number.NEGATIVE_INFINITY, -1, 0.5, 4, Number.NaN])(
  'begins a sample anew of which a saved state says that %s have won',
  (count) => {
    const steps = [{ spikes: [1, 1, 1], membrane: [0, 1, 2] }];
    const winners = winnersOf({ maps: 3, size: [1, 1], most: 3, apart: undefined, every: 10, steps });
    const post = sparseActivity(3);
    collectActive([1, 1, 1], post);
    winners.state.winners!.view.set([2, -7, 1]);
    winners.state['winners.now']!.view.set([0, count]);
    winners.restored();
    winners.take(5, post, () => [0, 1, 2]);
    expect([...winners.activity.index]).toEqual([0, 1, 2]);
    expect([...winners.state.winners!.view]).toEqual([2, 1, 0]);
  },
);

it('takes membranes for equal that differ by rounding alone, and for others what they are', () => {
  const steps = [{ spikes: [1, 1], membrane: [0, 0] }];
  for (const [membrane, first] of [
    [[0.3, 0.1 + 0.2], 0],
    [[0.3, Math.fround(0.3)], 0],
    [[-0.3, Math.fround(-0.3)], 0],
    [[0.3, 0.30001], 0],
    [[0.3, 0.301], 1],
    [[-0.301, -0.3], 1],
    [[1e9, 1.001e9], 1],
    [[Number.NaN, 1], 0],
  ] as const) {
    const winners = winnersOf({ maps: 2, size: [1, 1], most: 1, apart: undefined, every: 1, steps });
    const post = sparseActivity(2);
    collectActive([1, 1], post);
    winners.take(0, post, () => membrane);
    expect(winners.activity.index[0], String(membrane)).toBe(first);
  }
});
