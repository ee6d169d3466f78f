import type { LabelledSamples } from '@spikewire/engine/data';

/** A classifier that learns on a stream: one sample at a time, bounded memory. */
export interface StreamClassifier {
  /** Probability of each class; a view, valid until the next call. */
  predict(sample: ArrayLike<number>): Float64Array;
  /** A label that came: the sample was of this class. */
  learn(sample: ArrayLike<number>, label: number): void;
}

/** What a classifier is fitted for. */
export interface ClassifierSite {
  readonly classes: number;
  /** Whether rare classes count more, by the root of how rare they are and at most three times. */
  readonly weighted: boolean;
}

/** A classifier that spikewire is compared with: one file, one line in the index. */
export interface ClassifierKind {
  readonly name: string;
  /** The samples it gets: standardised by the base, by running statistics of the stream, or one behind the other. */
  readonly view: 'base' | 'running' | 'both';
  /**
   * Learns a base of standardised samples. What is returned gives a classifier that goes on from there, anew each time.
   */
  fit(base: LabelledSamples, site: ClassifierSite): () => StreamClassifier;
}

/** Samples of each class. */
export function countsOf(labels: Iterable<number>, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]!++;
  return counts;
}

/** e^z, normalised, in place. */
export function softmax(z: Float64Array): Float64Array {
  const highest = Math.max(...z);
  let sum = 0;
  for (let k = 0; k < z.length; k++) {
    z[k] = Math.exp(z[k]! - highest);
    sum += z[k]!;
  }
  for (let k = 0; k < z.length; k++) z[k]! /= sum;
  return z;
}
