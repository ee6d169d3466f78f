import { solvePositiveDefinite, winnerOf } from '@spikewire/models';

/** Ridge, as a part of the mean square of the inputs. */
const RIDGE = 1e-4;

/** A linear read-out with bias, of one-hot targets by least squares with a ridge, of samples that come one by one. */
export class RidgeRegression {
  /** Sums over samples of x·xᵀ, lower triangle, and x·yᵀ; x ends with the 1 of the bias. Views. */
  readonly square: Float64Array;
  readonly product: Float64Array;
  readonly #terms: number;
  readonly #classes: number;

  constructor(inputs: number, classes: number) {
    this.#terms = inputs + 1;
    this.#classes = classes;
    this.square = new Float64Array(this.#terms ** 2);
    this.product = new Float64Array(this.#terms * classes);
  }

  take(inputs: Float64Array, label: number): void {
    const terms = this.#terms;
    for (let i = 0; i < terms; i++) {
      const own = inputs[i] ?? 1;
      if (own === 0) continue;
      for (let j = 0; j < i; j++) this.square[i * terms + j]! += own * inputs[j]!;
      this.square[i * terms + i]! += own * own;
      this.product[i * this.#classes + label]! += own;
    }
  }

  /** Weights of each class, its bias the last, of these sums or of others like them; all 0 before the first sample. */
  solve({ square, product } = this as Pick<RidgeRegression, 'square' | 'product'>): Float64Array[] {
    const [terms, classes] = [this.#terms, this.#classes];
    const [left, right] = [square.slice(), product.slice()];
    const trace = left.reduce((sum, value, k) => (k % (terms + 1) === 0 ? sum + value : sum), 0);
    for (let i = 0; i < terms; i++) left[i * terms + i]! += (RIDGE * trace) / terms;
    if (!solvePositiveDefinite(left, right, terms, classes)) right.fill(0);
    return Array.from({ length: classes }, (_, c) =>
      Float64Array.from({ length: terms }, (_, i) => right[i * classes + c]!),
    );
  }
}

/** Index of the class with the largest answer, of equal ones the first. */
export function classOf(weights: readonly Float64Array[], inputs: Float64Array): number {
  const answers = weights.map((row) => {
    let sum = row[inputs.length]!;
    for (let k = 0; k < inputs.length; k++) sum += row[k]! * inputs[k]!;
    return sum;
  });
  return winnerOf(answers);
}
