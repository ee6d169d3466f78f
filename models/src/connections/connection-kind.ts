import type { GraphNode } from '../graph/graph.ts';
import type { KindBase, NodeExample } from '../graph/kind.ts';
import type { Shape } from '../tensor.ts';
import type { Connectivity } from './connectivity.ts';

/** A connection between values of these shapes. */
export interface ConnectionExample {
  readonly node: NodeExample;
  readonly input: Shape;
}

/**
 * A way from what arrives to what leaves: weights, pooling, reshaping. Linear and without state, but for a selection.
 */
export interface ConnectionKind extends KindBase {
  readonly role: 'connection';
  readonly examples: readonly ConnectionExample[];
  /** The shape it takes, where its parameters fix one. */
  inputShape(node: GraphNode): Shape | undefined;
  /** The shape it gives for an input shape; throws `graph` when the input does not fit. */
  outputShape(node: GraphNode, input: Shape): Shape;
  connect(node: GraphNode, input: Shape): Connectivity;
  /** The longest of the delays that its elements have one by one, in steps; absent where all pass at once. */
  longestDelay?(node: GraphNode): number;
  /**
   * Ways from an input to an output; absent where that is the number of its weights or, without any, of its elements.
   */
  synapseCount?(node: GraphNode, input: Shape): number;
}
