import type { GraphNode, Shape } from '@spikewire/models';
import type { Value } from '../graph/value.ts';

/** A learned array of a layer. */
export interface LayerParameter {
  /** Within the layer, as in the model's graph: `weight` or `bias`. */
  readonly key: string;
  readonly shape: Shape;
  /** Inputs of one neuron; 0 for what starts at 0. */
  readonly fanIn: number;
}

/** A connection of the net under training: what it computes, and what it becomes in the model. */
export interface Layer {
  readonly name: string;
  /** Of one sample. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly parameters: readonly LayerParameter[];
  /** Whether neurons follow; pooling hands on to the next layer as it is. */
  readonly feedsNeurons: boolean;
  /** From input [rows, …inputShape] to output [rows, …outputShape]; parameters by key. */
  connect(input: Value, parameters: Readonly<Record<string, Value>>): Value;
  /** The nodes of the model in their order, by what is appended to the layer's name. */
  toNodes(parameters: Readonly<Record<string, Float32Array>>): readonly (readonly [suffix: string, node: GraphNode])[];
}

/** A kind of layer as it is written in an architecture: one file, one line in the index. */
export interface LayerKind {
  /** How its words look, for messages: `12C5`. */
  readonly example: string;
  readonly pattern: RegExp;
  /** Throws `usage` where the layer does not fit its input. */
  make(name: string, word: RegExpExecArray, inputShape: Shape): Layer;
}
