import {
  type Edge,
  type GraphNode,
  type InputQuantization,
  largestEmission,
  type Model,
  type Quantization,
  sourceUnit,
  tensor,
  type Wiring,
} from '@spikewire/models';
import type { Cut } from './cut.ts';
import { edgesInto } from './links.ts';

/** A part as a model of its own. Its nodes have the names that they have in the whole model. */
export interface PartModel {
  readonly model: Model;
  /** Indices in the whole net of the connections that it has. */
  readonly connections: readonly number[];
  /** By index in the whole net, the names of the Outputs through which populations are sent to other parts. */
  readonly sent: ReadonlyMap<number, string>;
}

/**
 * The model of part `k`: its populations and Outputs with the connections in front of them, an Input of the same name
 * for each population elsewhere that leads to them, and an Output for each that others hear. A late link has its delay
 * less the stride, which has passed when it arrives.
 */
export function partModel(whole: Model, wiring: Wiring, cut: Cut, k: number): PartModel {
  const { nodes } = wiring.graph;
  const own = new Set(cut.parts[k]!.targets);
  const edges = new Set([...own].flatMap((node) => edgesInto(node, wiring.incoming, wiring.connectivity)));
  const inside = new Set([...own, ...[...edges].flatMap(({ source, target }) => [source, target])]);
  const isLate = new Set(cut.crossing.filter(({ to, isLate }) => to === k && isLate).map(({ source }) => source));
  const leaving = [...new Set(cut.crossing.filter(({ from }) => from === k).map(({ source }) => source))];
  const taken = new Set(nodes.map(({ name }) => name));
  const sent = new Map(leaving.map((node) => [node, freeName(`${nodes[node]!.name} sent`, taken)]));

  const graphNodes = new Map<string, GraphNode>();
  const inputs = new Map<string, InputQuantization>();
  for (const index of [...inside].sort((a, b) => a - b)) {
    const { name, node, kind, shape } = nodes[index]!;
    const isForeign = kind.role === 'neuron' && !own.has(index);
    graphNodes.set(name, isForeign ? terminal('Input', shape) : node);
    if (whole.quantization === undefined || (kind.role !== 'input' && !isForeign)) continue;
    const maximum = largestEmission(whole.quantization)(nodes[index]!);
    inputs.set(name, { scale: sourceUnit(nodes[index]!, whole.quantization), maximum });
  }
  for (const [node, name] of sent) graphNodes.set(name, terminal('Output', nodes[node]!.shape));
  // In the order of the whole net, in which sums of real numbers are made.
  const kept = wiring.graph.edges.filter((edge) => edges.has(edge));
  const graphEdges = kept.map(({ source, target, delay, port }): Edge => {
    const { kind } = nodes[target]!;
    const ports = kind.role === 'neuron' ? (kind.ports ?? []) : [];
    const left = isLate.has(source) ? delay - cut.stride : delay;
    const named = { source: nodes[source]!.name, target: nodes[target]!.name, delay: left };
    return ports.length === 0 ? named : { ...named, port: ports[port]! };
  });
  const sending = [...sent].map(([node, target]): Edge => ({ source: nodes[node]!.name, target, delay: 0 }));
  const connections = [...inside].filter((index) => wiring.connectivity[index] !== undefined);
  const ofPart = <Value>(map: ReadonlyMap<string, Value>) => new Map([...map].filter(([name]) => graphNodes.has(name)));
  const { quantization, semantics, sample } = whole;
  return {
    connections,
    sent,
    model: {
      graph: { nodes: graphNodes, edges: [...graphEdges, ...sending] },
      semantics,
      sample,
      learning: ofPart(whole.learning),
      encoder: new Map(),
      decoder: new Map(),
      channels: [],
      labels: [],
      ...(quantization && { quantization: quantizationOf(quantization, inputs, ofPart, own, nodes) }),
      provenance: {},
      selfTests: [],
    },
  };
}

function quantizationOf(
  { bits, connections, neurons }: Quantization,
  inputs: Quantization['inputs'],
  ofPart: <Value>(map: ReadonlyMap<string, Value>) => Map<string, Value>,
  own: ReadonlySet<number>,
  nodes: Wiring['graph']['nodes'],
): Quantization {
  const names = new Set([...own].map((node) => nodes[node]!.name));
  return {
    bits,
    inputs,
    connections: ofPart(connections),
    neurons: new Map([...neurons].filter(([name]) => names.has(name))),
  };
}

function terminal(type: 'Input' | 'Output', shape: readonly number[]): GraphNode {
  return { type, parameters: { shape: tensor(Float64Array.from(shape)) } };
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name += "'";
  taken.add(name);
  return name;
}
