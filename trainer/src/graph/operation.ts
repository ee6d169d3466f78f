import type { OnnxModelBuilder } from '@spikewire/exchange/onnx';
import type { Shape } from '@spikewire/models';

/** A number array that a program will compute, or be given; its shape is known from the start. */
export interface Value {
  readonly shape: Shape;
  /** Where it comes from: the name under which it is given, or the application of an operation. */
  readonly origin: string | Application;
  /** Which result of the application. */
  readonly index: number;
}

/** An operation applied to values. */
export interface Application<Attributes = unknown> {
  readonly operation: Operation<Attributes>;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly results: readonly Value[];
}

/**
 * A kind of computation, with everything that the house needs of it in one place: which shapes it takes and gives, its
 * gradient, its form as ONNX nodes, and its plain float64 form, which is the oracle for the other.
 */
export interface Operation<Attributes> {
  readonly name: string;
  /** Shapes of the results; throws `graph` for inputs that do not fit. */
  shapes(inputs: readonly Shape[], attributes: Attributes): readonly Shape[];
  /**
   * Gradients of the loss with respect to the inputs, from those with respect to the results (undefined where the loss
   * does not depend on one). Only those inputs that are `wanted` need one. Absent: no gradient flows through.
   */
  gradient?(
    application: Application<Attributes>,
    ofResults: readonly (Value | undefined)[],
    wanted: readonly boolean[],
  ): readonly (Value | undefined)[];
  /** Emits ONNX nodes and returns the names of the results. */
  lower(onnx: OnnxModelBuilder, inputs: readonly string[], application: Application<Attributes>): readonly string[];
  /** The results in float64, row-major. */
  evaluate(inputs: readonly Float64Array[], application: Application<Attributes>): readonly Float64Array[];
}
