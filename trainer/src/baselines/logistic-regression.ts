import type { LabelledSamples } from '@spikewire/engine/data';
import { winnerOf } from '@spikewire/models';
import { type ClassifierKind, countsOf, type StreamClassifier, softmax } from './classifier.ts';
import { minimise } from './quasi-newton.ts';

/** Strength of the fit against the penalty ½‖W‖². */
const FIT = 0.1;
const STEP = 0.02;
/** Among which the best fixed rate is chosen. */
const RATES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
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

type Rate = (base: LabelledSamples, classes: number) => number;

function kind(name: string, view: 'base' | 'running', rate: Rate): ClassifierKind {
  return {
    name,
    view,
    fit(base, { classes }) {
      const [weights, step] = [fitted(base, classes), rate(base, classes)];
      return () => new LogisticRegression(weights.slice(), classes, step);
    },
  };
}

/** The rate with the most right answers, test then train, on the second half of a base whose first half was learned. */
function bestRate({ samples, labels }: LabelledSamples, classes: number): number {
  const half = Math.floor(samples.length / 2);
  if (half === 0) return STEP;
  const weights = fitted({ samples: samples.slice(0, half), labels: labels.slice(0, half) }, classes);
  const right = RATES.map((rate) => {
    const classifier = new LogisticRegression(weights.slice(), classes, rate);
    let count = 0;
    for (let n = half; n < samples.length; n++) {
      if (winnerOf(classifier.predict(samples[n]!)) === labels[n]) count++;
      classifier.learn(samples[n]!, labels[n]!);
    }
    return count;
  });
  return RATES[right.indexOf(Math.max(...right))]!;
}

/** Of the base, never taught. */
export const frozenLogisticRegression = kind('frozen-logistic-regression', 'base', () => 0);
/** By stochastic gradient, from the base. */
export const logisticRegression = kind('sgd', 'base', () => STEP);
/** The same with the rate that suits its base best. */
export const logisticRegressionTuned = kind('sgd-best-rate', 'base', bestRate);
/** With the fixed rate, on samples standardised by running statistics. */
export const logisticRegressionRenormalised = kind('sgd-renormalised', 'running', () => STEP);
