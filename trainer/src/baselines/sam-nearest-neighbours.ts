import { RandomGenerator } from '@spikewire/models';
import type { ClassifierKind, StreamClassifier } from './classifier.ts';
import { centresOf } from './k-means.ts';
import { indicesByChance } from './nearest-neighbours.ts';

/** Of the paper: neighbours, the shortest window, and samples of both memories together. */
const [K, SHORTEST, LARGEST] = [5, 50, 5000];

interface Labelled {
  readonly x: ArrayLike<number>;
  readonly label: number;
}

/**
 * SAM-kNN (Losing, Hammer and Wersing 2016, KNN classifier with self adjusting memory for heterogeneous concept drift,
 * ICDM). The short-term memory is the window of the last samples, m, m/2, m/4, … long, whose error of test then train
 * is the least. What it sheds goes to the long-term memory, without what contradicts the short-term one, which is
 * condensed by k-means where both together exceed 5000. Of these two and both together, the memory answers that was
 * right most often over the window.
 *
 * When the start of a halved window moves on by a sample, its earlier predictions are kept, as in the program of the
 * authors, although they knew that sample.
 */
export class SamNearestNeighbours implements StreamClassifier {
  readonly #random = new RandomGenerator(1, 'self-adjusting memory');
  #short: Labelled[] = [];
  #long: Labelled[] = [];
  /** Of each window, the longest first: whether each sample was predicted right. */
  #windows: boolean[][] = [[]];
  /** Of each memory, short, long and both: whether the last samples of the window were predicted right. */
  #right: [boolean[], boolean[], boolean[]] = [[], [], []];
  readonly #most: number;
  readonly #answer: Float64Array;

  constructor(classes: number, most = LARGEST) {
    this.#most = most;
    this.#answer = new Float64Array(classes);
  }

  get shortTerm(): readonly Labelled[] {
    return this.#short;
  }

  get longTerm(): readonly Labelled[] {
    return this.#long;
  }

  predict(sample: ArrayLike<number>): Float64Array {
    const [short, long, both] = this.#right.map((flags) => flags.filter(Boolean).length) as [number, number, number];
    if (short >= Math.max(long, both)) return this.#votes(nearest(sample, this.#short));
    if (long >= both) return this.#votes(nearest(sample, this.#long));
    return this.#votes(nearest(sample, [...this.#short, ...this.#long]));
  }

