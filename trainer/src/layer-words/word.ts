import type { GraphNode, RandomGenerator, Shape, Tensor } from '@spikewire/models';
import type { TrainingNode } from '../lowering/training-node.ts';

/** Where a word of an architecture stands, and what it writes into the graph. */
export interface LayerSite {
  /** Of a sample, as it comes from the layer before. */
  readonly inputShape: Shape;
  /** Weights of the layer's node `suffix`, drawn for so many inputs of one neuron. */
  weights(suffix: string, shape: Shape, fanIn: number): Tensor;
  /** Biases of 0 of so many outputs; nothing where the net is to have none. */
  biases(outputs: number): { readonly bias?: Tensor };
  /** For whatever else of the node `suffix` is drawn. */
  random(suffix: string): RandomGenerator;
  /** Length of a step in seconds. */
  readonly dt: number;
  /** Puts a node behind the last one. Its name is the layer's with the suffix. */
  append(suffix: string, node: GraphNode): void;
  /** Puts the net's neurons behind the last node, or at the end of the net its read-out. */
  appendNeurons(): void;
  /**
   * A node besides the chain, from what `source` emits to `target`, both named by their suffixes; it gets its values a
   * step later.
   */
  branch(source: string, suffix: string, node: GraphNode, target: string): void;
  /** Of the net's neurons. */
  readonly threshold: number;
  /** Puts a node of training behind the last node. */
  behind(node: TrainingNode): void;
  /** Puts one in front of the neurons that come next, behind what is there then. */
  beforeNeurons(node: TrainingNode): void;
  /** An edge from what the layer gets to a node of it, past all that lies between. */
  skip(target: string): void;
  /** What leaves an earlier layer, by its number from 1; undefined where there is none. */
  shapeOf(layer: number): Shape | undefined;
  /** A node besides the chain, from what leaves an earlier layer, to `target`. */
  tap(layer: number, suffix: string, node: GraphNode, target: string): void;
}

/** The neurons of a layer. */
export const NEURONS = '.neurons';

/** A kind of layer as it is written in an architecture: one file, one line in the index. */
export interface LayerWord {
  /** How its words look, for messages: `12C5`. */
  readonly example: string;
  /** One line for the help. */
  readonly summary: string;
  readonly pattern: RegExp;
  /** Whether it slides over places; in front of it a row of numbers is a signal of one channel. */
  readonly slides?: boolean;
  /** Writes the layer and returns the shape that leaves it. Throws `usage` where it does not fit its input. */
  write(site: LayerSite, word: RegExpExecArray): Shape;
}
