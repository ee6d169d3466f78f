import { type Connectivity, elementCount, SpikewireError, type Wiring } from '@spikewire/models';

/** Synapses from one Input or population to another population, through all connections on one way between them. */
export interface Projection {
  /** Index of the Input or population from which spikes come. */
  readonly source: number;
  /** Indices of the connections on the way, in its order; none for a bare edge. */
  readonly through: readonly number[];
  /** Steps of all edges and Delays on the way. */
  readonly delay: number;
  /** The synapses of element i of the source are those from offsets[i] to offsets[i + 1] − 1. */
  readonly offsets: Uint32Array;
  /** The neuron that each synapse reaches; ascending for a source. */
  readonly targets: Uint32Array;
}

/** Most ways between two populations that are told apart; a net that needs more was not made by hand or training. */
const MOST_WAYS = 1000;

/**
 * What arrives at the node `index`, way by way. Throws `unsupported` where connections form a cycle of their own, or
 * branch and join without end.
 */
export function projectionsInto(wiring: Wiring, index: number, open: readonly number[] = []): Projection[] {
  const { nodes } = wiring.graph;
  const found = wiring.incoming[index]!.flatMap(({ source, delay }): Projection[] => {
    const connectivity = wiring.connectivity[source];
    if (connectivity === undefined) return [oneToOne(source, delay, elementCount(nodes[source]!.shape))];
    if (open.includes(source)) throw endless(nodes[source]!.name, 'lies in a cycle of connections alone');
    const within = delay + longestDelay(wiring, source);
    return projectionsInto(wiring, source, [...open, source]).map((before) =>
      behind(before, source, connectivity, within),
    );
  });
  if (found.length > MOST_WAYS) throw endless(nodes[index]!.name, `is reached in more than ${MOST_WAYS} ways`);
  return found;
}

function endless(name: string, problem: string): SpikewireError {
  return new SpikewireError('unsupported', `node "${name}"`, problem, 'a population in every cycle');
}

function longestDelay({ graph }: Wiring, index: number): number {
  const { kind, node } = graph.nodes[index]!;
  return (kind.role === 'connection' && kind.longestDelay?.(node)) || 0;
}

function oneToOne(source: number, delay: number, size: number): Projection {
  const offsets = Uint32Array.from({ length: size + 1 }, (_, i) => i);
  return { source, through: [], delay, offsets, targets: offsets.slice(0, size) };
}

function behind(before: Projection, index: number, connectivity: Connectivity, delay: number): Projection {
  const offsets = new Uint32Array(before.offsets.length);
  const targets: number[] = [];
  for (let element = 0; element + 1 < offsets.length; element++) {
    const reached: number[] = [];
    for (let k = before.offsets[element]!; k < before.offsets[element + 1]!; k++)
      connectivity.forEachSynapse(before.targets[k]!, (output) => reached.push(output));
    for (const target of reached.sort((a, b) => a - b)) targets.push(target);
    offsets[element + 1] = targets.length;
  }
  const through = [...before.through, index];
  return { ...before, through, delay: before.delay + delay, offsets, targets: Uint32Array.from(targets) };
}
