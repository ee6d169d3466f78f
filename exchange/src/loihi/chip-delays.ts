import { atMost, type BoardLimit } from '@spikewire/engine/executor';
import { type Graph, type ResolvedGraph, wire } from '@spikewire/models';
import { sources } from './chip.ts';

type SpikingEdge = ResolvedGraph['edges'][number] & { readonly delays: readonly number[] };

/** Edges that spikes leave, with the steps of all ways on them to populations that spike, each number once. */
function spikingEdges(graph: ResolvedGraph): SpikingEdge[] {
  const { outgoing, connectivity } = wire(graph);
  const isSpiking = (node: number) => {
    const { kind } = graph.nodes[node]!;
    return kind.role === 'neuron' && kind.emits === 'spikes';
  };
  const known = new Map<number, ReadonlySet<number>>();
  const delaysFrom = (node: number): ReadonlySet<number> => {
    const found = known.get(node);
    if (found !== undefined) return found;
    // A cycle of connections alone reaches no population, or was refused before.
    known.set(node, new Set());
    const behind = connectivity[node] === undefined ? [] : outgoing[node]!;
    const steps = behind.flatMap(({ target, delay }) => Array.from(delaysFrom(target), (each) => each + delay));
    const delays = new Set(isSpiking(node) ? [0] : steps);
    known.set(node, delays);
    return delays;
  };
  const leaving = graph.edges.filter(({ source }) => isSpiking(source));
  return leaving.map((edge) => ({ ...edge, delays: Array.from(delaysFrom(edge.target), (each) => each + edge.delay) }));
}

const isMixed = ({ delays }: SpikingEdge) => delays.includes(0) && delays.some((delay) => delay > 0);

/** An edge gets the chip's own step as a whole, so that all ways on it have a delay, or none has. */
export function delayLimits(graph: ResolvedGraph): BoardLimit[] {
  const edges = spikingEdges(graph);
  return [...new Set(edges.map(({ source }) => source))].map((source) => {
    const mixed = edges.filter((edge) => edge.source === source && isMixed(edge)).length;
    const { name } = graph.nodes[source]!;
    return atMost('edges to populations with and without a delay', mixed, 0, sources.step, name);
  });
}

/**
 * The graph with the step that a spike takes from one population to the next on the chip, where an edge has none yet:
 * arrivals of step t are the spikes of step t − 1 (Davies et al. 2018). Each edge that takes a step more is a note.
 */
export function withChipDelays({ nodes, edges }: Graph, resolved: ResolvedGraph, notes: string[]): Graph {
  const nameOf = (node: number) => resolved.nodes[node]!.name;
  const isDirect = new Set(
    spikingEdges(resolved)
      .filter(({ delays }) => delays.includes(0))
      .map(({ source, target }) => JSON.stringify([nameOf(source), nameOf(target)])),
  );
  return {
    nodes,
    edges: edges.map((edge) => {
      if (edge.delay > 0 || !isDirect.has(JSON.stringify([edge.source, edge.target]))) return edge;
      notes.push(`edge "${edge.source}"→"${edge.target}": takes a step more, as on the chip`);
      return { ...edge, delay: edge.delay + 1 };
    }),
  };
}
