import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpikewireError } from '../../error.ts';
import { viewsOf } from '../../kept-numbers.ts';
import type { CodingDeclaration, FeatureStage } from '../../model/model.ts';
import type { FeatureExample } from '../feature.ts';
import { FeatureChain } from './chain.ts';
import { featureKindOf, featureKinds } from './features.ts';

const of = (type: string, parameters: CodingDeclaration['parameters'] = {}): CodingDeclaration => ({
  type,
  parameters,
});
const WINDOW = of('window', { length: 16, hop: 5 });

/** What the kinds bring, and some that work on each other. */
const uses: readonly FeatureExample[] = [
  ...featureKinds.flatMap(({ examples }) => examples),
  { stages: [WINDOW, [of('rms'), of('band-energies', { sampleRate: 100, bands: 2 }), of('difference')]], outputs: 19 },
  { stages: [of('block', { length: 5 }), WINDOW, of('mean'), of('window', { length: 2, hop: 1 })], outputs: 2 },
];

const typesOf = (stages: readonly FeatureStage[]) => stages.flat().map((stage) => (stage as CodingDeclaration).type);
const chainOf = (stages: readonly FeatureStage[], numbers: number) =>
  new FeatureChain('features of "in"', stages, numbers);

function errorOf(action: () => unknown): SpikewireError {
  try {
    action();
  } catch (error) {
    if (error instanceof SpikewireError) return error;
    throw error;
  }
  throw new Error('gave no error');
}

/** The samples that a chain gave for readings, one after another. */
function framesOf(chain: FeatureChain, readings: Iterable<readonly number[]>): number[][] {
  const frames: number[][] = [];
  for (const reading of readings) if (chain.take(reading)) frames.push(Array.from(chain.values));
  return frames;
}

describe('every feature', () => {
  it.each(featureKinds)('has an example with it: $type', ({ type, examples }) => {
    expect(examples.some(({ stages }) => typesOf(stages).includes(type))).toBe(true);
  });

  for (const { stages, outputs } of uses) {
    const name = typesOf(stages).join(' → ');
    const sample = fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constantFrom(0, 1e60, -1e60, 5e-324));

    it(`gives finite numbers, ${outputs} per channel, one channel not touching another: ${name}`, () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(sample, sample), { minLength: 60, maxLength: 90 }), (pairs) => {
          const both = chainOf(stages, 2 * outputs);
          const alone = [chainOf(stages, outputs), chainOf(stages, outputs)];
          expect([both.channels, both.inputs]).toEqual([2, 2 * alone[0]!.inputs]);
          const length = alone[0]!.inputs;
          for (let k = 0; k + length <= pairs.length; k += length) {
            const parts = [0, 1].map((c) => pairs.slice(k, k + length).map((pair) => pair[c]!));
            const complete = both.take(parts.flat());
            for (const [c, part] of parts.entries()) {
              expect(alone[c]!.take(part)).toBe(complete);
              const values = both.values.subarray(c * outputs, (c + 1) * outputs);
              expect(values.every(Number.isFinite)).toBe(true);
              if (complete) expect(values).toEqual(alone[c]!.values);
            }
          }
        }),
        { numRuns: 20 },
      );
    });

    it(`foresees with which reading the next sample comes: ${name}`, () => {
      const chain = chainOf(stages, outputs);
      const reading = Array.from({ length: chain.inputs }, (_, k) => k % 7);
      const samples = Array.from({ length: 120 }, () => ({ missing: chain.missing, given: chain.take(reading) }));
      const given = [...samples.keys()].filter((k) => samples[k]!.given);
      for (const [k, { missing }] of samples.slice(0, given.at(-1)! + 1).entries()) {
        expect(k + missing - 1).toBe(given.find((index) => index >= k));
      }
      for (const [k, index] of given.slice(1).entries()) expect(index - given[k]!).toBeLessThanOrEqual(chain.hop);
    });

    it(`goes on the same after its state was saved and restored anywhere: ${name}`, () => {
      fc.assert(
        fc.property(fc.array(sample, { minLength: 120, maxLength: 120 }), fc.nat(60), (samples, cut) => {
          const one = chainOf(stages, outputs);
          const length = one.inputs;
          const readings = Array.from({ length: Math.floor(samples.length / length) }, (_, k) =>
            samples.slice(k * length, (k + 1) * length),
          );
          framesOf(one, readings.slice(0, cut));
          const other = chainOf(stages, outputs);
          for (const [key, view] of Object.entries(viewsOf(one.state))) other.state[key]!.view.set(view);
          expect(framesOf(other, readings.slice(cut))).toEqual(framesOf(one, readings.slice(cut)));
          expect(viewsOf(other.state)).toEqual(viewsOf(one.state));
        }),
        { numRuns: 20 },
      );
    });
  }

  it('names an unknown parameter and the allowed ones', () => {
    for (const { type, parameters } of featureKinds) {
      const error = errorOf(() => chainOf([WINDOW, of(type, { lenght: 3 })], 1));
      expect(error.code).toBe('parameter');
      expect(error.message).toContain(`features of "in"[1] (${type}): has no parameter "lenght"`);
      expect(error.expected).toBe(Object.keys(parameters).join(', ') || 'no parameters');
    }
  });

  it('is found by its type, or the error lists the types', () => {
    const error = errorOf(() => featureKindOf('rmss', 'features of "in"[0]'));
    expect(error.code).toBe('graph');
    expect(error.message).toContain('features of "in"[0]: has unknown feature "rmss"; expected block, window, mean');
  });
});

