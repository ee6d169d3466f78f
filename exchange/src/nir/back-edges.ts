import { type Edge, type FlatEdge, type Graph, type GraphNode, inlineSubgraphs, numbersOf } from '@spikewire/models';
import { mapGraph } from './net.ts';

/**
 * A graph in which every cycle has a delay: an edge that closes one brings what its source emitted in the step before.
 * Such edges are found depth first from the Inputs, nodes in their order, as NIRTorch does. A `Delay` of a step or more
 * in a cycle makes it late enough.
 */
export function withBackEdges(graph: Graph, dt: number): { graph: Graph; late: readonly Edge[] } {
  const { nodes, edges } = inlineSubgraphs(graph);
  const closing = closingEdges(
    nodes,
    edges.filter((edge) => !isLate(edge, nodes.get(edge.source)!, dt)),
  );
  return { graph: delayed(graph, closing), late: closing.map(({ source, target }) => ({ source, target, delay: 1 })) };
}

/** A graph in which the edges that `isLate` finds, by the nodes that they connect, take a step longer. */
export function withLateEdges(graph: Graph, isLate: (source: GraphNode, target: GraphNode) => boolean): Graph {
  const { nodes, edges } = inlineSubgraphs(graph);
  return delayed(
    graph,
    edges.filter(({ source, target }) => isLate(nodes.get(source)!, nodes.get(target)!)),
  );
}

function delayed(graph: Graph, late: readonly FlatEdge[]): Graph {
  const origins = new Set(late.map(({ origin }) => origin));
  if (origins.size === 0) return graph;
  const later = (edge: Edge) => (origins.has(edge) ? { ...edge, delay: edge.delay + 1 } : edge);
  return mapGraph(graph, (node) => node, later);
}

function isLate({ delay }: Edge, source: GraphNode, dt: number): boolean {
  if (delay > 0) return true;
  const delays = source.type === 'Delay' ? numbersOf(source, 'delay') : undefined;
  return delays !== undefined && delays.data.length > 0 && delays.data.every((each) => Math.round(each / dt) >= 1);
}

type Visit = { readonly node: number; next: number };

function closingEdges(nodes: ReadonlyMap<string, GraphNode>, edges: readonly FlatEdge[]): FlatEdge[] {
  const indices = new Map([...nodes.keys()].map((name, index) => [name, index]));
  const leaving: FlatEdge[][] = Array.from(indices, () => []);
  for (const edge of edges) leaving[indices.get(edge.source)!]!.push(edge);
  for (const list of leaving) list.sort((a, b) => indices.get(a.target)! - indices.get(b.target)!);
  const all = [...nodes.values()].map(({ type }, index) => ({ index, isInput: type === 'Input' }));
  const roots = [...all.filter(({ isInput }) => isInput), ...all.filter(({ isInput }) => !isInput)];
  const [NEW, OPEN, DONE] = [0, 1, 2];
  const states = new Uint8Array(indices.size);
  const closing: FlatEdge[] = [];
  for (const { index: root } of roots) {
    const path: Visit[] = states[root] === NEW ? [{ node: root, next: 0 }] : [];
    states[root] = path.length > 0 ? OPEN : states[root]!;
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const edge = leaving[last.node]![last.next++];
      if (edge === undefined) {
        states[last.node] = DONE;
        path.pop();
        continue;
      }
      const target = indices.get(edge.target)!;
      if (states[target] === OPEN) closing.push(edge);
      if (states[target] !== NEW) continue;
      states[target] = OPEN;
      path.push({ node: target, next: 0 });
    }
  }
  return closing;
}
