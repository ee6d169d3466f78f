import type { StreamClassifier } from '../baselines/classifier.ts';
import type { StreamLearner } from './prequential.ts';

/** A baseline on its way through the samples of a stream. */
export function baselineLearner(classifier: StreamClassifier, samples: readonly ArrayLike<number>[]): StreamLearner {
  return {
    answer(place) {
      const probabilities = classifier.predict(samples[place]!);
      let winner = 0;
      for (let k = 1; k < probabilities.length; k++) if (probabilities[k]! > probabilities[winner]!) winner = k;
      const confidence = probabilities[winner]!;
      return { winner, confidence, strangeness: 1 - confidence };
    },
    learn: (place, label) => classifier.learn(samples[place]!, label),
  };
}