describe('window', () => {
  it('gives the last samples, oldest first, after every hop', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(100),
        (length, hop, count) => {
          const samples = Array.from({ length: count }, (_, k) => k);
          const frames = framesOf(
            chainOf([of('window', { length, hop })], length),
            samples.map((k) => [k]),
          );
          const expected: number[][] = [];
          for (let end = length; end <= count; end += hop) expected.push(samples.slice(end - length, end));
          expect(frames).toEqual(expected);
        },
      ),
    );
  });

  it('does not overlap unless it is told to', () => {
    const frames = framesOf(
      chainOf([of('window', { length: 3 })], 3),
      [1, 2, 3, 4, 5, 6, 7].map((x) => [x]),
    );
    expect(frames).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('of frames has them one behind the other, channel by channel', () => {
    const chain = chainOf([of('window', { length: 2 }), of('window', { length: 3, hop: 2 })], 12);
    expect(chain.channels).toBe(2);
    const frames = framesOf(
      chain,
      Array.from({ length: 11 }, (_, k) => [k, 100 + k]),
    );
    expect(frames).toEqual([
      [0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105],
      [4, 5, 6, 7, 8, 9, 104, 105, 106, 107, 108, 109],
    ]);
  });
});

describe('block', () => {
  it('gives the samples of a reading one by one, channel by channel', () => {
    const chain = chainOf([of('block', { length: 2 }), of('window', { length: 4 })], 8);
    expect(chain.inputs).toBe(4);
    const frames = framesOf(chain, [
      [1, 2, 10, 20],
      [3, 4, 30, 40],
    ]);
    expect(frames).toEqual([[1, 2, 3, 4, 10, 20, 30, 40]]);
  });
});

describe('difference and range', () => {
  it('differences begin with 0', () => {
    expect(framesOf(chainOf([of('difference')], 1), [[3], [5], [4]])).toEqual([[0], [2], [-1]]);
  });

  it('what is below the largest is the same however much is added, and has a floor', () => {
    const stages = [of('window', { length: 3 }), of('below-largest', { depth: 5 })];
    const frames = framesOf(chainOf(stages, 3), [[-2], [1], [-30], [98], [101], [70]]);
    expect(frames).toEqual([
      [-3, 0, -5],
      [-3, 0, -5],
    ]);
  });

  it('a range normalises as that of an encoder', () => {
    const given = framesOf(chainOf([of('range', { range: [0, 10], span: 'unit' })], 1), [[5], [20], [-3]]);
    expect(given).toEqual([[0.5], [1], [0]]);
    const chain = chainOf([of('range', { range: 'auto', warmUp: 4 })], 1);
    expect(framesOf(chain, [[0], [10], [0], [10]])).toHaveLength(1);
    expect(chain.ranges.map(({ ready }) => ready)).toEqual([true]);
    // The quantiles 0.02 and 0.98 of the warm-up lie at its ends, widened by 1.5: −2.5 … 12.5.
    expect(framesOf(chain, [[12.5], [5]])).toEqual([[expect.closeTo(1, 10)], [expect.closeTo(0, 10)]]);
  });
});

