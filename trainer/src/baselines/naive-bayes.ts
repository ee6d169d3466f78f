import { type ClassifierKind, type StreamClassifier, softmax } from './classifier.ts';

/** Of standardised samples: what a class of one sample varies by, and the least that any number varies by. */
const [FIRST, LEAST] = [0.1, 0.01];

/** Normal distributions of each class and number, with mean and variance of all that was seen of it (Welford 1962). */
class NaiveBayes implements StreamClassifier {
  readonly #counts: Float64Array;
  readonly #means: Float64Array[] = [];
  /** Sums of squared distances from the mean. */
  readonly #squares: Float64Array[] = [];
  readonly #answer: Float64Array;

  constructor(classes: number, width: number) {
    this.#counts = new Float64Array(classes);
    this.#answer = new Float64Array(classes);
    for (let k = 0; k < classes; k++) {
      this.#means.push(new Float64Array(width));
      this.#squares.push(new Float64Array(width));
    }
  }

  predict(sample: ArrayLike<number>): Float64Array {
    for (let k = 0; k < this.#answer.length; k++) this.#answer[k] = this.#logarithm(k, sample);
    return softmax(this.#answer);
  }

  /** ln of prior and likelihood; a class without samples is as good as impossible. */
  #logarithm(k: number, sample: ArrayLike<number>): number {
    const [count, means, squares] = [this.#counts[k]!, this.#means[k]!, this.#squares[k]!];
    if (count === 0) return -1e9;
    let sum = Math.log(count);
    for (let j = 0; j < means.length; j++) {
      const variance = (squares[j]! + FIRST) / (count + 1) + LEAST;
      sum -= 0.5 * ((sample[j]! - means[j]!) ** 2 / variance + Math.log(variance));
    }
    return sum;
  }

  learn(sample: ArrayLike<number>, label: number): void {
    const [means, squares] = [this.#means[label]!, this.#squares[label]!];
    const count = ++this.#counts[label]!;
    for (let j = 0; j < means.length; j++) {
      const before = sample[j]! - means[j]!;
      means[j]! += before / count;
      squares[j]! += before * (sample[j]! - means[j]!);
    }
  }
}

/** Gaussian naive Bayes over the base and all lessons, which weigh the same. */
export const naiveBayes: ClassifierKind = {
  name: 'naive-bayes',
  view: 'base',
  fit({ samples, labels }, { classes }) {
    return () => {
      const bayes = new NaiveBayes(classes, samples[0]!.length);
      for (const [n, sample] of samples.entries()) bayes.learn(sample, labels[n]!);
      return bayes;
    };
  },
};
