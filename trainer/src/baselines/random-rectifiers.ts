import { RandomGenerator } from '@spikewire/models';
import type { ClassifierKind, StreamClassifier } from './classifier.ts';
import { type LinearLeastSquares, leastSquaresOf } from './linear-least-squares.ts';

const UNITS = 400;

/**
 * A fixed layer of random rectifiers, max(0, w·x + b), w normal with variance 1/length of x and b normal: a random
 * front without spikes (extreme learning machine; Huang, Zhu and Siew 2006).
 */
class RandomRectifiers {
  readonly #weights: Float64Array[];
  readonly #bias: Float64Array;

  constructor(width: number, seed: number) {
    const random = new RandomGenerator(seed, 'random rectifiers');
    this.#weights = Array.from({ length: UNITS }, () =>
      Float64Array.from({ length: width }, () => random.nextNormal() / Math.sqrt(width)),
    );
    this.#bias = Float64Array.from({ length: UNITS }, () => random.nextNormal());
  }

  of(sample: ArrayLike<number>): Float64Array {
    return Float64Array.from(this.#weights, (row, unit) => {
      let sum = this.#bias[unit]!;
      for (let j = 0; j < row.length; j++) sum += row[j]! * sample[j]!;
      return Math.max(0, sum);
    });
  }
}

class RectifiedLeastSquares implements StreamClassifier {
  readonly #rectifiers: RandomRectifiers;
  readonly #readout: LinearLeastSquares;

  constructor(rectifiers: RandomRectifiers, readout: LinearLeastSquares) {
    this.#rectifiers = rectifiers;
    this.#readout = readout;
  }

  predict(sample: ArrayLike<number>): Float64Array {
    return this.#readout.predict(this.#rectifiers.of(sample));
  }

  learn(sample: ArrayLike<number>, label: number): void {
    this.#readout.learn(this.#rectifiers.of(sample), label);
  }
}

/** The twin of a learning net that has the same information and no spikes: both normalisations, random units. */
export const randomRectifiers: ClassifierKind = {
  name: 'random-relu-rls',
  view: 'both',
  fit({ samples, labels }, site) {
    const rectifiers = new RandomRectifiers(samples[0]!.length, 1);
    const start = leastSquaresOf({ samples: samples.map((sample) => rectifiers.of(sample)), labels }, site);
    return () => new RectifiedLeastSquares(rectifiers, start());
  },
};
