import { elementCount } from '@spikewire/models';
import type { Application, Value } from '../graph/operations/value.ts';
import type { Program } from '../graph/program.ts';
import { type OnnxModel, onnxModelOf } from './onnx-session.ts';
import { type ApartProduct, outputsOf, type Stage, stagesOf } from './stages.ts';

/** Multiplications of a dense product from which on it is worth while to look for what is not 0. */
const LARGE = 3e7;

/** A program in stages as plain data, which another thread can be sent. */
export interface StagedModel {
  readonly stages: readonly ModelStage[];
  /** Outputs of the program that no part gives under their name, and the name by which the parts know them. */
  readonly copies: readonly (readonly [output: string, from: string])[];
  /** Names and lengths of what one part gives and another takes. */
  readonly between: readonly (readonly [name: string, length: number])[];
}

/** What the library computes in one call, and the products that can be done after it. */
export interface ModelStage {
  readonly model: OnnxModel | undefined;
  readonly products: readonly NamedProduct[];
}

/** A product with a sparse matrix [rows, inputs] that is done apart; its operands by name. */
export interface NamedProduct {
  readonly kind: 'multiply' | 'gather';
  readonly matrix: string;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the program is given the matrix. */
  readonly isGiven: boolean;
  /** What the matrix is multiplied with: weights, or sums where they are gathered. */
  readonly factor: string;
  readonly bias: string | undefined;
  readonly result: string;
  /** The product as the library does it. */
  readonly dense: OnnxModel;
}

/** Large products with spikes stand apart. */
export function stagedModelOf(program: Program): StagedModel {
  const { stages, nameOf, copies } = stagesOf(program, isLargeSparseProduct);
  return {
    stages: stages.map(({ program: part, products }) => ({
      // Without outputs there is nothing to compute.
      model: part.outputs.size === 0 ? undefined : onnxModelOf(part),
      products: products.map((product) => named(product, nameOf)),
    })),
    copies,
    between: arraysBetween(program, stages),
  };
}

function isLargeSparseProduct(application: Application): boolean {
  const product = application.operation.sparseProduct?.(application);
  if (product === undefined) return false;
  return elementCount(product.matrix.shape) * outputsOf(product, application.results[0]!) >= LARGE;
}

function named({ operands, result, program }: ApartProduct, nameOf: (value: Value) => string): NamedProduct {
  const [rows, ...shape] = operands.matrix.shape;
  const bias = operands.kind === 'multiply' ? operands.bias : undefined;
  return {
    kind: operands.kind,
    matrix: nameOf(operands.matrix),
    ...{ rows: rows!, inputs: elementCount(shape), outputs: outputsOf(operands, result) },
    isGiven: typeof operands.matrix.origin === 'string',
    factor: nameOf(operands.kind === 'multiply' ? operands.weights : operands.sums),
    bias: bias && nameOf(bias),
    result: nameOf(result),
    dense: onnxModelOf(program),
  };
}

function arraysBetween(program: Program, stages: readonly Stage[]): [string, number][] {
  const parts = stages.flatMap((stage) => [stage.program, ...stage.products.map((product) => product.program)]);
  const given = parts.flatMap(({ outputs }) => [...outputs]);
  return given.flatMap(([name, { shape }]) => (program.outputs.has(name) ? [] : [[name, elementCount(shape)]]));
}
