import type { Shape } from '@spikewire/models';
import type { OnnxModelBuilder } from '../../model-builder.ts';
import { FLOAT, INT32, INT64 } from '../../tensor.ts';

/** Element types of values, by ONNX's numbers. */
export const TYPES = { float32: FLOAT, int32: INT32, int64: INT64 } as const;
export type ElementTypeName = keyof typeof TYPES;

/**
 * Operators of ONNX by the names that formulas have, over values named by texts. Values have the batch as their first
 * axis; constants have none, and are repeated for each sample.
 */
export class Formulas {
  readonly onnx: OnnxModelBuilder;

  constructor(onnx: OnnxModelBuilder) {
    this.onnx = onnx;
  }

  add = (a: string, b: string): string => this.onnx.emit('Add', [a, b]);
  subtract = (a: string, b: string): string => this.onnx.emit('Sub', [a, b]);
  multiply = (a: string, b: string): string => this.onnx.emit('Mul', [a, b]);
  divide = (a: string, b: string): string => this.onnx.emit('Div', [a, b]);
  larger = (a: string, b: string): string => this.onnx.emit('Max', [a, b]);
  smaller = (a: string, b: string): string => this.onnx.emit('Min', [a, b]);
  exp = (a: string): string => this.onnx.emit('Exp', [a]);
  isGreater = (a: string, b: string): string => this.onnx.emit('Greater', [a, b]);
  and = (a: string, b: string): string => this.onnx.emit('And', [a, b]);
  not = (a: string): string => this.onnx.emit('Not', [a]);
  choose = (condition: string, then: string, otherwise: string): string =>
    this.onnx.emit('Where', [condition, then, otherwise]);
  cast = (value: string, type: number): string => this.onnx.emit('Cast', [value], { to: type });

  /** A single element along an axis, which disappears. */
  element = (value: string, index: number, axis: number): string =>
    this.onnx.emit('Gather', [value, this.onnx.integer(index)], { axis });

  /** Of a shape without the batch to another one. */
  reshape(value: string, from: Shape, to: Shape): string {
    if (from.length === to.length && from.every((size, axis) => size === to[axis])) return value;
    return this.onnx.emit('Reshape', [value, this.onnx.integers([-1, ...to])]);
  }

  sum = (values: readonly string[]): string => values.reduce(this.add);

  /** A float32 constant for each neuron; a scalar where all are the same. */
  perNeuron(values: ArrayLike<number>, shape: Shape): string {
    const [first] = Float32Array.from([values[0] ?? 0]);
    const all = Float32Array.from(values);
    return all.every((value) => Object.is(value, first)) ? this.onnx.scalar(first!) : this.onnx.array(all, shape);
  }

  /** The same in int64. */
  wholePerNeuron(values: Int32Array, shape: Shape): string {
    if (values.every((value) => value === values[0])) return this.onnx.integer(values[0]!);
    return this.onnx.whole(BigInt64Array.from(values, BigInt), shape);
  }
}

export const isAll = (values: ArrayLike<number>, wanted: number): boolean =>
  Array.prototype.every.call(values, (value) => value === wanted);
