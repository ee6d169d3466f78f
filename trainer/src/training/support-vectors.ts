import { winnerOf } from '@spikewire/models';

/** By how much the first step moves the answer to a sample of mean size. */
const STEP = 8;
/** What the first squares are added to. */
const NOTHING = 1e-8;

/**
 * A linear support vector machine with bias that learns of samples one by one: for each class the squared hinge loss
 * max(0, 1 − y·s)², y = 1 for samples of it and −1 for all others (L2-loss of Fan et al. 2008, LIBLINEAR), followed
 * downhill with a rate of its own for each weight (Duchi, Hazan and Singer 2011, Adaptive subgradient methods):
 * w ← w − η·g/√Σg². η is in inverse proportion to the mean sum of inputs, so that their unit does not matter.
 */
export class SupportVectors {
  /** [classes, inputs + 1], the bias last; a view. */
  readonly weights: Float64Array;
  /** Of gradients, summed; a view. */
  readonly squares: Float64Array;
  /** Samples so far, and what the magnitudes of their inputs add up to; a view. */
  readonly totals = new Float64Array(2);
  readonly #classes: number;
  readonly #row: number;

  constructor(inputs: number, classes: number) {
    this.#classes = classes;
    this.#row = inputs + 1;
    this.weights = new Float64Array(classes * this.#row);
    this.squares = new Float64Array(classes * this.#row);
  }

  /** The class with the largest answer, of equal ones the first. */
  classOf(inputs: ActiveInputs): number {
    return winnerOf(this.#answersTo(inputs));
  }

  /** Takes a sample. Returns whether it was of the class that was named before. */
  take(inputs: ActiveInputs, label: number): boolean {
    const answers = this.#answersTo(inputs);
    this.totals[0]!++;
    this.totals[1]! += inputs.size;
    const rate = (STEP * this.totals[0]!) / Math.max(Number.MIN_VALUE, this.totals[1]!);
    for (let c = 0; c < this.#classes; c++) {
      const wanted = c === label ? 1 : -1;
      const missing = 1 - wanted * answers[c]!;
      if (missing > 0) this.#descend(c, -2 * wanted * missing, inputs, rate);
    }
    return winnerOf(answers) === label;
  }

  #answersTo({ index, value }: ActiveInputs): number[] {
    return Array.from({ length: this.#classes }, (_, c) => {
      const first = c * this.#row;
      let sum = this.weights[first + this.#row - 1]!;
      for (let k = 0; k < index.length; k++) sum += this.weights[first + index[k]!]! * value[k]!;
      return sum;
    });
  }

  #descend(c: number, slope: number, { index, value }: ActiveInputs, rate: number): void {
    const first = c * this.#row;
    for (let k = 0; k < index.length; k++) this.#move(first + index[k]!, slope * value[k]!, rate);
    this.#move(first + this.#row - 1, slope, STEP / this.#row);
  }

  #move(k: number, gradient: number, rate: number): void {
    this.squares[k]! += gradient * gradient;
    this.weights[k]! -= (rate * gradient) / Math.sqrt(NOTHING + this.squares[k]!);
  }
}

/** Inputs of a sample that are not 0, and what their magnitudes add up to. */
export class ActiveInputs {
  readonly index: Int32Array;
  readonly value: Float64Array;
  readonly size: number;

  constructor(inputs: ArrayLike<number>) {
    const active = Array.from({ length: inputs.length }, (_, k) => k).filter((k) => inputs[k] !== 0);
    this.index = Int32Array.from(active);
    this.value = Float64Array.from(active, (k) => inputs[k]!);
    this.size = this.value.reduce((sum, value) => sum + Math.abs(value), 0);
  }
}