describe('a chain', () => {
  it.each<[string, number, readonly FeatureStage[]]>([
    ['one reading', 1, [of('logarithm')]],
    ['windows that overlap', 16, [WINDOW, [of('mean'), of('rms')]]],
    ['windows apart from each other', 4, [of('window', { length: 4, hop: 9 }), of('mean')]],
    ['windows of windows', 31, [WINDOW, of('mean'), of('window', { length: 4, hop: 2 })]],
    ['blocks', 4, [of('block', { length: 5 }), of('window', { length: 20, hop: 10 }), of('mean')]],
    ['a scale and a range', 16, [WINDOW, of('mean'), of('standardise', { warmUp: 4 }), of('range', { warmUp: 3 })]],
  ])('spans the readings in its windows: %s', (_, span, stages) => {
    const numbers = FeatureChain.outputsOf('features of "in"', stages);
    const { inputs, span: found } = chainOf(stages, numbers);
    const reading = (k: number, more: number) =>
      Array.from({ length: inputs }, (__, j) => 2 + more + Math.sin(k * j + k));
    const until = (changed: number) => {
      const chain = chainOf(stages, numbers);
      let last = { at: -1, values: [] as number[] };
      for (let k = 0; k < 100; k++) {
        if (chain.take(reading(k, k === changed ? 0.5 : 0))) last = { at: k, values: Array.from(chain.values) };
      }
      return last;
    };
    const { at, values } = until(-1);
    const changing = Array.from({ length: at + 1 }, (__, k) => k).filter((k) => `${until(k).values}` !== `${values}`);
    expect([at - changing.find((k) => k > 50)! + 1, found]).toEqual([span, span]);
  });

  it('lays out features side by side in their order, and channel by channel', () => {
    const chain = chainOf([of('window', { length: 2 }), [of('mean'), of('peak-to-peak')]], 4);
    expect(
      framesOf(chain, [
        [1, 10],
        [3, 20],
      ]),
    ).toEqual([[2, 2, 15, 10]]);
  });

  it('refuses a bad reading before anything changes', () => {
    const chain = chainOf([of('window', { length: 3 })], 6);
    chain.take([1, 2]);
    const before = structuredClone(viewsOf(chain.state));
    for (const bad of [[1], [1, 2, 3], [1, Number.NaN], [Number.POSITIVE_INFINITY, 1], [1, 1e61]]) {
      expect(errorOf(() => chain.take(bad)).code).toBe('input');
    }
    expect(viewsOf(chain.state)).toEqual(before);
  });

  const CASES: readonly [readonly FeatureStage[], number, string, string][] = [
    [[], 1, 'parameter', 'has 0 features; expected 1 to 16'],
    [Array.from({ length: 17 }, () => of('difference')), 1, 'parameter', 'has 17 features; expected 1 to 16'],
    [[[]], 1, 'parameter', '[0]: has 0 features; expected 1 to 64'],
    [[of('rms')], 1, 'parameter', 'features of "in"[0] (rms): gets single samples; expected frames, from a "window"'],
    [[of('window', { length: 4096 }), of('window', { length: 4096 })], 1, 'budget', 'would keep 16777'],
    [
      [WINDOW, of('block', { length: 4 })],
      1,
      'parameter',
      '[1]: takes readings, not what a feature gives; expected the first',
    ],
    [[of('block', { length: 6 }), WINDOW], 16, 'parameter', 'gives 1.2 frames per reading; expected at most one'],
    [[of('block', { length: 2 })], 1, 'parameter', 'gives 2 frames per reading'],
    [[WINDOW], 24, 'parameter', 'gives 16 numbers per channel; expected a divisor of the 24 that the encoder takes'],
    [[WINDOW, [of('rms'), of('range')]], 17, 'parameter', '[1][1]: does not answer each frame at once'],
    [[[of('rms'), of('window', { length: 4 })]], 5, 'parameter', 'features of "in"[0][0] (rms): gets single samples'],
    [[of('window', { length: 65_537 })], 1, 'parameter', 'length: is 65537; expected at most 65536'],
    [[of('window', { length: 65_536 })], 65_536 * 64, 'budget', 'would keep 4196416 numbers; expected at most 4194304'],
    [
      [of('window', { length: 20 }), of('band-energies', { sampleRate: 9, bands: 1 })],
      1,
      'parameter',
      'gets frames of 20 numbers; expected frames of a power of two',
    ],
    [[of('fft')], 1, 'graph', '[0]: has unknown feature "fft"'],
  ];
  it.each(CASES)('refuses %j before %i numbers', (stages, numbers, code, message) => {
    const error = errorOf(() => chainOf(stages, numbers));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});
