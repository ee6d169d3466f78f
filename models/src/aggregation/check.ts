import { factorInformation } from '../recognition/readouts/information-form.ts';
import type { Sums } from './sums.ts';
import { rowOf, triangleSize } from './triangle.ts';

/** What sums of real samples keep to. */
export interface SumLimits {
  /** Samples of a part, at least and at most. */
  readonly fewest: number;
  readonly most: number;
  /** The lowest and highest number that each input can be; those of x₀ are 1. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
}

/** Parts of what is compared that rounding to single precision may be. */
const ROUNDING = 1e-5;

/**
 * Why sums cannot be of real samples within `limits`, as a clause without a subject; undefined where no check finds a
 * reason. With samples x and one-hot labels y, n_c = b_0c:
 *
 * - A₀₀ = n, which is whole, and so are all n_c ≥ 0;
 * - Σ_c b_ic = A_i0 for each input, as every sample has one label;
 * - n_c·lowest ≤ b_ic ≤ n_c·highest, and Σ(x_i − lowest)·(highest − x_i) ≥ 0, which bounds A_ii and so the trace;
 * - |A_ij| ≤ √(A_ii·A_jj), and b_ic² ≤ n_c·A_ii (Cauchy–Schwarz);
 * - A − Σ_c b_c·b_cᵀ/n_c, the scatter within classes, is positive semidefinite; so is then A. inputs³/6 multiplications;
 *   `room` holds inputs² numbers to compute in.
 */
export function problemOfSums(sums: Sums, limits: SumLimits, room?: Float64Array): string | undefined {
  return (
    problemOfShape(sums, { inputs: limits.lowest.length, classes: sums.classes }) ??
    problemOfCounts(sums, limits) ??
    problemOfRanges(sums, limits) ??
    problemOfProducts(sums) ??
    problemOfScatter(sums, room)
  );
}

/** What sums need so that they can be computed with at all. */
export function problemOfShape(sums: Sums, { inputs, classes }: Pick<Sums, 'inputs' | 'classes'>): string | undefined {
  const { products, targets } = sums;
  if (sums.inputs !== inputs) return `has ${sums.inputs} inputs instead of ${inputs}`;
  if (sums.classes !== classes) return `has ${sums.classes} classes instead of ${classes}`;
  const fits = products.length === triangleSize(inputs) && targets.length === inputs * classes;
  if (!fits) return 'has sums of another shape';
  return products.every(Number.isFinite) && targets.every(Number.isFinite) ? undefined : 'has sums that are not finite';
}

function problemOfCounts({ classes, samples, products, targets }: Sums, limits: SumLimits): string | undefined {
  const { fewest, most } = limits;
  if (!Number.isInteger(samples) || samples < fewest || samples > most) {
    return `has ${samples} samples instead of ${fewest} to ${most}`;
  }
  const counts = targets.subarray(0, classes);
  const areCounts = counts.every((count) => Number.isInteger(count) && count >= 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return areCounts && total === samples && products[0] === samples ? undefined : 'counts its samples in different ways';
}

function problemOfRanges(sums: Sums, { lowest, highest }: SumLimits): string | undefined {
  const { inputs, classes, samples, products, targets } = sums;
  for (let i = 1; i < inputs; i++) {
    const [low, high] = [lowest[i]!, highest[i]!];
    const room = ROUNDING * samples * Math.max(1, Math.abs(low), Math.abs(high));
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const [sum, count] = [targets[i * classes + c]!, targets[c]!];
      if (sum < count * low - room || sum > count * high + room) return `has samples beyond the range of input ${i}`;
      total += sum;
    }
    if (Math.abs(total - products[i]!) > room) return `has samples of input ${i} without a label`;
    const [square, largest] = [products[rowOf(i, inputs) + i]!, Math.max(low ** 2, high ** 2, 1)];
    if (square < 0 || square > (low + high) * total - samples * low * high + ROUNDING * samples * largest) {
      return `has samples beyond the range of input ${i}`;
    }
  }
  return undefined;
}

function problemOfProducts({ inputs, classes, products, targets }: Sums): string | undefined {
  const isBeyond = (value: number, first: number, second: number) =>
    value ** 2 > (1 + ROUNDING) * first * second + ROUNDING;
  const squares = Float64Array.from({ length: inputs }, (_, i) => products[rowOf(i, inputs) + i]!);
  for (let i = 0; i < inputs; i++) {
    const row = rowOf(i, inputs);
    for (let j = i + 1; j < inputs; j++) {
      if (isBeyond(products[row + j]!, squares[i]!, squares[j]!))
        return `has products of inputs ${i} and ${j} beyond their squares`;
    }
    for (let c = 0; c < classes; c++) {
      if (isBeyond(targets[i * classes + c]!, targets[c]!, squares[i]!))
        return `has sums of input ${i} beyond its squares`;
    }
  }
  return undefined;
}

/** Whether what the classes leave of A is a sum of squares, as far as rounding shows. */
function problemOfScatter(
  { inputs, classes, products, targets }: Sums,
  scatter: Float64Array = new Float64Array(inputs ** 2),
): string | undefined {
  let trace = 0;
  for (let i = 0; i < inputs; i++) trace += products[rowOf(i, inputs) + i]!;
  for (let i = 0; i < inputs; i++) {
    const row = rowOf(i, inputs);
    for (let j = i; j < inputs; j++) {
      let left = products[row + j]!;
      for (let c = 0; c < classes; c++) {
        const count = targets[c]!;
        if (count > 0) left -= (targets[i * classes + c]! * targets[j * classes + c]!) / count;
      }
      scatter[j * inputs + i] = left;
    }
    scatter[i * inputs + i]! += ROUNDING * trace;
  }
  return factorInformation(scatter, inputs) ? undefined : 'has sums that no samples have';
}
