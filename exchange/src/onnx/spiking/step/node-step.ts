import type { Shape } from '@spikewire/models';
import type { ElementTypeName } from './formulas.ts';

/** A number of each neuron, or of some other part of a node, that a step hands on to the next one. */
export interface StateVariable {
  /** As engines call it. */
  readonly variable: string;
  /** Of one sample. */
  readonly shape: Shape;
  readonly type: ElementTypeName;
  /** At the start: one number for all, or one for each. */
  readonly initial: number | ArrayLike<number>;
}

/** What a node of the graph does in a step, as nodes of ONNX. Its constants are made once, before any step. */
export interface NodeStep {
  readonly states: readonly StateVariable[];
  /** Whether what arrives over several edges is added as whole numbers of 64 bits. */
  readonly wholeSums?: boolean;
  /**
   * Writes one step.
   *
   * @param arriving what arrives at each port, in the input shape of the node
   * @param states values of the state variables before the step
   */
  write(arriving: readonly string[], states: readonly string[]): WrittenStep;
}

export interface WrittenStep {
  /** What it emits, float32, in the shape of the node. */
  readonly emitted: string;
  /** Values of the state variables after the step. */
  readonly next: readonly string[];
}
