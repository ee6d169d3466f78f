import { SpikewireError } from '../error.ts';
import { type Aggregate, type LeftOut, MALICIOUS, type SumMethod } from './aggregate.ts';
import { type BaseSums, weighed } from './base-sums.ts';
import { problemOfShape, problemOfSums, type SumLimits } from './check.ts';
import { judge, type Thresholds } from './judge.ts';
import { trimmedMean } from './robust-means.ts';
import { solve } from './solve.ts';
import { squaredErrors } from './squared-errors.ts';
import type { Sums } from './sums.ts';

export interface SumOptions {
  /**
   * `sum`: adds up all parts of the right shape, whatever they hold. `checked-sum`: those that can be of real samples,
   * and agree with the others.
   */
  readonly method: SumMethod;
  readonly limits: SumLimits;
  /** How many samples the base counts for; absent: as many as it says. */
  readonly baseSamples?: number;
  /** Share of the parts that may be malicious, below ½; 0.3. */
  readonly malicious?: number;
  readonly thresholds?: Partial<Thresholds>;
}

export type AggregateOfSums = Aggregate & { readonly sums: Sums };

/** Chosen on recorded streams: `npm run study -- aggregation`. */
export const THRESHOLDS: Thresholds = { spread: 3, classSpread: 4, least: 0.05, classLeast: 0.05, trust: 2 };
/** What a base weighs on a device that learns on, in samples. */
const DEVICE_BASE_SAMPLES = 50;

/**
 * The base and what the parts have learned since: W = (A₀ + ridge·I + Σ w_k·A_k)⁻¹·(b₀ + Σ w_k·b_k), w_k = 1 in a plain
 * sum. `parts` are gone through up to three times, and none is kept. Throws `learning` where a plain sum has no
 * solution.
 */
export function aggregateSums(base: BaseSums, parts: Iterable<Sums>, options: SumOptions): AggregateOfSums {
  const leftOut: LeftOut[] = [];
  const weightOf =
    options.method === 'sum' ? shapeWeights(base, leftOut) : checkedWeights(base, parts, options, leftOut);
  const heavy = weighed(base, options.baseSamples ?? base.samples);
  const total = { ...heavy, products: heavy.products.slice(), targets: heavy.targets.slice(), samples: heavy.samples };
  const taken: number[] = [];
  let index = 0;
  for (const part of parts) {
    const weight = weightOf(part, index);
    if (weight > 0) {
      addTo(total, part, weight);
      taken.push(index);
    }
    index++;
  }
  const { inputs, classes, samples, products, targets } = total;
  const sums = { inputs, classes, samples, products, targets };
  leftOut.sort((a, b) => a.part - b.part);
  return { weights: solve(products, targets, inputs, classes), sums, taken, leftOut };
}

function addTo(total: { samples: number } & Omit<Sums, 'samples'>, part: Sums, weight: number): void {
  for (let k = 0; k < total.products.length; k++) total.products[k]! += weight * part.products[k]!;
  for (let k = 0; k < total.targets.length; k++) total.targets[k]! += weight * part.targets[k]!;
  total.samples += weight * part.samples;
}

type WeightOf = (part: Sums, index: number) => number;

function shapeWeights(base: BaseSums, leftOut: LeftOut[]): WeightOf {
  return (part, index) => {
    const reason = problemOfShape(part, base);
    if (reason !== undefined) leftOut.push({ part: index, reason });
    return reason === undefined ? 1 : 0;
  };
}

/**
 * Judges sound parts by the errors of one reference on them: W₀ and the trimmed mean of what each part would have
 * changed by itself.
 */
function checkedWeights(base: BaseSums, parts: Iterable<Sums>, options: SumOptions, leftOut: LeftOut[]): WeightOf {
  const { sound, changes } = soundParts(base, parts, options.limits, leftOut);
  const weights = new Map<number, number>();
  if (sound.length > 0) {
    const middle = trimmedMean(changes, options.malicious ?? MALICIOUS);
    const reference = middle.map((change, k) => base.weights[k]! + change);
    const { errors, samples } = errorsOf(parts, sound, reference);
    const judged = judge(errors, samples, { ...THRESHOLDS, ...options.thresholds });
    for (const [k, index] of sound.entries()) weights.set(index, judged.weights[k]!);
    for (const [k, reason] of judged.reasons) leftOut.push({ part: sound[k]!, reason });
  }
  return (_, index) => weights.get(index) ?? 0;
}

/** Indices of the parts that can be of real samples, and how each alone would change the weights of the base. */
function soundParts(base: BaseSums, parts: Iterable<Sums>, limits: SumLimits, leftOut: LeftOut[]) {
  const { inputs, classes, weights } = base;
  const own = weighed(base, Math.min(DEVICE_BASE_SAMPLES, base.samples));
  const [room, products] = [new Float64Array(inputs ** 2), new Float64Array(own.products.length)];
  const sound: number[] = [];
  const changes: Float64Array[] = [];
  let index = 0;
  for (const part of parts) {
    const reason = problemOfShape(part, base) ?? problemOfSums(part, limits, room);
    if (reason === undefined) {
      for (let k = 0; k < products.length; k++) products[k] = own.products[k]! + part.products[k]!;
      const targets = own.targets.map((target, k) => target + part.targets[k]!);
      sound.push(index);
      changes.push(solve(products, targets, inputs, classes, room).map((weight, k) => weight - weights[k]!));
    } else leftOut.push({ part: index, reason });
    index++;
  }
  return { sound, changes };
}

function errorsOf(parts: Iterable<Sums>, sound: readonly number[], reference: Float64Array) {
  const errors: Float64Array[] = [];
  const samples: number[] = [];
  let index = 0;
  for (const part of parts) {
    if (index === sound[errors.length]) {
      errors.push(squaredErrors(part, reference));
      samples.push(part.samples);
    }
    index++;
  }
  if (errors.length < sound.length) {
    throw new SpikewireError('usage', 'aggregation', 'the parts came only once', 'an array, or what gives them again');
  }
  return { errors, samples };
}
