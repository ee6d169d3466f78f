import { type Graph, type GraphNode, numbersOf, tensor } from '@spikewire/models';
import type { PlacedNode } from '../lowering/placed.ts';
import type { ChannelMap } from '../lowering/training-node.ts';

/** The graph without its nodes of training: what they come to is in the connections that they follow. */
export function withFolded(
  graph: Graph,
  placed: readonly PlacedNode[],
  arrays: ReadonlyMap<string, Float32Array>,
): Graph {
  const nodes = new Map(graph.nodes);
  for (const { name, behind, node } of placed) {
    const map = node.fold?.((key) => arrays.get(`${name}.${key}`)!);
    if (map !== undefined) nodes.set(behind, folded(nodes.get(behind)!, map));
  }
  return { ...graph, nodes };
}

/** factor·(W·x + b) + summand = (factor·W)·x + (factor·b + summand), the weights of a channel one after the other. */
function folded(node: GraphNode, { factors, summands }: ChannelMap): GraphNode {
  const [weight, bias] = [numbersOf(node, 'weight')!, numbersOf(node, 'bias')!];
  const perChannel = weight.data.length / factors.length;
  const weights = Float32Array.from(weight.data, (w, i) => w * factors[Math.floor(i / perChannel)]!);
  const biases = Float32Array.from(bias.data, (b, channel) => b * factors[channel]! + summands[channel]!);
  const parameters = { weight: tensor(weights, weight.shape), bias: tensor(biases, bias.shape) };
  return { ...node, parameters: { ...node.parameters, ...parameters } };
}
