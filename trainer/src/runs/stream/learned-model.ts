import {
  elementCount,
  LEARNED_MAXIMUM,
  type LearnedState,
  type LearnedWeightsState,
  learnedWeight,
  type Model,
  numbersOf,
  type Quantization,
  type ResolvedGraph,
  resolveGraph,
  roundHalfEven,
  type Tensor,
  tensor,
  weightUnits,
  wire,
} from '@spikewire/models';
import { type LearnedParameter, withLearned } from '../../lowering/learned.ts';

/** The model with what was learned in the place of its weights; in an integer model each becomes the nearest q. */
export function withLearnedState(model: Model, learned: LearnedState): Model {
  const graph = resolveGraph(model.graph, model.semantics);
  const parameters = [...learned].map(([name, state]) => parameterOf(graph, name, state, model.quantization));
  const arrays = new Map(parameters.map(({ name, start }) => [name, start] as const));
  return { ...model, graph: withLearned(model.graph, parameters, arrays) };
}

function parameterOf(
  graph: ResolvedGraph,
  name: string,
  state: LearnedWeightsState,
  quantization: Quantization | undefined,
): LearnedParameter {
  const { node } = graph.nodes.find((each) => each.name === name)!;
  const key = numbersOf(node, 'weight') === undefined ? 'scale' : 'weight';
  const { shape } = numbersOf(node, key)!;
  const toTensor = (real: Float32Array): Tensor => {
    const numbers = quantization === undefined ? real : integersOf(graph, name, real, quantization);
    // One number that stood for all has become one for each.
    return numbers.length === elementCount(shape) ? tensor(numbers, shape) : tensor(numbers);
  };
  const start = Float32Array.from(state.weights, (_, k) => learnedWeight(state, k));
  return { name, node: name, key, shape, start, toTensor };
}

function integersOf(graph: ResolvedGraph, name: string, real: Float32Array, quantization: Quantization): Int8Array {
  const index = graph.nodes.findIndex((node) => node.name === name);
  const units = weightUnits(wire(graph), index, quantization);
  const rowLength = real.length / units.length;
  return Int8Array.from(real, (weight, k) => {
    const q = roundHalfEven(weight / units[Math.floor(k / rowLength)]!);
    return Math.max(-LEARNED_MAXIMUM, Math.min(LEARNED_MAXIMUM, q));
  });
}
