import type { OnnxModelBuilder } from '../onnx/model-builder.ts';

/**
 * What stands for the derivative of a spike, which is 0 nearly everywhere. x = v − θ is how far the membrane is above the
 * threshold.
 */
export interface Surrogate {
  readonly name: string;
  /** h(x). */
  derivative(x: number): number;
  /** A function whose derivative is h, with primitive(0) = ½: the soft spike behind the surrogate. */
  primitive(x: number): number;
  /** h as ONNX nodes on an array of x. */
  lower(onnx: OnnxModelBuilder, x: string): string;
}
