import type { ResolvedEdge, Wiring } from '@spikewire/models';

/** A way from an Input or a population, over connections, to a population or an Output. Indices of nodes. */
export interface Link {
  readonly source: number;
  readonly target: number;
  /** Steps of the edge that leaves the source: what a way over a cable may take. */
  readonly delay: number;
}

/** All links of a net. A connection lies with what it leads to, so that only what a population emits is ever sent. */
export function linksOf({ graph: { nodes }, incoming, connectivity }: Wiring): Link[] {
  return nodes.flatMap((_, target) => {
    if (connectivity[target] !== undefined) return [];
    return edgesInto(target, incoming, connectivity)
      .filter(({ source }) => connectivity[source] === undefined)
      .map(({ source, delay }) => ({ source, target, delay }));
  });
}

/** The edges that lead to a node, and to the connections in front of it. */
export function edgesInto(
  node: number,
  incoming: Wiring['incoming'],
  connectivity: Wiring['connectivity'],
): ResolvedEdge[] {
  const edges: ResolvedEdge[] = [];
  const seen = new Set([node]);
  // A set hands out what is added to it during the walk.
  for (const target of seen) {
    for (const edge of incoming[target]!) {
      edges.push(edge);
      if (connectivity[edge.source] !== undefined) seen.add(edge.source);
    }
  }
  return edges;
}

/** For each node the nodes that it reaches over links, and itself. */
export function reachOf(count: number, links: readonly Link[]): readonly ReadonlySet<number>[] {
  const targets: number[][] = Array.from({ length: count }, () => []);
  for (const { source, target } of links) targets[source]!.push(target);
  return targets.map((_, start) => {
    const reached = new Set([start]);
    for (const node of reached) for (const target of targets[node]!) reached.add(target);
    return reached;
  });
}
