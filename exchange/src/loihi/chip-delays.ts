import { type Graph, type ResolvedGraph, SpikewireError, wire } from '@spikewire/models';

/**
 * The graph with the step that a spike takes from one population to the next on the chip, where an edge has none yet:
 * arrivals of step t are the spikes of step t − 1 (Davies et al. 2018). Each edge that takes a step more is a note.
 */
export function withChipDelays(graph: Graph, resolved: ResolvedGraph, notes: string[]): Graph {
  const { nodes } = resolved;
  const { outgoing, connectivity } = wire(resolved);
  const indices = new Map(nodes.map(({ name }, index) => [name, index]));
  /** Steps of all ways from an edge to populations that spike. */
  const delaysFrom = (target: number, delay: number): number[] => {
    if (connectivity[target] !== undefined)
      return outgoing[target]!.flatMap((edge) => delaysFrom(edge.target, delay + edge.delay));
    const { kind } = nodes[target]!;
    return kind.role === 'neuron' && kind.emits === 'spikes' ? [delay] : [];
  };
  const edges = graph.edges.map((edge) => {
    const { kind } = nodes[indices.get(edge.source)!]!;
    if (kind.role !== 'neuron' || kind.emits !== 'spikes') return edge;
    const delays = delaysFrom(indices.get(edge.target)!, edge.delay);
    if (!delays.includes(0)) return edge;
    const where = `edge "${edge.source}"→"${edge.target}"`;
    if (delays.some((delay) => delay > 0))
      throw new SpikewireError(
        'unsupported',
        where,
        'leads to populations with and without a delay',
        'edges of their own',
      );
    notes.push(`${where}: takes a step more, as on the chip`);
    return { ...edge, delay: edge.delay + 1 };
  });
  return { nodes: graph.nodes, edges };
}
