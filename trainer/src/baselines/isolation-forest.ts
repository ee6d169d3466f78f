import { RandomGenerator } from '@spikewire/models';
import type { AnomalyScore } from './anomaly-score.ts';
import { LastReadings } from './last-readings.ts';

const TREES = 100;
const SAMPLE = 256;
const EULER = 0.5772156649015329;

type Tree =
  | { readonly size: number }
  | { readonly at: number; readonly split: number; readonly below: Tree; readonly above: Tree };

/** Mean path of a search that fails among `size` points, c(n) of the paper. */
export function meanPath(size: number): number {
  if (size <= 1) return 0;
  return size === 2 ? 1 : 2 * (Math.log(size - 1) + EULER) - (2 * (size - 1)) / size;
}

/** Trees over points; the score of another one is 2^(−mean path / c(sample)), 0…1 (Liu, Ting and Zhou 2008). */
export class IsolationForest {
  readonly #trees: readonly Tree[];
  readonly #scale: number;

  constructor(points: readonly Float64Array[], random: RandomGenerator) {
    const size = Math.min(SAMPLE, points.length);
    const deepest = Math.ceil(Math.log2(size));
    this.#scale = meanPath(size);
    this.#trees = Array.from({ length: TREES }, () => grow(sampled(points, size, random), deepest, random));
  }

  scoreOf(point: Float64Array): number {
    const mean = this.#trees.reduce((sum, tree) => sum + pathOf(tree, point), 0) / TREES;
    return 2 ** (-mean / this.#scale);
  }
}

/** A forest over the first readings, `shingle` of them side by side as a point; it does not learn later. */
export function isolationForest(channels: number, seed: number, first = 400, shingle = 4): AnomalyScore {
  const last = new LastReadings(channels, shingle);
  const points: Float64Array[] = [];
  let forest: IsolationForest | undefined;
  return {
    scoreOf(values) {
      const point = last.add(values);
      if (point === undefined) return 0;
      if (forest !== undefined) return forest.scoreOf(point);
      if (points.push(point.slice()) === first)
        forest = new IsolationForest(points, new RandomGenerator(seed, 'forest'));
      return 0;
    },
  };
}

function sampled(points: readonly Float64Array[], size: number, random: RandomGenerator): Float64Array[] {
  const left = [...points];
  return Array.from({ length: size }, () => left.splice(random.nextInteger(left.length), 1)[0]!);
}

function grow(points: readonly Float64Array[], levels: number, random: RandomGenerator): Tree {
  if (levels === 0 || points.length <= 1) return { size: points.length };
  const at = random.nextInteger(points[0]!.length);
  const values = points.map((point) => point[at]!);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return { size: points.length };
  const split = low + (high - low) * random.nextUniform();
  const [below, above] = [points.filter((point) => point[at]! < split), points.filter((point) => point[at]! >= split)];
  return { at, split, below: grow(below, levels - 1, random), above: grow(above, levels - 1, random) };
}

function pathOf(tree: Tree, point: Float64Array): number {
  let [node, depth] = [tree, 0];
  while ('at' in node) {
    node = point[node.at]! < node.split ? node.below : node.above;
    depth++;
  }
  return depth + meanPath(node.size);
}
