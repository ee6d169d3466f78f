import type { Edge, Graph, GraphNode } from '../graph/graph.ts';
import type { Semantics } from '../graph/semantics.ts';
import { flattenGraph } from '../resolve/delays.ts';
import { type ResolvedGraph, resolveGraph } from '../resolve/resolve.ts';
import { isWeighted, type Wiring } from '../resolve/wiring.ts';
import { scalar } from '../tensor.ts';
import { wireWithFewWays } from './ways.ts';

/**
 * The same net with everything written out that the integer form needs to see: sub-graphs dissolved, and every way into
 * a population that has no weights (a bare edge, a pooling) ended by a `Scale` of 1, because an integer neuron counts
 * in units of its weights.
 */
export function makeExplicit(graph: Graph, semantics: Semantics): { graph: Graph; resolved: ResolvedGraph } {
  const flat = flattenGraph(graph, semantics.dt);
  const before = resolveGraph(flat, semantics);
  const wiring = wireWithFewWays(before);
  const nodes = new Map<string, GraphNode>(flat.nodes);
  const edges = before.edges.flatMap(({ source, target, delay, port }): Edge[] => {
    const from = before.nodes[source]!.name;
    const { name: to, kind } = before.nodes[target]!;
    const portName = kind.role === 'neuron' ? kind.ports?.[port] : undefined;
    const named = portName === undefined ? {} : { port: portName };
    if (kind.role !== 'neuron' || carriesWeights(wiring, source))
      return [{ source: from, target: to, delay, ...named }];
    const name = freeName(`${from}-${to}`, nodes);
    nodes.set(name, { type: 'Scale', parameters: { scale: scalar(1) } });
    return [
      { source: from, target: name, delay },
      { source: name, target: to, delay: 0, ...named },
    ];
  });
  const written = { nodes, edges };
  const unchanged = nodes.size === flat.nodes.size;
  return { graph: written, resolved: unchanged ? before : resolveGraph(written, semantics) };
}

/** Whether what leaves the node at `index` has passed weights since it left its population. */
function carriesWeights(wiring: Wiring, index: number): boolean {
  if (wiring.connectivity[index] === undefined) return false;
  return isWeighted(wiring, index) || wiring.incoming[index]!.some(({ source }) => carriesWeights(wiring, source));
}

function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  return name;
}
