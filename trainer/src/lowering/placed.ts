import {
  elementCount,
  numbersOf,
  type ResolvedGraph,
  type ResolvedNode,
  SpikewireError,
  tensor,
} from '@spikewire/models';
import { given, type Value } from '../graph/operations/value.ts';
import type { LearnedParameter } from './learned.ts';
import type { LoweredTrainingNode, NodeArray, TrainingNode } from './training-node.ts';

/** A node of training, and the node of the model that it follows. */
export interface Placement {
  readonly behind: string;
  readonly node: TrainingNode;
}

/** One whose place is known to fit. */
export interface PlacedNode extends Placement {
  /** `<behind>.<type>`; its arrays are named `<name>.<key>`. */
  readonly name: string;
  readonly arrays: Readonly<Record<string, NodeArray>>;
}

/** Throws `unsupported` for a node that is not there, twice the same behind it, and what cannot be folded into it. */
export function placeNodes(graph: ResolvedGraph, placements: readonly Placement[]): PlacedNode[] {
  const seen = new Set<string>();
  return placements.map(({ behind, node }) => {
    const where = `${node.type} behind node "${behind}"`;
    const refuse = (problem: string, expected: string) => new SpikewireError('unsupported', where, problem, expected);
    const before = graph.nodes.find(({ name }) => name === behind);
    if (before === undefined) throw refuse('has no such node', graph.nodes.map(({ name }) => name).join(', '));
    const name = `${behind}.${node.type}`;
    if (seen.has(name)) throw refuse('exists twice', 'one');
    seen.add(name);
    if (node.fold !== undefined && !takesChannelMap(before)) {
      throw refuse('cannot be folded into it', 'an Affine or a convolution with a bias for each channel');
    }
    return { name, behind, node, arrays: node.arrays(before.shape) };
  });
}

/** Whether weights and biases of a node can take up a factor and a summand for each channel of what it emits. */
function takesChannelMap({ name, kind, node, inputShape, shape }: ResolvedNode): boolean {
  // The nodes of sub-graphs may stand for several of the resolved graph.
  if (kind.role !== 'connection' || name.includes('/')) return false;
  const connectivity = kind.connect(node, inputShape);
  const bias = numbersOf(node, 'bias');
  const channels =
    connectivity.structure === 'convolution' ? connectivity.geometry.outputChannels : elementCount(shape);
  const hasChannels = connectivity.structure === 'convolution' || connectivity.structure === 'dense';
  return hasChannels && channels === shape[0] && bias !== undefined && elementCount(bias.shape) === channels;
}

/** What the optimiser changes of a node. */
export function learnedOf({ name, arrays }: PlacedNode): LearnedParameter[] {
  return Object.entries(arrays).flatMap(([key, { shape, start, changedBy }]) =>
    changedBy === 'optimiser'
      ? [
          {
            ...{ name: `${name}.${key}`, node: name, key, shape },
            start: new Float32Array(elementCount(shape)).fill(start),
            toTensor: (array: Float32Array) => tensor(array, shape),
          },
        ]
      : [],
  );
}

/** A node of training in a graph, and where it stands. */
export type LoweredNode = LoweredTrainingNode & Pick<PlacedNode, 'name' | 'behind'>;

/** Nodes of training over a batch; what is learned is among the `parameters`. */
export function lowerTrainingNodes(
  nodes: readonly PlacedNode[],
  batch: number,
  learns: boolean,
  parameters: ReadonlyMap<string, Value>,
): LoweredNode[] {
  return nodes.map(({ name, behind, node, arrays }) => {
    const values = Object.entries(arrays).map(([key, { shape, changedBy }]) => {
      const array = `${name}.${key}`;
      const whole = changedBy === 'generator' ? [batch, ...shape] : shape;
      return [key, parameters.get(array) ?? given(array, whole)] as const;
    });
    const byKey = new Map(values);
    return { name, behind, ...node.lower((key) => byKey.get(key)!, learns) };
  });
}
