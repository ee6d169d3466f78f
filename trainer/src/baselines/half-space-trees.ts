import { RandomGenerator } from '@spikewire/models';
import type { AnomalyScore } from './anomaly-score.ts';
import { LastReadings } from './last-readings.ts';

const TREES = 25;
const DEPTH = 8;
const NODES = 2 ** (DEPTH + 1);
/** Points of a window, and mass in a node with which it is not looked into further. */
const WINDOW = 250;
const LEAST_MASS = 0.1 * WINDOW;

/**
 * Streaming half-space trees (Tan, Ting and Liu 2011): random halvings of a box around the data, drawn before any came;
 * what counts is how many points of the last window lay where this one does. Points are the last `shingle` readings,
 * each channel on 0…1 of the range of the first window.
 */
export function halfSpaceTrees(channels: number, seed: number, shingle = 4): AnomalyScore {
  const size = channels * shingle;
  const random = new RandomGenerator(seed, 'half-space trees');
  const trees = Array.from({ length: TREES }, () => new HalfSpaceTree(size, random));
  const last = new LastReadings(channels, shingle);
  const low = new Float64Array(channels).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY);
  let count = 0;
  return {
    scoreOf(values) {
      const isFirst = count < WINDOW;
      for (let k = 0; isFirst && k < channels; k++) {
        low[k] = Math.min(low[k]!, values[k]!);
        high[k] = Math.max(high[k]!, values[k]!);
      }
      const point = last.add(Array.from(low, (from, k) => (values[k]! - from) / (high[k]! - from || 1)));
      if (point === undefined) return 0;
      const mass = trees.reduce((sum, tree) => sum + tree.massOf(point), 0);
      count++;
      if (count % WINDOW === 0) for (const tree of trees) tree.turn();
      // More mass is more usual; so that larger is more unusual, and 0 is the most usual there can be.
      return count <= 2 * WINDOW ? 0 : 1 - mass / (TREES * WINDOW * 2 ** DEPTH);
    },
  };
}

class HalfSpaceTree {
  /** A perfect binary tree: the children of node n are 2n and 2n + 1, the root is 1. */
  readonly #at = new Uint16Array(NODES);
  readonly #split = new Float64Array(NODES);
  #reference = new Float64Array(NODES);
  #latest = new Float64Array(NODES);

  constructor(size: number, random: RandomGenerator) {
    const [low, high] = [new Float64Array(size), new Float64Array(size)];
    for (let k = 0; k < size; k++) {
      // The paper's work space: around a random middle, so far that it has all of 0…1.
      const middle = random.nextUniform();
      const reach = 2 * Math.max(middle, 1 - middle);
      low[k] = middle - reach;
      high[k] = middle + reach;
    }
    this.#halve(1, low, high, random);
  }

  #halve(node: number, low: Float64Array, high: Float64Array, random: RandomGenerator): void {
    if (node >= NODES / 2) return;
    const at = random.nextInteger(low.length);
    const split = (low[at]! + high[at]!) / 2;
    this.#at[node] = at;
    this.#split[node] = split;
    this.#halve(2 * node, low, high.with(at, split), random);
    this.#halve(2 * node + 1, low.with(at, split), high, random);
  }

  /** Mass of the last window where the point lies, times 2^depth; the point counts for the next window. */
  massOf(point: Float64Array): number {
    let [node, depth, found] = [1, 0, -1];
    while (true) {
      this.#latest[node]! += 1;
      if (found < 0 && (node >= NODES / 2 || this.#reference[node]! <= LEAST_MASS))
        found = this.#reference[node]! * 2 ** depth;
      if (node >= NODES / 2) return found;
      node = 2 * node + (point[this.#at[node]!]! < this.#split[node]! ? 0 : 1);
      depth++;
    }
  }

  turn(): void {
    [this.#reference, this.#latest] = [this.#latest, this.#reference];
    this.#latest.fill(0);
  }
}
