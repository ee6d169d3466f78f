import { elementCount, type Shape } from '@spikewire/models';
import type { OnnxTensor } from '../../tensor.ts';

/** A value that is known when the file is read. */
export type Constant = OnnxTensor;

/**
 * A value that depends on the sample: the sum of what some nodes of the model give, seen in another shape and order,
 * and with a factor and a summand that no node has taken up yet. Reshaping and transposing change how it is seen, and
 * make no node.
 */
export interface Signal {
  readonly sources: readonly string[];
  /** What its sources give, all the same. */
  readonly physical: Shape;
  /** As ONNX sees it, with the batch in front. */
  readonly shape: Shape;
  /** By element as ONNX counts, its place in what the sources give; absent: the same. */
  readonly order?: Int32Array;
  /** scale·x + shift is meant, by place in what the sources give. */
  readonly scale?: Spread;
  readonly shift?: Spread;
  /** Zeros that are meant around it, and that no node has taken up yet. `shape` is that without them. */
  readonly padding?: Padding;
  /** Whether nobody else hears the sources, so that they may be changed. */
  readonly isOwn: boolean;
  /** Whether nothing of it is below 0. */
  readonly isPositive: boolean;
  /** The operator that turned it into an answer, behind which nothing is computed. */
  readonly answer?: string;
}

export type Value = Constant | Signal;

/** Elements before the first and behind the last one, by axis as ONNX counts them, the batch among them. */
export interface Padding {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

export const isSignal = (value: Value): value is Signal => 'sources' in value;

/** One number for all elements of a node, one per channel, or one each. */
export type Spread = Float64Array;

/** The number of an element. */
export function spreadAt(spread: Spread, element: number, size: number): number {
  return spread[Math.floor(element / (size / spread.length))]!;
}

/** a ∘ b element by element. */
export function combined(a: Spread, b: Spread, size: number, operation: (a: number, b: number) => number): Spread {
  const length = Math.max(a.length, b.length);
  const step = size / length;
  return Float64Array.from({ length }, (_, k) => operation(spreadAt(a, k * step, size), spreadAt(b, k * step, size)));
}

/** Whether it has channels at several places of an image or a signal. */
export const hasPlaces = ({ shape }: Signal) => shape.slice(2).some((size) => size > 1);

/** Elements of a sample, without the batch. */
export const sampleSize = ({ physical }: Signal) => elementCount(physical);
