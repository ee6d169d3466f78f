import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { shuffledIndices } from '../random/shuffled.ts';
import { aggregateSums, THRESHOLDS } from './aggregate-sums.ts';
import type { BaseSums } from './base-sums.ts';
import { hasNumpy, inNumpy, limitsFor, type Sample, samplesOf, sumsOf } from './samples.test-data.ts';
import { solve } from './solve.ts';
import { squaredErrors } from './squared-errors.ts';
import { rowOf } from './triangle.ts';

const [INPUTS, CLASSES, DEVICES] = [8, 3, 12];
const limits = limitsFor(INPUTS, 60);

function baseOf(samples: readonly Sample[]): BaseSums {
  const sums = sumsOf(samples, INPUTS, CLASSES);
  const products = sums.products.slice();
  for (let i = 0; i < INPUTS; i++) products[rowOf(i, INPUTS) + i]! += 1;
  return { ...sums, products, weights: solve(products, sums.targets, INPUTS, CLASSES) };
}

const random = new RandomGenerator(7, 'devices');
const base = baseOf(samplesOf(30, INPUTS, CLASSES, random));
const devices = Array.from({ length: DEVICES }, () => samplesOf(40, INPUTS, CLASSES, random));
const parts = devices.map((samples) => sumsOf(samples, INPUTS, CLASSES));
const flipped = (samples: readonly Sample[]) =>
  sumsOf(
    samples.map(({ x, label }) => ({ x, label: (label + 1) % CLASSES })),
    INPUTS,
    CLASSES,
  );
const checked = { method: 'checked-sum', limits } as const;
/** Three of twelve lie. */
const withLies = parts.map((part, k) => (k < 3 ? flipped(devices[k]!) : part));

it.skipIf(!hasNumpy)('a sum gives the weights that numpy finds from all samples', () => {
  const { weights, sums, taken } = aggregateSums(base, parts, { method: 'sum', limits });
  const program = `
X = np.array(given["x"]); Y = np.eye(3)[given["y"]]; A = np.zeros((8, 8)); A[np.triu_indices(8)] = given["products"]
A = A + A.T - np.diag(A.diagonal()); b = np.array(given["targets"]).reshape(8, 3)
print(json.dumps(np.linalg.solve(A + X.T @ X, b + X.T @ Y).ravel().tolist()))`;
  const all = devices.flat();
  const { products, targets } = base;
  const given = { x: all.map(({ x }) => x), y: all.map(({ label }) => label), products, targets };
  for (const [k, weight] of (inNumpy(program, given) as number[]).entries()) expect(weights[k]).toBeCloseTo(weight, 10);
  expect(sums.samples).toBe(30 + 40 * DEVICES);
  expect(taken).toHaveLength(DEVICES);
});

it.skipIf(!hasNumpy)('errors are those that numpy finds from the samples', () => {
  const program = `
X = np.array(given["x"]); R = X @ np.array(given["w"]).reshape(8, 3) - np.eye(3)[given["y"]]
e = (R ** 2).mean(0); print(json.dumps([*e, e.sum()]))`;
  const [samples] = devices as [Sample[]];
  const given = { x: samples.map(({ x }) => x), y: samples.map(({ label }) => label), w: base.weights };
  const truth = inNumpy(program, given) as number[];
  const errors = squaredErrors(parts[0]!, base.weights);
  for (const [c, error] of truth.entries()) expect(errors[c]).toBeCloseTo(error, 10);
});

describe('a checked sum', () => {
  it('leaves out who lies, says why, and keeps the others', () => {
    const { taken, leftOut } = aggregateSums(base, withLies, checked);
    expect(taken).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(leftOut.map(({ part }) => part)).toEqual([0, 1, 2]);
    for (const { reason } of leftOut) expect(reason).toMatch(/^does not agree with the others on/);
  });

  it('takes all that are honest', () => {
    expect(aggregateSums(base, parts, checked).leftOut).toEqual([]);
  });

  it('is not moved by lies beyond the limits, of whatever size', () => {
    const truth = aggregateSums(base, parts.slice(3), checked).weights;
    for (const factor of [10, 1e6, 1e300, Number.POSITIVE_INFINITY]) {
      const times = (numbers: Float64Array) => numbers.map((value) => value * factor);
      const large = withLies.map((part, k) =>
        k < 3 ? { ...part, products: times(part.products), targets: times(part.targets) } : part,
      );
      const { weights, taken } = aggregateSums(base, large, checked);
      expect(taken).toHaveLength(9);
      expect(weights).toEqual(truth);
    }
  });

  it('does not depend on the order of the parts', () => {
    const order = shuffledIndices(DEVICES, new RandomGenerator(2, 'order'));
    const mixed = Array.from(order, (k) => withLies[k]!);
    const [one, other] = [aggregateSums(base, withLies, checked), aggregateSums(base, mixed, checked)];
    for (const [k, weight] of one.weights.entries()) expect(other.weights[k]).toBeCloseTo(weight, 10);
    expect(other.leftOut.map(({ part }) => order[part]).sort()).toEqual([0, 1, 2]);
  });

  it('lets nobody count for more samples than the median has', () => {
    const twice = [sumsOf([...devices[0]!, ...devices[0]!.slice(0, 20)], INPUTS, CLASSES), ...parts.slice(1)];
    const thresholds = { ...THRESHOLDS, trust: 0 };
    const { sums } = aggregateSums(base, twice, { ...checked, thresholds });
    expect(sums.samples).toBeCloseTo(30 + 40 * DEVICES, 10);
  });

  it('is the base where nothing came, and where nothing was sound', () => {
    const negative = { ...parts[0]!, targets: parts[0]!.targets.map((value) => -value) };
    for (const none of [[], [negative]]) {
      const { weights, taken } = aggregateSums(base, none, checked);
      for (const [k, weight] of weights.entries()) expect(weight).toBeCloseTo(base.weights[k]!, 10);
      expect(taken).toEqual([]);
    }
  });

  it('goes through parts that are read again, and refuses those that cannot be', () => {
    const again = { [Symbol.iterator]: () => withLies.values() };
    expect(aggregateSums(base, again, checked)).toEqual(aggregateSums(base, withLies, checked));
    expect(() => aggregateSums(base, withLies.values(), checked)).toThrow('the parts came only once');
  });
});
