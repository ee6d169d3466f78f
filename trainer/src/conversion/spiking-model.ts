import {
  type CodingDeclaration,
  type Edge,
  type GraphNode,
  type Model,
  numbersOf,
  type ResolvedNode,
  scalar,
  type Tensor,
  tensor,
} from '@spikewire/models';
import { namesClass } from '../architecture/names-class.ts';
import { withSummedOutputs } from '../architecture/summed-outputs.ts';
import { type AnalogueNet, ceilingOf } from './analogue/analogue-net.ts';

/**
 * Thresholds are a hair below 1. λ is mostly an activation that was seen: with that one, the membrane of its unit would
 * meet a threshold of 1 exactly, in every step or in the last, and the rounding of each engine would decide whether it
 * spikes, and with it the layers behind. The hair is far above the rounding of sums in float32, and changes rates by a
 * hundredth of a per mille.
 */
const THRESHOLD = 1 - 2 ** -16;

/** What a method decides. */
export interface Balance {
  /** λ of a layer by its ReLU node: the activation that a neuron's highest rate, a spike in every step, stands for. */
  readonly scales: ReadonlyMap<string, number>;
  /** Whether a spike takes the threshold from the membrane, or all of it. */
  readonly reset: 'subtract' | 'value';
  /** Membrane at the start of a sample, as a share of the threshold; absent: 0. */
  readonly start?: number;
}

/** What enters in place of direct current, by Input node. */
export interface SpikingInput {
  readonly encoder: CodingDeclaration;
  /** The current that a spike in every step stands for. */
  readonly scale: number;
}

/**
 * The spiking counterpart of an analogue net for samples of so many steps: w ← w·λ_before/λ, b ← b/λ, and for each
 * rectifier an integrate-and-fire neuron of threshold 1 (≥), less a hair, whose rate is its activation over λ. That is
 * the same as thresholds of λ/λ_before over weights as they were. An integrator before each Output adds up what
 * arrives, so that its membrane after T steps is T times the analogue answer. Where an edge joins layers of different
 * λ, a Scale stands on it. Layers without λ stay analogue.
 */
export function spikingModel(
  net: AnalogueNet,
  balance: Balance,
  steps: number,
  inputs: ReadonlyMap<string, SpikingInput> = new Map(),
): Model {
  const { model } = net;
  const encoder = new Map([...model.encoder].map(([name, direct]) => [name, inputs.get(name)?.encoder ?? direct]));
  const classes = { type: 'membrane-softmax', parameters: { temperature: steps } };
  const decoder = new Map([...model.decoder].map(([name, own]) => [name, namesClass(own) ? classes : own]));
  // What answers with numbers has their mean over the steps, what names a class their sum.
  const isSum = (output: string) => namesClass(model.decoder.get(output));
  const stepsOf = (output: string) => (isSum(output) ? 1 : steps);
  const scales = scalesWithin(net, balance.scales);
  const scaledGraph = new ScaledGraph(net, { ...balance, scales }, inputs, model.semantics.dt).graph();
  return {
    ...model,
    graph: withSummedOutputs(scaledGraph, model.semantics, stepsOf),
    semantics: { ...model.semantics, threshold: 'ge', reset: balance.reset, spikesPerStep: 'one' },
    encoder,
    decoder,
    sample: { steps, between: 'reset' },
    selfTests: [],
  };
}

/**
 * λ as the graph has them: none above the ceiling of its units, which a neuron that spikes in every step is to stand
 * for; and one for layers whose channels are joined, the largest, as what arrives at the same weights has to count the
 * same in whole numbers.
 */
export function scalesWithin(
  { wiring: { graph, incoming, connectivity } }: AnalogueNet,
  scales: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const node of graph.nodes) {
    const scale = scales.get(node.name);
    if (scale !== undefined) found.set(node.name, Math.min(scale, ceilingOf(node)));
  }
  const layersBefore = (index: number): string[] =>
    incoming[index]!.flatMap(({ source }) => {
      const ways = connectivity[source];
      if (ways === undefined) return found.has(graph.nodes[source]!.name) ? [graph.nodes[source]!.name] : [];
      return ways.weights === undefined ? layersBefore(source) : [];
    });
  const groups = graph.nodes.flatMap(({ kind }, index) => {
    const isJoint = kind.role === 'connection' && incoming[index]!.some(({ source }) => isPart(graph.nodes[source]!));
    return isJoint ? [layersBefore(index)] : [];
  });
  // A layer may be in several groups; each round spreads the largest by one of them.
  for (const _ of groups) {
    for (const group of groups) {
      const largest = group.reduce((most, name) => Math.max(most, found.get(name)!), 0);
      for (const name of group) found.set(name, largest);
    }
  }
  return found;
}

