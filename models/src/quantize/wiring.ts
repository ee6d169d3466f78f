import type { Connectivity } from '../connections/connectivity.ts';
import { SpikewireError } from '../error.ts';
import type { NeuronKind } from '../graph/kind.ts';
import type { ResolvedEdge, ResolvedGraph, ResolvedNode } from '../graph/resolve.ts';
import { elementCount } from '../tensor.ts';
import { HANDED_ON, MANY_SPIKES, type Quantization } from './quantization.ts';

/** A resolved graph seen from its edges, with the connectivity of every connection node; index is the node's place. */
export interface Wiring {
  readonly graph: ResolvedGraph;
  readonly incoming: readonly (readonly ResolvedEdge[])[];
  readonly outgoing: readonly (readonly ResolvedEdge[])[];
  readonly connectivity: readonly (Connectivity | undefined)[];
}

/** Most ways through connection nodes between two populations; a net that needs more was not made by hand or training. */
const MOST_WAYS = 1000;

/** Throws `unsupported` for cycles of connections alone, and for connections that branch and join without end. */
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
  const wiring = { graph, incoming, outgoing, connectivity };
  countWays(wiring);
  return wiring;
}

/** Ways from Inputs and populations to each connection node. Everything here that follows them is thereby bounded. */
function countWays(wiring: Wiring): void {
  const ways = new Map<number, number | 'open'>();
  const count = (place: number): number => {
    if (wiring.connectivity[place] === undefined) return 1;
    const known = ways.get(place);
    if (typeof known === 'number') return known;
    const { name } = wiring.graph.nodes[place]!;
    const refuse = (problem: string, expected: string) =>
      new SpikewireError('unsupported', `integer form of "${name}"`, problem, expected);
    if (known === 'open') throw refuse('lies in a cycle of connections alone', 'a population in every cycle');
    ways.set(place, 'open');
    const sum = wiring.incoming[place]!.reduce((total, { source }) => total + count(source), 0);
    if (sum > MOST_WAYS) throw refuse(`is reached in more than ${MOST_WAYS} ways`, 'fewer branches that join again');
    ways.set(place, sum);
    return sum;
  };
  for (let place = 0; place < wiring.graph.nodes.length; place++) count(place);
}

/** Whether the node at `place` is a connection with weights; pooling and reshaping have none. */
export function isWeighted(wiring: Wiring, place: number): boolean {
  return wiring.connectivity[place]?.weights !== undefined;
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

/** Input and neuron nodes from which the node at `place` gets its values, through pooling and reshaping. */
export function sourcesOf(wiring: Wiring, place: number): number[] {
  return wiring.incoming[place]!.flatMap(({ source }) =>
    wiring.connectivity[source] === undefined ? [source] : sourcesOf(wiring, source),
  );
}

/** The real value of one unit that an Input or a population emits: scale of an input, 1 for a spike, 2^(g−F)·u of a read-out. */
export function sourceUnit(node: ResolvedNode, quantization: Pick<Quantization, 'inputs' | 'neurons'>): number {
  if (node.kind.role === 'input') return quantization.inputs.get(node.name)!.scale;
  const neuron = quantization.neurons.get(node.name);
  return neuron?.handOn === undefined ? 1 : neuron.scale[0]! * 2 ** (neuron.handOn - neuron.fraction);
}

/** The largest magnitude, in units, that an Input or a population can emit in a step. */
function sourceMaximum(node: ResolvedNode, { inputs }: Pick<Quantization, 'inputs'>): number {
  if (node.kind.role === 'input') return inputs.get(node.name)!.maximum;
  if ((node.kind as NeuronKind).emits === 'state') return HANDED_ON;
  return node.semantics.spikesPerStep === 'many' ? MANY_SPIKES : 1;
}

/**
 * The real value of one unit that leaves the node at `place`: of its source, times the pooling factors up to here.
 * Throws `unsupported` where sources of different worth meet, because one integer weight cannot serve both.
 */
export function unitOf(wiring: Wiring, place: number, quantization: Pick<Quantization, 'inputs' | 'neurons'>): number {
  const connectivity = wiring.connectivity[place];
  if (connectivity === undefined) return sourceUnit(wiring.graph.nodes[place]!, quantization);
  return arrivingUnit(wiring, place, quantization) * connectivity.gain;
}

/** The real value of one unit that arrives at the connection node at `place`. */
export function arrivingUnit(
  wiring: Wiring,
  place: number,
  quantization: Pick<Quantization, 'inputs' | 'neurons'>,
): number {
  const { nodes } = wiring.graph;
  const units = wiring.incoming[place]!.map(({ source }) => unitOf(wiring, source, quantization));
  const other = units.findIndex((unit) => unit !== units[0]);
  if (other > 0) {
    const [first, second] = [0, other].map((edge) => nodes[wiring.incoming[place]![edge]!.source]!.name);
    throw new SpikewireError(
      'unsupported',
      `node "${nodes[place]!.name}"`,
      `gets "${first}" in units of ${units[0]} and "${second}" in units of ${units[other]}`,
      'a connection node of its own for each',
    );
  }
  return units[0] ?? 1;
}

/** Per element, the largest magnitude in units that can arrive at the node at `place` in one step, through unweighted nodes. */
export function arrivingBound(wiring: Wiring, place: number, quantization: Pick<Quantization, 'inputs'>): Float64Array {
  const bound = new Float64Array(elementCount(wiring.graph.nodes[place]!.inputShape));
  for (const { source } of wiring.incoming[place]!) {
    const emitted = emittedBound(wiring, source, quantization);
    for (let i = 0; i < bound.length; i++) bound[i]! += emitted[i]!;
  }
  return bound;
}

function emittedBound(wiring: Wiring, place: number, quantization: Pick<Quantization, 'inputs'>): Float64Array {
  const node = wiring.graph.nodes[place]!;
  const bound = new Float64Array(elementCount(node.shape));
  const connectivity = wiring.connectivity[place];
  if (connectivity === undefined) return bound.fill(sourceMaximum(node, quantization));
  const arriving = arrivingBound(wiring, place, quantization);
  for (let i = 0; i < arriving.length; i++) {
    connectivity.forEachSynapse(i, (output) => {
      bound[output]! += arriving[i]!;
    });
  }
  return bound;
}
