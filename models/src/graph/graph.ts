import type { Tensor } from '../tensor.ts';
import type { Semantics } from './semantics.ts';

/** A parameter is an array of numbers (a scalar stands for a full array) or a word such as the padding "same". */
export type ParameterValue = Tensor | string;

/** A node: its kind by name (NIR's names), and its parameters under NIR's names. */
export interface GraphNode {
  readonly type: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Overrides the model's choices for this node. */
  readonly semantics?: Partial<Semantics>;
  /** The inside of a node of type `NIRGraph`. */
  readonly graph?: Graph;
}

/** Delivers in step t what `source` emitted in step t − delay. */
export interface Edge {
  readonly source: string;
  readonly target: string;
  /** Whole steps, ≥ 0. */
  readonly delay: number;
  /** Which input of a target that has several. */
  readonly port?: string;
}

/** Nodes by name, in file order, and the edges between them. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly Edge[];
}