function isPart({ kind }: ResolvedNode): boolean {
  return kind.type === 'Concat';
}

/** The graph in units of λ: what leaves a node is its analogue value over the scale that it leaves in. */
class ScaledGraph {
  readonly #net: AnalogueNet;
  readonly #balance: Balance;
  readonly #inputs: ReadonlyMap<string, SpikingInput>;
  readonly #gain: Tensor;

  constructor(net: AnalogueNet, balance: Balance, inputs: ReadonlyMap<string, SpikingInput>, dt: number) {
    this.#net = net;
    this.#balance = balance;
    this.#inputs = inputs;
    this.#gain = scalar(1 / dt);
  }

  graph(): Model['graph'] {
    const { graph } = this.#net.wiring;
    const nodes = new Map(graph.nodes.map(({ name }, index) => [name, this.#node(index)]));
    const edges: Edge[] = [];
    const add = (wanted: string, node: GraphNode): string => {
      let name = wanted;
      while (nodes.has(name)) name += '+';
      nodes.set(name, node);
      return name;
    };
    for (const { source, target } of graph.edges) {
      const [from, to] = [graph.nodes[source]!.name, graph.nodes[target]!.name];
      const factor = this.#leaving(source) / this.#arriving(target);
      if (factor === 1) {
        edges.push({ source: from, target: to, delay: 0 });
      } else {
        const scale = add(`${to}.from.${from}`, { type: 'Scale', parameters: { scale: scalar(factor) } });
        edges.push({ source: from, target: scale, delay: 0 }, { source: scale, target: to, delay: 0 });
      }
    }
    return { nodes, edges };
  }

  #node(index: number): GraphNode {
    const { name, kind, node } = this.#net.wiring.graph.nodes[index]!;
    if (kind.role === 'neuron') return this.#balance.scales.has(name) ? this.#neuron() : node;
    if (!this.#isWeighted(index)) return node;
    const leaving = this.#leaving(index);
    const factor = this.#arriving(index) / leaving;
    const parameters = {
      ...node.parameters,
      ...scaled(node, 'weight', factor),
      ...scaled(node, 'scale', factor),
      ...scaled(node, 'bias', 1 / leaving),
    };
    return { ...node, parameters };
  }

  #neuron(): GraphNode {
    const { start } = this.#balance;
    const initial = start !== undefined && { v_initial: scalar(start) };
    return { type: 'IF', parameters: { r: this.#gain, v_threshold: scalar(THRESHOLD), ...initial } };
  }

  #isWeighted(index: number): boolean {
    return this.#net.wiring.connectivity[index]?.weights !== undefined;
  }

  /** Scale of what a node hands on. */
  #leaving(index: number): number {
    const { name, kind } = this.#net.wiring.graph.nodes[index]!;
    if (kind.role === 'input') return this.#inputs.get(name)?.scale ?? 1;
    if (kind.role === 'connection' && this.#isWeighted(index)) return this.#wanted(index);
    return this.#arriving(index);
  }

  /** Scale in which a node takes what arrives: a connection as its first source hands it on. */
  #arriving(index: number): number {
    const { graph, incoming } = this.#net.wiring;
    const { name, kind } = graph.nodes[index]!;
    if (kind.role === 'neuron') return this.#balance.scales.get(name) ?? 1;
    return kind.role === 'output' ? 1 : this.#leaving(incoming[index]![0]!.source);
  }

  /** Scale of the first neurons behind a connection, through others without weights; 1 where there are none. */
  #wanted(index: number): number {
    const { graph, outgoing } = this.#net.wiring;
    const next = outgoing[index]![0]!.target;
    if (graph.nodes[next]!.kind.role !== 'connection') return this.#arriving(next);
    return this.#isWeighted(next) ? 1 : this.#wanted(next);
  }
}

function scaled(node: GraphNode, key: string, factor: number): Record<string, Tensor> {
  const numbers = numbersOf(node, key);
  if (numbers === undefined) return {};
  const values = Float32Array.from(numbers.data, (value) => value * factor);
  return { [key]: tensor(values, numbers.shape) };
}
