import { RandomGenerator } from '@spikewire/models';
import type { ClassifierKind, StreamClassifier } from './classifier.ts';

/** Samples of the base, or of the stream, that are remembered. */
const WINDOW = 1000;
/** Numbers of a sample between two looks at whether it is too far already. */
const CHUNK = 16;

/** The last samples with their classes; the k nearest vote, each by 1/distance. */
export class NearestNeighbours implements StreamClassifier {
  readonly #k: number;
  readonly #width: number;
  readonly #window: number;
  readonly #samples: Float32Array;
  readonly #labels: Uint8Array;
  readonly #answer: Float64Array;
  /** Squared distances and indices of the k nearest so far, the farthest first. */
  readonly #distances: Float64Array;
  readonly #indices: Int32Array;
  #count = 0;

  constructor(k: number, width: number, classes: number, window = WINDOW) {
    this.#k = k;
    this.#width = width;
    this.#window = window;
    this.#samples = new Float32Array(window * width);
    this.#labels = new Uint8Array(window);
    this.#answer = new Float64Array(classes);
    this.#distances = new Float64Array(k);
    this.#indices = new Int32Array(k);
  }

  predict(sample: ArrayLike<number>): Float64Array {
    this.#search(Float64Array.from(sample));
    this.#answer.fill(0);
    let sum = 0;
    for (let n = 0; n < this.#k; n++) {
      if (this.#distances[n] === Number.POSITIVE_INFINITY) continue;
      const weight = 1 / (Math.sqrt(this.#distances[n]!) + 1e-3);
      this.#answer[this.#labels[this.#indices[n]!]!]! += weight;
      sum += weight;
    }
    return sum === 0 ? this.#answer.fill(1 / this.#answer.length) : this.#answer.map((weight) => weight / sum);
  }

  #search(sample: Float64Array): void {
    this.#distances.fill(Number.POSITIVE_INFINITY);
    const kept = Math.min(this.#count, this.#window);
    for (let index = 0; index < kept; index++) {
      const farthest = this.#distances[0]!;
      const start = index * this.#width;
      let distance = 0;
      for (let from = 0; from < this.#width && distance < farthest; from += CHUNK) {
        const to = Math.min(this.#width, from + CHUNK);
        for (let j = from; j < to; j++) {
          const difference = sample[j]! - this.#samples[start + j]!;
          distance += difference * difference;
        }
      }
      if (distance < farthest) this.#insert(distance, index);
    }
  }

  #insert(distance: number, index: number): void {
    let at = 0;
    while (at + 1 < this.#k && this.#distances[at + 1]! > distance) {
      this.#distances[at] = this.#distances[at + 1]!;
      this.#indices[at] = this.#indices[at + 1]!;
      at++;
    }
    this.#distances[at] = distance;
    this.#indices[at] = index;
  }

  /** Takes the place of the oldest once the window is full. */
  learn(sample: ArrayLike<number>, label: number): void {
    const index = this.#count++ % this.#window;
    for (let j = 0; j < this.#width; j++) this.#samples[index * this.#width + j] = sample[j]!;
    this.#labels[index] = label;
  }
}

/** The k nearest of the last labelled samples, of the base at first. */
function kind(k: number): ClassifierKind {
  return {
    name: `${k}-nn`,
    view: 'base',
    fit({ samples, labels }, { classes }) {
      const order = indicesByChance(samples.length);
      return () => {
        const neighbours = new NearestNeighbours(k, samples[0]!.length, classes);
        for (const index of order) neighbours.learn(samples[index]!, labels[index]!);
        return neighbours;
      };
    },
  };
}

/** As many of the base as the window holds, by chance, since bases are sorted by class or person. */
export function indicesByChance(count: number): number[] {
  const random = new RandomGenerator(1, 'nearest neighbours');
  const keys = Array.from({ length: count }, (_, index) => [random.nextUniform(), index] as const);
  return keys
    .sort(([a], [b]) => a - b)
    .slice(0, WINDOW)
    .map(([, index]) => index);
}

export const [nearestNeighbour, fiveNearestNeighbours] = [kind(1), kind(5)];
