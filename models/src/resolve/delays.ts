import { delay as delayKind } from '../connections/delay.ts';
import { SpikewireError } from '../error.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { checkParameters, numbersOf } from '../graph/parameter.ts';
import { tensor } from '../tensor.ts';
import { type FlatEdge, type FlatGraph, inlineSubgraphs, relay } from './inline.ts';

/** Values that one node may hold back, elements times steps: 512 MiB of float64. */
const LARGEST_BUFFER = 2 ** 26;

/** Refuses with `budget` a delay of `steps` for `elements` values at a time that no buffer holds. */
export function checkDelay(where: string, steps: number, elements: number): void {
  const longest = Math.floor(LARGEST_BUFFER / elements);
  if (steps <= longest) return;
  throw new SpikewireError('budget', where, `holds back ${elements} values for ${steps} steps`, `at most ${longest}`);
}

/**
 * Dissolves Delay nodes: the steps that all elements of one have in common become a delay of the edges that leave it,
 * where they cost nothing; a relay holds what is left, if the elements differ. Throws `parameter` for delays that are
 * not times.
 */
export function dissolveDelays({ nodes, edges }: FlatGraph, dt: number): FlatGraph {
  const common = new Map<string, number>();
  const dissolved = new Map<string, GraphNode>();
  for (const [name, node] of nodes) {
    if (node.type !== delayKind.type) {
      dissolved.set(name, node);
      continue;
    }
    checkParameters(name, node, delayKind.parameters);
    const { data, shape } = numbersOf(node, 'delay')!;
    const steps = Array.from(data, (seconds) => Math.round(seconds / dt));
    checkDelay(
      `node "${name}" (${node.type}).delay`,
      steps.reduce((a, b) => Math.max(a, b)),
      data.length,
    );
    const least = steps.reduce((a, b) => Math.min(a, b));
    const left = Int32Array.from(steps, (count) => count - least);
    common.set(name, least);
    const declared = data.length > 1 ? { shape: tensor(Float64Array.from(shape)) } : {};
    const late = left.some((count) => count > 0) ? { steps: tensor(left, shape) } : {};
    dissolved.set(name, { ...node, type: relay.type, parameters: { ...declared, ...late } });
  }
  return common.size === 0 ? { nodes, edges } : { nodes: dissolved, edges: edges.map((edge) => later(edge, common)) };
}

function later(edge: FlatEdge, common: ReadonlyMap<string, number>): FlatEdge {
  const steps = common.get(edge.source) ?? 0;
  return steps === 0 ? edge : { ...edge, delay: edge.delay + steps };
}

/** A graph of nodes that run: sub-graphs and Delay nodes dissolved, for steps of `dt` seconds. */
export function flattenGraph(graph: Graph, dt: number): FlatGraph {
  return dissolveDelays(inlineSubgraphs(graph), dt);
}
