import type { LabelledSamples } from '@spikewire/engine/data';
import { type ClassifierKind, countsOf, type StreamClassifier, softmax } from './classifier.ts';
import { minimise } from './quasi-newton.ts';

/** Strength of the fit against the penalty ½‖W‖². */
const FIT = 0.1;
const STEP = 0.02;
/** Bias of a class that the base does not have. */
const UNSEEN = -5;

/**
 * Weights of a multinomial logistic regression: `classes` rows of a bias and one weight for each number of a sample.
 */
export class LogisticRegression implements StreamClassifier {
  readonly weights: Float64Array;
  readonly #step: number;
  readonly #width: number;
  readonly #answer: Float64Array;

  constructor(weights: Float64Array, classes: number, step: number) {
    this.weights = weights;
    this.#step = step;
    this.#width = weights.length / classes;
    this.#answer = new Float64Array(classes);
  }

  predict(sample: ArrayLike<number>): Float64Array {
    scores(this.weights, this.#width, sample, this.#answer);
    return softmax(this.#answer);
  }

  /** One step down the gradient of −ln p(label). */
  learn(sample: ArrayLike<number>, label: number): void {
    if (this.#step === 0) return;
    const probability = this.predict(sample);
    for (let k = 0; k < probability.length; k++) {
      const change = -this.#step * (probability[k]! - (k === label ? 1 : 0));
      const row = k * this.#width;
      this.weights[row]! += change;
      for (let j = 1; j < this.#width; j++) this.weights[row + j]! += change * sample[j - 1]!;
    }
  }
}

function scores(weights: Float64Array, width: number, sample: ArrayLike<number>, into: Float64Array): void {
  for (let k = 0; k < into.length; k++) {
    const row = k * width;
    let sum = weights[row]!;
    for (let j = 1; j < width; j++) sum += weights[row + j]! * sample[j - 1]!;
    into[k] = sum;
  }
}

/** `FIT`·Σ −ln p(label) + ½‖W‖² without the biases, and its gradient. */
export function penalisedLoss(
  { samples, labels }: LabelledSamples,
  classes: number,
  weights: Float64Array,
  gradient: Float64Array,
): number {
  const width = weights.length / classes;
  const probability = new Float64Array(classes);
  let loss = 0;
  for (let i = 0; i < weights.length; i++) {
    const penalised = i % width === 0 ? 0 : weights[i]!;
    gradient[i] = penalised;
    loss += 0.5 * penalised * penalised;
  }
  for (const [n, sample] of samples.entries()) {
    scores(weights, width, sample, probability);
    softmax(probability);
    loss -= FIT * Math.log(Math.max(1e-300, probability[labels[n]!]!));
    for (let k = 0; k < classes; k++) {
      const error = FIT * (probability[k]! - (k === labels[n]! ? 1 : 0));
      const row = k * width;
      gradient[row]! += error;
      for (let j = 1; j < width; j++) gradient[row + j]! += error * sample[j - 1]!;
    }
  }
  return loss;
}

function fitted(base: LabelledSamples, classes: number): Float64Array {
  const start = new Float64Array(classes * (base.samples[0]!.length + 1));
  const weights = minimise((w, gradient) => penalisedLoss(base, classes, w, gradient), start);
  const width = weights.length / classes;
  for (const [k, count] of countsOf(base.labels, classes).entries()) {
    if (count > 0) continue;
    weights.fill(0, k * width, (k + 1) * width);
    weights[k * width] = UNSEEN;
  }
  return weights;
}

function kind(name: string, view: 'base' | 'running', step: number): ClassifierKind {
  return {
    name,
    view,
    fit(base, { classes }) {
      const weights = fitted(base, classes);
      return () => new LogisticRegression(weights.slice(), classes, step);
    },
  };
}

/** Of the base, never taught. */
export const frozenLogisticRegression = kind('frozen-logistic-regression', 'base', 0);
/** By stochastic gradient, from the base. */
export const logisticRegression = kind('sgd', 'base', STEP);
/** The same on samples standardised by running statistics. */
export const logisticRegressionRenormalised = kind('sgd-renormalised', 'running', STEP);