  learn(sample: ArrayLike<number>, label: number): void {
    const own = { x: Float32Array.from(sample), label };
    this.#judge(own);
    this.#short.push(own);
    this.#long = cleaned(this.#long, own, this.#short);
    this.#adapt();
    if (this.#short.length + this.#long.length > this.#most) this.#condense();
  }

  /** Predicts the sample by each window and memory, before it is known. */
  #judge({ x, label }: Labelled): void {
    const isRight = (memory: readonly Labelled[]) => this.#winner(nearest(x, memory)) === label;
    const size = this.#short.length + 1;
    if (size >= SHORTEST * 2 ** this.#windows.length) this.#windows.push(this.#flagsOf(SHORTEST - 1));
    for (const [level, flags] of this.#windows.entries()) {
      flags.push(isRight(this.#short.slice(this.#short.length - flags.length)));
      if (flags.length > Math.floor(size / 2 ** level)) flags.shift();
    }
    this.#right[0].push(this.#windows[0]!.at(-1)!);
    this.#right[1].push(isRight(this.#long));
    this.#right[2].push(isRight([...this.#short, ...this.#long]));
  }

  /** What test then train gives on the last samples alone. */
  #flagsOf(length: number): boolean[] {
    const window = this.#short.slice(-length);
    return window.map(({ x, label }, n) => this.#winner(nearest(x, window.slice(0, n))) === label);
  }

  /** Takes the window with the least error; what it sheds goes to the long-term memory. */
  #adapt(): void {
    const errors = this.#windows.map((flags) => flags.filter((isRight) => !isRight).length / flags.length);
    const best = errors.indexOf(Math.min(...errors));
    if (best > 0) {
      const shed = this.#short.splice(0, this.#short.length - this.#windows[best]!.length);
      this.#windows = this.#windows.slice(best);
      this.#long.push(...this.#short.reduce((kept, own) => cleaned(kept, own, this.#short), shed));
    }
    for (const flags of this.#right) flags.splice(0, flags.length - this.#short.length);
  }

  /** Halves the long-term memory, class by class; sheds the older half of a short-term one that fills all alone. */
  #condense(): void {
    if (this.#short.length > this.#most / 2 && this.#long.length < SHORTEST) {
      this.#long.push(...this.#short.splice(0, this.#short.length - this.#windows[1]!.length));
      this.#windows = this.#windows.slice(1);
    }
    const classes = new Set(this.#long.map(({ label }) => label));
    this.#long = [...classes].flatMap((label) => {
      const samples = this.#long.filter((each) => each.label === label).map(({ x }) => x);
      return centresOf(samples, Math.ceil(samples.length / 2), this.#random).map((x) => ({ x, label }));
    });
  }

  #votes(neighbours: readonly Neighbour[]): Float64Array {
    this.#answer.fill(0);
    for (const { distance, own } of neighbours) this.#answer[own.label]! += 1 / (distance + 1e-3);
    const sum = this.#answer.reduce((a, b) => a + b, 0);
    return sum === 0 ? this.#answer.fill(1 / this.#answer.length) : this.#answer.map((vote) => vote / sum);
  }

  #winner(neighbours: readonly Neighbour[]): number {
    if (neighbours.length === 0) return -1;
    const votes = this.#votes(neighbours);
    return votes.indexOf(Math.max(...votes));
  }
}

interface Neighbour {
  readonly own: Labelled;
  readonly distance: number;
}

/** The five nearest, or all of fewer, the nearest first. */
function nearest(x: ArrayLike<number>, memory: readonly Labelled[]): Neighbour[] {
  const found: Neighbour[] = [];
  for (const own of memory) {
    const farthest = found.length < K ? Number.POSITIVE_INFINITY : found[K - 1]!.distance;
    const distance = distanceWithin(x, own.x, farthest);
    if (distance >= farthest) continue;
    const at = found.findIndex((each) => each.distance > distance);
    found.splice(at < 0 ? found.length : at, 0, { own, distance });
    if (found.length > K) found.pop();
  }
  return found;
}

/** Of Euclid; something above `most` as soon as it is above. */
function distanceWithin(a: ArrayLike<number>, b: ArrayLike<number>, most: number): number {
  const limit = most * most;
  let sum = 0;
  for (let j = 0; j < a.length && sum <= limit; j++) sum += (a[j]! - b[j]!) ** 2;
  return Math.sqrt(sum);
}

/**
 * A memory without those of the neighbours of `own` that have another label and are no farther from it than the
 * farthest of its neighbours of its own label in the short-term memory (definition 1 of the paper).
 */
function cleaned(memory: Labelled[], own: Labelled, short: readonly Labelled[]): Labelled[] {
  const besides = short.filter((each) => each !== own);
  const like = nearest(own.x, besides).filter((each) => each.own.label === own.label);
  if (like.length === 0) return memory;
  const { distance: reach } = like.at(-1)!;
  const wrong = nearest(own.x, memory).filter((each) => each.own.label !== own.label && each.distance <= reach);
  if (wrong.length === 0) return memory;
  const removed = new Set(wrong.map((each) => each.own));
  return memory.filter((each) => !removed.has(each));
}

export const samNearestNeighbours: ClassifierKind = {
  name: 'sam-knn',
  view: 'base',
  fit({ samples, labels }, { classes }) {
    const order = indicesByChance(samples.length);
    return () => {
      const memory = new SamNearestNeighbours(classes);
      for (const index of order) memory.learn(samples[index]!, labels[index]!);
      return memory;
    };
  },
};
