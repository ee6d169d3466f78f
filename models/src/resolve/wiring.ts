import type { Connectivity } from '../connections/connectivity.ts';
import type { ResolvedEdge, ResolvedGraph, ResolvedNode } from './resolve.ts';

/** A resolved graph seen from its edges: who feeds whom. All lists are by the index of a node. */
export interface Wiring {
  readonly graph: ResolvedGraph;
  readonly incoming: readonly (readonly ResolvedEdge[])[];
  readonly outgoing: readonly (readonly ResolvedEdge[])[];
  /** Of connection nodes; undefined for others. */
  readonly connectivity: readonly (Connectivity | undefined)[];
}

export function wire(graph: ResolvedGraph): Wiring {
  const incoming: ResolvedEdge[][] = graph.nodes.map(() => []);
  const outgoing: ResolvedEdge[][] = graph.nodes.map(() => []);
  for (const edge of graph.edges) {
    incoming[edge.target]!.push(edge);
    outgoing[edge.source]!.push(edge);
  }
  const connectivity = graph.nodes.map(({ kind, node, inputShape }) =>
    kind.role === 'connection' ? kind.connect(node, inputShape) : undefined,
  );
  return { graph, incoming, outgoing, connectivity };
}

/** Whether the node at `index` is a connection with weights; pooling and reshaping have none. */
export function isWeighted(wiring: Wiring, index: number): boolean {
  return wiring.connectivity[index]?.weights !== undefined;
}

/** Whether a connection only renames what it hands on: reshaping, a relay. */
export function isIdentity(connectivity: Connectivity): boolean {
  const { structure, weights, gain } = connectivity;
  return structure === 'elementwise' && weights === undefined && gain === 1 && !isLate(connectivity);
}

/** Whether elements pass a connection some steps late, each by its own delay. */
export function isLate(connectivity: Connectivity): boolean {
  return connectivity.structure === 'elementwise' && connectivity.delays !== undefined;
}

/** The parameter that holds the weights of a connection node. */
export function weightParameter({ node }: ResolvedNode): 'weight' | 'scale' {
  return node.parameters.weight === undefined ? 'scale' : 'weight';
}

export function isReadOut({ kind }: ResolvedNode): boolean {
  return kind.role === 'neuron' && kind.emits === 'state';
}

/** Input and neuron nodes from which the node at `index` gets its values, through pooling and reshaping. */
export function sourcesOf(wiring: Wiring, index: number): number[] {
  return wiring.incoming[index]!.flatMap(({ source }) =>
    wiring.connectivity[source] === undefined ? [source] : sourcesOf(wiring, source),
  );
}
