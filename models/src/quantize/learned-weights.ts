import { SpikewireError } from '../error.ts';
import { type LearnedState, type LearnedWeightsState, learnedWeight } from '../file/learned-state.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { Model } from '../model/model.ts';
import { type ResolvedGraph, resolveGraph } from '../resolve/resolve.ts';
import { wire } from '../resolve/wiring.ts';
import { elementCount, type Tensor, tensor } from '../tensor.ts';
import { LEARNED_MAXIMUM } from './integer-form.ts';
import { weightUnits } from './real-units.ts';
import { roundHalfEven } from './rounding.ts';

/**
 * The model with what was learned in the place of its weights, in an integer model each as the nearest q, and without
 * self-tests, which are of other weights. Throws `store` where something was learned of no connection with weights.
 */
export function withLearnedWeights(model: Model, learned: LearnedState): Model {
  const graph = resolveGraph(model.graph, model.semantics);
  const weights = new Map([...learned].map(([name, state]) => [name, weightsOf(model, graph, name, state)]));
  return { ...model, graph: withWeights(model.graph, weights, ''), selfTests: [] };
}

function withWeights(graph: Graph, weights: ReadonlyMap<string, Tensor>, prefix: string): Graph {
  const nodes = [...graph.nodes].map(([name, node]): [string, GraphNode] => {
    const flat = prefix + name;
    if (node.graph !== undefined) return [name, { ...node, graph: withWeights(node.graph, weights, `${flat}/`) }];
    const own = weights.get(flat);
    return [name, own === undefined ? node : { ...node, parameters: { ...node.parameters, [keyOf(node)]: own } }];
  });
  return { nodes: new Map(nodes), edges: graph.edges };
}

const keyOf = (node: GraphNode) => (numbersOf(node, 'weight') === undefined ? 'scale' : 'weight');

function weightsOf(model: Model, graph: ResolvedGraph, name: string, state: LearnedWeightsState): Tensor {
  const index = graph.nodes.findIndex((each) => each.name === name);
  const node = graph.nodes[index]?.node;
  const stored = node && numbersOf(node, keyOf(node));
  if (stored === undefined) {
    throw new SpikewireError(
      'store',
      `state of "${name}"`,
      'is of no connection with weights',
      'a state of this model',
    );
  }
  const real = Float32Array.from(state.weights, (_, k) => learnedWeight(state, k));
  const numbers = model.quantization === undefined ? real : integersOf(model, graph, index, real);
  // One number that stood for all has become one for each.
  return numbers.length === elementCount(stored.shape) ? tensor(numbers, stored.shape) : tensor(numbers);
}

function integersOf({ quantization }: Model, graph: ResolvedGraph, index: number, real: Float32Array): Int8Array {
  const units = weightUnits(wire(graph), index, quantization!);
  const rowLength = real.length / units.length;
  return Int8Array.from(real, (weight, k) => {
    const q = roundHalfEven(weight / units[Math.floor(k / rowLength)]!);
    return Math.max(-LEARNED_MAXIMUM, Math.min(LEARNED_MAXIMUM, q));
  });
}
