import { factorInformation, informationOf, writeFactors } from '../recognition/readouts/information-form.ts';
import { solve } from './solve.ts';
import type { Sums } from './sums.ts';
import { timesTriangle, triangleOf, wholeOf } from './triangle.ts';

/** The numbers of a read-out by least squares, as a model keeps them. */
export interface LeastSquaresNumbers {
  /** U of P = U·D·Uᵀ, unit upper triangular; column j begins at j·(j − 1)/2, without its diagonal. */
  readonly upper: Float32Array;
  /** D, > 0. */
  readonly diagonal: Float32Array;
  /** A row of weights for each class that there may be. */
  readonly weights: Float32Array;
  /** What all that was learned weighs, in samples. */
  readonly samples: number;
}

/** The sums that a base stands for. */
export interface BaseSums extends Sums {
  /** What the base weighs; not always whole. */
  readonly samples: number;
  /** Upper triangle of A₀ + ridge·I, positive definite. */
  readonly products: Float64Array;
  /** W₀ = (A₀ + ridge·I)⁻¹·b₀, inputs × classes by rows. */
  readonly weights: Float64Array;
}

/** A read-out as sums for its first `classes`: A₀ + ridge·I = P⁻¹ and b₀ = P⁻¹·W₀; inputs³/2 multiplications. */
export function sumsOfReadout(readout: LeastSquaresNumbers, classes: number): BaseSums {
  const inputs = readout.diagonal.length;
  const products = triangleOf(informationOf(readout), inputs);
  const weights = new Float64Array(inputs * classes);
  for (let c = 0; c < classes; c++) {
    for (let i = 0; i < inputs; i++) weights[i * classes + c] = readout.weights[c * inputs + i]!;
  }
  const targets = timesTriangle(products, weights, inputs, classes);
  return { inputs, classes, samples: readout.samples, products, targets, weights };
}

/**
 * Sums, the ridge in their products, as a read-out that can learn `mostClasses`, those of before first. Throws
 * `learning` where the products are not positive definite.
 */
export function readoutOfSums(sums: Sums, mostClasses = sums.classes): LeastSquaresNumbers {
  const { inputs, classes, samples } = sums;
  const solution = solve(sums.products, sums.targets, inputs, classes);
  const weights = new Float32Array(inputs * mostClasses);
  for (let c = 0; c < classes; c++) {
    for (let i = 0; i < inputs; i++) weights[c * inputs + i] = solution[i * classes + c]!;
  }
  const upper = new Float32Array((inputs * (inputs - 1)) / 2);
  const diagonal = new Float32Array(inputs);
  const information = wholeOf(sums.products, inputs);
  factorInformation(information, inputs); // which `solve` has shown to be possible
  writeFactors(information, { upper, diagonal });
  return { upper, diagonal, weights, samples };
}

/** The same base as if it had learned so many samples; its weights stay. */
export function weighed(base: BaseSums, samples: number): BaseSums {
  const factor = samples / base.samples;
  if (factor === 1 || base.samples === 0) return base;
  const times = (numbers: Float64Array) => numbers.map((number) => factor * number);
  return { ...base, samples, products: times(base.products), targets: times(base.targets) };
}
