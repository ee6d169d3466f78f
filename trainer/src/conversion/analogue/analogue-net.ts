import {
  encoderKindOf,
  type Model,
  numbersOf,
  type ResolvedNode,
  resolveGraph,
  SpikewireError,
  type Wiring,
  wire,
} from '@spikewire/models';

/** A net without time that can be converted: rectifiers, weights, pooling and reshaping, in one step. */
export interface AnalogueNet {
  readonly model: Model;
  /** Of the model's graph, whose nodes have their own names in it. */
  readonly wiring: Wiring;
  /** Names of its ReLU nodes, in the order of a step. */
  readonly layers: readonly string[];
}

/** Throws `unsupported`, naming the node, for what has no counterpart among spiking neurons. */
export function analogueNet(model: Model): AnalogueNet {
  refuseUnlikely(model);
  const wiring = wire(resolveGraph(model.graph, model.semantics));
  const { nodes, edges } = wiring.graph;
  for (const [index, node] of nodes.entries()) refuseNode(node, index, wiring);
  const late = edges.find(({ delay }) => delay > 0);
  if (late !== undefined) throw refused(nodes[late.source]!, 'is heard a step later', 'a net without time');
  const layers = nodes.filter(({ kind }) => kind.type === 'ReLU').map(({ name }) => name);
  if (layers.length === 0) throw wrong('the model to convert', 'has no ReLU');
  return { model: { ...model, sample: { steps: 1, between: 'reset' } }, wiring, layers };
}

/** What none of the units of a layer exceeds; ∞ where they have no ceiling. */
export function ceilingOf({ node }: ResolvedNode): number {
  const ceiling = numbersOf(node, 'ceiling');
  if (ceiling === undefined) return Number.POSITIVE_INFINITY;
  return Float64Array.from(ceiling.data).reduce((a, b) => Math.max(a, b));
}

/** What of a net the sources of some methods do not have. */
export interface Habits {
  /** Nodes with biases, and those that pool by the maximum. */
  readonly biases: readonly string[];
  readonly maxima: readonly string[];
}

export function habitsOf({ wiring: { graph, connectivity } }: AnalogueNet): Habits {
  const named = (holds: (node: ResolvedNode, index: number) => boolean) =>
    graph.nodes.filter(holds).map(({ name }) => name);
  return {
    biases: named(({ node }) => numbersOf(node, 'bias')?.data.some((value) => value !== 0) === true),
    maxima: named((_, index) => connectivity[index]?.structure === 'selection'),
  };
}

function refuseUnlikely({ graph, quantization, learning, encoder }: Model): void {
  const where = 'the model to convert';
  if (quantization !== undefined) throw wrong(where, 'is quantised');
  if (learning.size > 0) throw wrong(where, 'learns while it runs');
  for (const [name, { graph: inside }] of graph.nodes) {
    if (inside !== undefined) throw wrong(`node "${name}"`, 'is a sub-graph');
  }
  for (const [name, { type }] of encoder) {
    if (encoderKindOf(type, 'encoder').steady !== true) throw wrong(`encoder of "${name}"`, `is ${type}`);
  }
}

function refuseNode(node: ResolvedNode, index: number, { connectivity }: Wiring): void {
  const { kind } = node;
  if (kind.role === 'neuron' && kind.type !== 'ReLU') {
    throw refused(node, 'has no spiking counterpart of the same rate', 'ReLU, weights, pooling and reshaping');
  }
  const ways = connectivity[index];
  if (ways === undefined) return;
  if (ways.structure === 'elementwise' && ways.delays !== undefined) {
    throw refused(node, 'delays its output', 'a net without time');
  }
  const isScaled = numbersOf(node.node, 'weight') ?? numbersOf(node.node, 'scale');
  if (ways.weights !== undefined && isScaled === undefined) {
    throw refused(node, 'has weights that cannot be scaled', 'Linear, Affine, Conv1d, Conv2d or Scale');
  }
}

function refused({ name, node }: ResolvedNode, problem: string, expected: string): SpikewireError {
  return new SpikewireError('unsupported', `node "${name}" (${node.type})`, problem, expected);
}

function wrong(where: string, problem: string): SpikewireError {
  const expected = 'a non-spiking net with direct input, as of an ONNX file or train --neuron relu --steps 1';
  return new SpikewireError('unsupported', where, problem, expected);
}
