import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoderKinds } from './coding/encoders/encoders.ts';
import { FeatureChain } from './features/chain/chain.ts';
import { featureKinds } from './features/chain/features.ts';
import {
  agreeing,
  anything,
  flag,
  type KeptNumbers,
  type KeptState,
  kept,
  misfitOf,
  real,
  unknownOr,
  whole,
} from './kept-numbers.ts';
import { monitorKinds } from './monitoring/monitors.ts';
import { Watch } from './monitoring/watch.ts';
import { RandomGenerator } from './random/generator.ts';

const partOf = (numbers: KeptNumbers, ...values: number[]) => {
  return { where: 'state "x"', numbers, saved: Float64Array.from(values) };
};

describe('ranges of kept numbers', () => {
  const ends = fc
    .tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }))
    .map(([a, b]) => [a, b].sort((x, y) => x - y));
  const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, -0, 2 ** 53, 1e300));

  it('hold what lies between their ends, and NaN only where it may be unknown', () => {
    fc.assert(
      fc.property(ends, numbers, ([from, to], value) => {
        const isWithin = !Number.isNaN(value) && !(value < from!) && !(value > to!);
        expect(real(from, to).has(value)).toBe(isWithin);
        expect(whole(from, to).has(value)).toBe(isWithin && value % 1 === 0);
        expect(unknownOr(real(from, to)).has(value)).toBe(isWithin || Number.isNaN(value));
        expect(flag.has(value)).toBe([0, 1].includes(value));
        expect(anything.has(value)).toBe(true);
      }),
    );
  });

  it('are finite, and whole numbers exact, where no end is given', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect([real().has(value), real(0).has(value), whole().has(value)]).toEqual([false, false, false]);
    }
    expect([real().has(Number.MAX_VALUE), whole().has(2 ** 53), whole().has(2 ** 53 + 2)]).toEqual([true, true, false]);
  });

  it('hold every number that a count of a saved state comes to', () => {
    for (let count = 2 ** 53 - 3, more = 0; more < 6; count++, more++) expect(whole().has(count)).toBe(true);
  });
});

describe('a misfit of saved numbers', () => {
  const view = new Float64Array(4);
  const numbers = kept(view, whole(0, 3), real(0));

  it('is the first that is not within its range, with what was expected there', () => {
    expect(misfitOf([partOf(numbers, 3, 0.5, 1, 2)])).toBeUndefined();
    expect(misfitOf([partOf(numbers, 4, -1, 1, 2)])).toMatchObject({
      code: 'store',
      message: 'state "x": has 4 at 0; expected a whole number from 0 to 3',
    });
    expect(misfitOf([partOf(numbers, 0, 1, 1, Number.NaN)])!.message).toContain(
      'has NaN at 3; expected a finite number',
    );
  });

  it('is one of numbers that do not agree with those beside them, also of other views', () => {
    const count = new Float64Array(1);
    const sorted = agreeing(numbers, 'as many as are counted', (saved) => saved(count)[0] === saved(view)[0]);
    const parts = (counted: number) => [partOf(sorted, 2, 0, 0, 0), { ...partOf(kept(count, whole()), counted) }];
    expect(misfitOf(parts(2))).toBeUndefined();
    expect(misfitOf(parts(1))!.message).toContain('as many as are counted');
  });
});

/** What a state refuses of itself. */
function ownMisfit(state: KeptState) {
  return misfitOf(Object.entries(state).map(([where, numbers]) => ({ where, numbers, saved: numbers.view })));
}

// What is saved must load again, whatever somebody has sent.
describe('what is kept is what it may be, after any readings', () => {
  const wild = (largest: number) =>
    fc.oneof(fc.double({ noNaN: true, min: -1, max: 1 }), fc.constantFrom(largest, -largest, 0));
  const readings = (numbers: number, largest: number) =>
    fc.array(fc.array(wild(largest), { minLength: numbers, maxLength: numbers }), { maxLength: 80 });

  const chains = featureKinds.flatMap(({ type, examples }) => examples.map((example) => ({ type, ...example })));
  it.each(chains)('in a chain with $type', ({ stages, outputs }) => {
    const { inputs } = new FeatureChain('test', stages, outputs);
    fc.assert(
      fc.property(readings(inputs, 1e60), (stream) => {
        const chain = new FeatureChain('test', stages, outputs);
        for (const reading of stream) {
          chain.take(reading);
          expect(ownMisfit(chain.state)).toBeUndefined();
        }
      }),
      { numRuns: 10 },
    );
  });

  const encoders = encoderKinds.flatMap(({ prepare, type, examples }) =>
    examples.map((example) => ({ prepare, type, ...example })),
  );
  it.each(encoders)('in the encoder $type', ({ prepare, parameters, elements = 1 }) => {
    fc.assert(
      fc.property(readings(2, Number.MAX_VALUE), fc.constantFrom({}, { follow: 3 }), (stream, follow) => {
        const random = new RandomGenerator(1, 'test');
        const own = { ...parameters, range: 'auto', warmUp: 4, ...follow };
        const encoder = prepare(own, { size: 2 * elements, steps: 20, dt: 0.001, random });
        for (const sample of stream) {
          encoder.encode(sample, () => {});
          encoder.range.follow(sample);
          expect(ownMisfit({ ...encoder.state, random: random.kept })).toBeUndefined();
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each(monitorKinds)('in the monitor $type', ({ type }) => {
    const levels = fc.tuple(wild(1e300), wild(1e300));
    fc.assert(
      fc.property(
        readings(2, Number.MAX_VALUE),
        fc.integer({ min: 0, max: 80 }),
        levels,
        (stream, at, [from, rise]) => {
          const parameters = { warmUp: 5, whileFlagged: 'hold' };
          const watch = new Watch({ type, parameters }, { channels: ['a', 'b'], outputs: 2 });
          for (const [k, values] of stream.entries()) {
            const sample = Float64Array.from(values);
            const error = sample.map((value) => Math.max(-1e206, Math.min(1e206, value)));
            const halfWidths = Float64Array.of(1, 1e-300);
            const seen = { time: k, interval: k === 0 ? Number.NaN : Math.abs(sample[0]!), values: sample, sample };
            watch.read({ ...seen, normalised: error, expected: sample, error, halfWidths }, true);
            watch.answered({ time: k, values: sample, winner: 0, spikes: 3 }, true);
            if (k % 7 === 3) watch.acceptLast();
            const level = { low: Float64Array.of(from, Number.NaN), high: Float64Array.of(from, 0) };
            if (k === at) watch.moved({ ...level, rise: Float64Array.of(rise, 0) });
            expect(ownMisfit(watch.state)).toBeUndefined();
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
