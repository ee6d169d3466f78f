import type { Connectivity } from '../connections/connectivity.ts';
import { SpikewireError } from '../error.ts';
import type { Quantization } from '../model/quantization.ts';
import type { ResolvedNode } from '../resolve/resolve.ts';
import { isLate, isWeighted, type Wiring } from '../resolve/wiring.ts';
import { elementCount, type TensorData } from '../tensor.ts';
import { arrivingUnit } from './units.ts';

/** A weighted connection as the one population sees it to which it leads, directly or through pooling and reshaping. */
export interface Afferent {
  readonly node: ResolvedNode;
  readonly index: number;
  readonly connectivity: Connectivity & { readonly weights: TensorData };
  /**
   * A weight w adds factor·w·n to the real input for n arriving units: unit of the source × pooling factors on both
   * sides.
   */
  readonly factor: number;
  /** The neurons that an output of the connection reaches. */
  reach(output: number): readonly number[];
  /** The constant that the connection's bias adds to each neuron's real input. */
  readonly bias: Float64Array | undefined;
}

/** All ways into the population at `index`. Throws `unsupported` for nets whose weights cannot be single integers. */
export function afferentsOf(
  wiring: Wiring,
  index: number,
  quantization: Pick<Quantization, 'inputs' | 'neurons'>,
): Afferent[] {
  refuseUnweighted(wiring, index);
  return weightedConnections(wiring, index).map((connection) => traceAfferent(wiring, connection, index, quantization));
}

/** Indices of the weighted connections that lead to `index` through unweighted nodes, each once. */
export function weightedConnections(wiring: Wiring, index: number): number[] {
  const found = new Set<number>();
  const search = (at: number) => {
    for (const { source } of wiring.incoming[at]!) {
      if (isWeighted(wiring, source)) found.add(source);
      else if (wiring.connectivity[source] !== undefined) search(source);
    }
  };
  search(index);
  return [...found];
}

function traceAfferent(
  wiring: Wiring,
  index: number,
  target: number,
  quantization: Pick<Quantization, 'inputs' | 'neurons'>,
): Afferent {
  const node = wiring.graph.nodes[index]!;
  const connectivity = wiring.connectivity[index] as Afferent['connectivity'];
  refuseSeries(wiring, index);
  const gains = new Set<number>();
  const reached = Array.from({ length: connectivity.outputs }, (_, output) =>
    reachFrom(wiring, index, output, target, gains),
  );
  const reach = (output: number) => reached[output]!;
  if (gains.size > 1) {
    throw unsupported(node, 'reaches its population through different poolings', 'a connection node for each way');
  }
  const gain = [...gains][0] ?? 1;
  return {
    node,
    index,
    connectivity,
    factor: arrivingUnit(wiring, index, quantization) * gain,
    reach,
    bias: spreadBias(wiring, index, connectivity, reach, gain, target),
  };
}

/**
 * The elements of `target` that one output of the node at `index` reaches, with the product of the pooling factors on
 * the way.
 */
function reachFrom(wiring: Wiring, index: number, output: number, target: number, gains: Set<number>): number[] {
  const neurons: number[] = [];
  const follow = (at: number, element: number, gain: number) => {
    for (const edge of wiring.outgoing[at]!) {
      if (edge.target === target) {
        neurons.push(element);
        gains.add(gain);
        continue;
      }
      const next = wiring.connectivity[edge.target];
      if (next === undefined) {
        const { name } = wiring.graph.nodes[edge.target]!;
        const problem = `leads to "${name}" besides "${wiring.graph.nodes[target]!.name}"`;
        throw unsupported(wiring.graph.nodes[index]!, problem, 'one population behind each connection with weights');
      }
      if (next.structure === 'selection') {
        throw unsupported(wiring.graph.nodes[edge.target]!, 'chooses among sums of weights', 'a neuron node before it');
      }
      next.forEachSynapse(element, (reached) => follow(edge.target, reached, gain * next.gain));
    }
  };
  follow(index, output, 1);
  return neurons;
}

function refuseSeries(wiring: Wiring, index: number): void {
  for (const before of weightedConnections(wiring, index)) {
    const problem = `follows the weights of "${wiring.graph.nodes[before]!.name}" without a neuron between`;
    throw unsupported(wiring.graph.nodes[index]!, problem, 'one connection with the product of both');
  }
}

/** Values that bypass the weights which others take to the same population. */
function refuseUnweighted(wiring: Wiring, index: number): void {
  for (const { source } of wiring.incoming[index]!) {
    if (wiring.connectivity[source] === undefined) {
      const problem = `joins "${wiring.graph.nodes[source]!.name}" to values that have passed weights`;
      throw unsupported(wiring.graph.nodes[index]!, problem, 'a Scale node in between');
    }
    if (!isWeighted(wiring, source)) refuseUnweighted(wiring, source);
  }
}

/** For each weight, a neuron that it reaches; −1 where there is none. */
export function neuronsOfWeights({ connectivity, reach }: Afferent): Int32Array {
  const neurons = new Int32Array(connectivity.weights.length).fill(-1);
  for (let input = 0; input < connectivity.inputs; input++) {
    connectivity.forEachSynapse(input, (output, weight) => {
      if (neurons[weight] === -1) neurons[weight] = reach(output)[0] ?? -1;
    });
  }
  return neurons;
}

function spreadBias(
  wiring: Wiring,
  index: number,
  { bias, outputs }: Connectivity,
  reach: Afferent['reach'],
  gain: number,
  target: number,
): Float64Array | undefined {
  if (bias === undefined || bias.every((value) => value === 0)) return undefined;
  const node = wiring.graph.nodes[index]!;
  if (hasDelayBehind(wiring, index)) {
    throw unsupported(node, 'has a bias and a delay on the way to its population', 'the delay on the edge before it');
  }
  const ways = wiring.outgoing[index]!.length;
  if (ways > 1) throw unsupported(node, 'has a bias and several ways out', 'one edge to its population');
  const spread = new Float64Array(elementCount(wiring.graph.nodes[target]!.shape));
  for (let output = 0; output < outputs; output++) {
    for (const neuron of reach(output)) spread[neuron]! += gain * bias[output]!;
  }
  return spread;
}

/** Whether any edge between the connection at `index` and its population has a delay. */
export function hasDelayBehind(wiring: Wiring, index: number): boolean {
  return wiring.outgoing[index]!.some(({ delay, target }) => {
    const next = wiring.connectivity[target];
    return delay > 0 || (next !== undefined && (isLate(next) || hasDelayBehind(wiring, target)));
  });
}

export function unsupported({ name, node }: ResolvedNode, problem: string, expected: string): SpikewireError {
  return new SpikewireError('unsupported', `integer form of "${name}" (${node.type})`, problem, expected);
}
