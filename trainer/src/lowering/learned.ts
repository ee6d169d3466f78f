import { type Graph, type ResolvedGraph, type ResolvedNode, type Shape, type Tensor, tensor } from '@spikewire/models';
import { rawOfTau, tauOfRaw, timeConstants } from './neurons/time-constant.ts';

/** What is learned besides weights. */
export interface LearnedChoice {
  /** Biases of connections; default true. */
  readonly bias?: boolean;
  /** Time constants of membranes and synaptic currents. */
  readonly tau?: boolean;
  /** Thresholds. */
  readonly threshold?: boolean;
  /** Nodes of which nothing is learned. */
  readonly fixed?: readonly string[];
}

/** A parameter of a node that is learned, as the array that changes. */
export interface LearnedParameter {
  /** `node.key`. */
  readonly name: string;
  readonly node: string;
  readonly key: string;
  readonly shape: Shape;
  /** The array before the first step. */
  readonly start: Float32Array;
  /** The node's parameter that an array stands for. */
  toTensor(array: Float32Array): Tensor;
}

/**
 * Everything of a graph that is learned: weights, biases and factors of connections, and of neurons what was chosen.
 */
export function learnedParametersOf({ nodes }: ResolvedGraph, choice: LearnedChoice): LearnedParameter[] {
  return nodes.flatMap((node) => keysOf(node, choice).flatMap((key) => parameterOf(node, key)));
}

function keysOf(
  { kind, name }: ResolvedNode,
  { bias = true, tau, threshold, fixed }: LearnedChoice,
): readonly string[] {
  if (fixed?.includes(name)) return [];
  if (kind.role === 'connection') return ['weight', ...(bias ? ['bias'] : []), 'scale'];
  if (kind.role !== 'neuron') return [];
  return [...(tau ? timeConstants : []), ...(threshold ? ['v_threshold', 'threshold'] : [])];
}

function parameterOf({ name: node, node: { parameters }, semantics }: ResolvedNode, key: string): LearnedParameter[] {
  const given = parameters[key];
  if (given === undefined || typeof given === 'string') return [];
  const { data, shape } = given;
  const isTime = (timeConstants as readonly string[]).includes(key);
  return [
    {
      name: `${node}.${key}`,
      node,
      key,
      shape,
      start: Float32Array.from(data, (value) => (isTime ? rawOfTau(value, semantics) : value)),
      toTensor: (array) => tensor(isTime ? array.map((raw) => tauOfRaw(raw, semantics)) : array, shape),
    },
  ];
}

/** The graph with what was learned in its place; nothing else changes. Arrays by the names of their parameters. */
export function withLearned(
  graph: Graph,
  parameters: readonly LearnedParameter[],
  arrays: ReadonlyMap<string, Float32Array>,
  prefix = '',
): Graph {
  const nodes = [...graph.nodes].map(([name, node]) => {
    const own = parameters.filter((parameter) => parameter.node === prefix + name);
    const learned = own.map((parameter) => [parameter.key, parameter.toTensor(arrays.get(parameter.name)!)] as const);
    const inside = node.graph && withLearned(node.graph, parameters, arrays, `${prefix}${name}/`);
    const whole = { ...node, parameters: { ...node.parameters, ...Object.fromEntries(learned) } };
    return [name, inside === undefined ? whole : { ...whole, graph: inside }] as const;
  });
  return { nodes: new Map(nodes), edges: graph.edges };
}
