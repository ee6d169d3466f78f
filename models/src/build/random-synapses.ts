import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { RandomGenerator } from '../random/generator.ts';
import { scalar, type Tensor, tensor } from '../tensor.ts';
import type { Group } from './group.ts';
import type { WeightOf } from './synapse-weights.ts';

/** Targets of each source, ascending, counted within their groups. */
export type SynapseRows = readonly ArrayLike<number>[];

/**
 * Every pair with the same probability. Takes time for each synapse and not for each pair: it draws how many pairs to
 * pass over.
 */
export function drawPairs(sources: number, targets: number, probability: number, random: RandomGenerator): number[][] {
  checkProbability(probability);
  const rows: number[][] = Array.from({ length: sources }, () => []);
  if (probability === 0) return rows;
  const pairs = sources * targets;
  const scale = Math.log(1 - probability);
  const passed = () => (probability === 1 ? 0 : Math.floor(Math.log(1 - random.nextUniform()) / scale));
  for (let pair = passed(); pair < pairs; pair += 1 + passed()) {
    rows[Math.floor(pair / targets)]!.push(pair % targets);
  }
  return rows;
}

/** Every pair with a probability of its own, 0…1, such as one that falls with the distance. */
export function drawPairsBy(
  sources: number,
  targets: number,
  probability: (source: number, target: number) => number,
  random: RandomGenerator,
): number[][] {
  return Array.from({ length: sources }, (_, source) => {
    const row: number[] = [];
    for (let target = 0; target < targets; target++) {
      const chance = probability(source, target);
      checkProbability(chance);
      if (random.nextUniform() < chance) row.push(target);
    }
    return row;
  });
}

/** The same number of sources for every target, none of them twice (a sample by Floyd's method). */
export function drawInputs(sources: number, targets: number, inDegree: number, random: RandomGenerator): number[][] {
  if (!Number.isInteger(inDegree) || inDegree < 1 || inDegree > sources) {
    throw new SpikewireError('parameter', 'inDegree', `is ${inDegree}`, `a whole number from 1 to ${sources} sources`);
  }
  const rows: number[][] = Array.from({ length: sources }, () => []);
  const chosen = new Set<number>();
  for (let target = 0; target < targets; target++) {
    chosen.clear();
    for (let last = sources - inDegree; last < sources; last++) {
      const source = random.nextInteger(last + 1);
      chosen.add(chosen.has(source) ? last : source);
    }
    for (const source of chosen) rows[source]!.push(target);
  }
  return rows;
}

/**
 * Rows between groups as a Sparse node between their nodes. Throws `parameter` where there is no synapse at all, or one
 * that leads out of the target.
 */
export function sparseNode(
  source: Group,
  target: Group,
  rows: SynapseRows,
  weightOf: WeightOf,
  where: string,
): GraphNode {
  if (rows.length !== source.size) {
    throw new SpikewireError('parameter', where, `lists ${rows.length} sources`, `${source.size}`);
  }
  const count = rows.reduce((sum, row) => sum + row.length, 0);
  if (count === 0) throw new SpikewireError('parameter', where, 'has no synapse', 'a higher probability, or weights');
  const offsets = new Uint32Array(source.nodeSize + 1);
  const targets = target.nodeSize <= 2 ** 16 ? new Uint16Array(count) : new Uint32Array(count);
  const weights = new Float64Array(count);
  let k = 0;
  for (let element = 0; element < source.nodeSize; element++) {
    const i = element - source.first;
    const row = rows[i] ?? [];
    for (let n = 0; n < row.length; n++) {
      const j = row[n]!;
      checkTarget(j, target, where);
      targets[k] = target.first + j;
      weights[k++] = weightOf(i, j);
    }
    offsets[element + 1] = k;
  }
  const parameters = {
    weight: weightTensor(weights),
    target: tensor(targets),
    offset: tensor(offsets),
    outputs: scalar(target.nodeSize),
  };
  return { type: 'Sparse', parameters };
}

/** One number where all are equal, else float32. */
export function weightTensor(weights: Float64Array): Tensor {
  return weights.every((weight) => weight === weights[0]) ? scalar(weights[0]!) : tensor(Float32Array.from(weights));
}

/** A target beyond the end of a part would be one of another part of the same node. */
function checkTarget(target: number, { size }: Group, where: string): void {
  if (Number.isInteger(target) && target >= 0 && target < size) return;
  throw new SpikewireError('parameter', where, `lists the target ${target}`, `a whole number from 0 to ${size - 1}`);
}

function checkProbability(probability: number): void {
  if (probability >= 0 && probability <= 1) return;
  throw new SpikewireError('parameter', 'probability', `is ${probability}`, 'a number from 0 to 1');
}
