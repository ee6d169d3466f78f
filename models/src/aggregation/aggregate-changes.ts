import { type Aggregate, type ChangeMethod, MALICIOUS } from './aggregate.ts';
import { clippedMean, coordinateMedian, krumChoice, trimmedMean, weightedMean } from './robust-means.ts';
import type { WeightChange } from './weight-change.ts';

export interface ChangeOptions {
  /** How the mean is formed: see the functions of `robust-means.ts`, each with its paper. */
  readonly method: ChangeMethod;
  /** Samples of a part, at most. */
  readonly mostSamples: number;
  /** Share of the parts that may be malicious, below ½; 0.3. */
  readonly malicious?: number;
}

/** What changes are changes of. */
export interface BaseWeights {
  readonly inputs: number;
  readonly classes: number;
  /** W₀, inputs × classes by rows. */
  readonly weights: Float64Array;
}

/** The weights of the base and a mean of the changes; without any part that fits, those of the base. */
export function aggregateChanges(base: BaseWeights, parts: readonly WeightChange[], options: ChangeOptions): Aggregate {
  const problems = parts.map((part) => problemOf(part, base, options.mostSamples));
  const leftOut = problems.flatMap((reason, part) => (reason === undefined ? [] : [{ part, reason }]));
  const fitting = problems.flatMap((reason, part) => (reason === undefined ? [part] : []));
  if (fitting.length === 0) return { weights: base.weights.slice(), taken: [], leftOut };
  const malicious = options.malicious ?? MALICIOUS;
  const isKrum = options.method === 'multi-krum';
  const changes = fitting.map((part) => parts[part]!.change);
  const near = isKrum ? krumChoice(changes, Math.floor(malicious * changes.length)) : changes.map((_, k) => k);
  const taken = near.map((k) => fitting[k]!);
  for (const part of fitting) {
    if (!taken.includes(part)) leftOut.push({ part, reason: 'is far from most others' });
  }
  leftOut.sort((a, b) => a.part - b.part);
  const chosen = near.map((k) => changes[k]!);
  const samples = taken.map((part) => parts[part]!.samples);
  const change = meanBy(options.method, chosen, samples, malicious);
  return { weights: base.weights.map((weight, k) => weight + change[k]!), taken, leftOut };
}

function meanBy(method: ChangeMethod, changes: readonly Float64Array[], samples: readonly number[], malicious: number) {
  if (method === 'fedavg') return weightedMean(changes, samples);
  if (method === 'clipped') return clippedMean(changes);
  if (method === 'median') return coordinateMedian(changes);
  return trimmedMean(changes, method === 'trimmed' ? malicious : 0);
}

function problemOf({ inputs, classes, samples, change }: WeightChange, base: BaseWeights, most: number) {
  const isOfBase = inputs === base.inputs && classes === base.classes;
  if (!isOfBase || change.length !== base.weights.length) return 'is a change of weights of another shape';
  if (!Number.isInteger(samples) || samples < 1 || samples > most)
    return `has ${samples} samples instead of 1 to ${most}`;
  return change.every(Number.isFinite) ? undefined : 'has changes that are not finite';
}
