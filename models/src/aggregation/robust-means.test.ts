import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { clippedMean, coordinateMedian, krumChoice, multiKrum, trimmedMean, weightedMean } from './robust-means.ts';
import { hasNumpy, inNumpy } from './samples.test-data.ts';

const of = (...rows: number[][]) => rows.map((row) => Float64Array.from(row));
const MEANS: readonly (readonly [string, (vectors: Float64Array[]) => Float64Array])[] = [
  ['the plain mean', (vectors) => weightedMean(vectors, new Float64Array(vectors.length).fill(1))],
  ['the clipped mean', clippedMean],
  ['the median', coordinateMedian],
  ['the trimmed mean', (vectors) => trimmedMean(vectors, 0.3)],
  ['multi-Krum', (vectors) => multiKrum(vectors, Math.floor(0.3 * vectors.length))],
];

describe('by hand', () => {
  it('FedAvg weighs by samples', () => {
    expect(weightedMean(of([0, 8], [4, 0]), [3, 1])).toEqual(Float64Array.of(1, 6));
  });
  it('clipping cuts norms to their median', () => {
    expect(clippedMean(of([3, 4], [0, 1], [30, 40]))).toEqual(Float64Array.of(2, 3));
  });
  it('the median of an even number is the mean of the middle two', () => {
    expect(coordinateMedian(of([1, 9], [2, 0], [5, 1], [100, -7]))).toEqual(Float64Array.of(3.5, 0.5));
  });
  it('trimming takes as many away at both ends', () => {
    expect(trimmedMean(of([1], [2], [3], [7], [1000]), 0.2)).toEqual(Float64Array.of(4));
  });
  it('Krum leaves out what is far from most', () => {
    expect(krumChoice(of([0], [1], [2], [50], [1.5]), 1)).toEqual([0, 1, 2, 4]);
  });
});

describe.each(MEANS)('%s', (name, mean) => {
  // Distances of whole numbers often tie, and then the order decides.
  const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 });
  it('does not depend on the order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(vector, { minLength: 1, maxLength: 12, selector: String }), fc.nat(), (rows, seed) => {
        const random = new RandomGenerator(seed, 'order');
        const mixed = rows.map((row) => ({ row, at: random.nextUniform() })).sort((a, b) => a.at - b.at);
        const [one, other] = [mean(of(...rows)), mean(of(...mixed.map(({ row }) => row)))];
        if (name === 'multi-Krum') fc.pre(hasNoTies(of(...rows)));
        for (let i = 0; i < one.length; i++) expect(other[i]).toBeCloseTo(one[i]!, 8);
      }),
    );
  });
});

it.each(MEANS.slice(1))('%s is moved no farther than honest vectors reach by three of ten', (name, mean) => {
  const extreme = fc.array(fc.double({ min: -1e200, max: 1e200, noNaN: true }), { minLength: 2, maxLength: 2 });
  const usual = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 });
  const honest = fc.array(usual, { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(honest, fc.array(extreme, { minLength: 3, maxLength: 3 }), (own, others) => {
      const result = mean(of(...own, ...others));
      // Honest vectors are within √2 of 0. Krum may choose a malicious one, as near as the honest ones are together.
      const most = name === 'multi-Krum' ? 9 * Math.SQRT2 : Math.SQRT2;
      expect(Math.hypot(...result)).toBeLessThanOrEqual(most + 1e-9);
    }),
  );
});

function hasNoTies(vectors: Float64Array[]): boolean {
  const malicious = Math.floor(0.3 * vectors.length);
  const chosen = krumChoice(vectors, malicious).map((k) => vectors[k]!);
  const reversed = [...vectors].reverse();
  const other = krumChoice(reversed, malicious).map((k) => reversed[k]!);
  return chosen.every((vector) => other.includes(vector));
}

it.skipIf(!hasNumpy)('all agree with numpy', () => {
  const random = new RandomGenerator(5, 'vectors');
  const vectors = Array.from({ length: 11 }, () => Float64Array.from({ length: 6 }, () => random.nextNormal()));
  const samples = vectors.map(() => 1 + random.nextInteger(40));
  const program = `
V = np.array(given["vectors"]); n = np.array(given["samples"]); K = len(V); f = 3
norm = np.linalg.norm(V, axis=1); S = np.sort(V, 0)
d = ((V[:, None] - V[None]) ** 2).sum(-1); score = np.sort(d, 1)[:, 1 : K - f - 1].sum(1)
print(json.dumps([np.average(V, 0, n).tolist(), (V * np.minimum(1, np.median(norm) / norm)[:, None]).mean(0).tolist(),
  np.median(V, 0).tolist(), S[3 : K - 3].mean(0).tolist(), V[np.argsort(score)[: K - f]].mean(0).tolist()]))`;
  const truth = inNumpy(program, { vectors, samples }) as number[][];
  const own = [
    weightedMean(vectors, samples),
    clippedMean(vectors),
    coordinateMedian(vectors),
    trimmedMean(vectors, 0.3),
    multiKrum(vectors, 3),
  ];
  for (const [k, mean] of own.entries()) {
    for (const [i, value] of mean.entries()) expect(value).toBeCloseTo(truth[k]![i]!, 12);
  }
});

it.skipIf(!hasNumpy)('Krum chooses as numpy does, from vectors that hardly differ in how far they are', () => {
  const random = new RandomGenerator(6, 'sets');
  const sets = Array.from({ length: 40 }, () =>
    Array.from({ length: 9 }, () => Float64Array.from({ length: 4 }, () => random.nextNormal())),
  );
  const program = `
def choice(V, K=9, f=2):
    d = ((V[:, None] - V[None]) ** 2).sum(-1); return sorted(np.argsort(np.sort(d, 1)[:, 1 : K - f - 1].sum(1))[: K - f].tolist())
print(json.dumps([choice(np.array(V)) for V in given]))`;
  expect(sets.map((vectors) => krumChoice(vectors, 2))).toEqual(inNumpy(program, sets));
});
