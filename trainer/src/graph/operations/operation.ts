import type { OnnxModelBuilder } from '@spikewire/exchange/onnx';
import type { Shape } from '@spikewire/models';

/** A number array that a program will compute, or be given; its shape is known from the start. */
export interface Value {
  readonly shape: Shape;
  /** Where it comes from: the name under which it is given, or the application of an operation. */
  readonly origin: string | Application;
  /** Which result of the application. */
  readonly index: number;
  /** Whether most of its numbers are expected to be 0, as those of spikes are. */
  readonly sparse: boolean;
}

/** A product with a sparse matrix [rows, inputs], so that a backend may read only its active numbers. */
export type SparseProduct =
  /** matrix·weightsᵀ + bias. */
  | { readonly kind: 'multiply'; readonly matrix: Value; readonly weights: Value; readonly bias: Value | undefined }
  /** sumsᵀ·matrix. */
  | { readonly kind: 'gather'; readonly matrix: Value; readonly sums: Value };

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
  /** Whether its results are sparse: always, or where an input is. Absent: never. */
  readonly sparse?: 'always' | 'kept';
  /** The application as a product with a sparse matrix, where it is one. */
  sparseProduct?(application: Application<Attributes>): SparseProduct | undefined;
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
