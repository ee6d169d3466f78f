import { winnerOf } from '@spikewire/models';
import type { StreamClassifier } from '../baselines/classifier.ts';
import type { StreamLearner } from './prequential.ts';

/** A baseline on its way through the samples of a stream. */
export function baselineLearner(classifier: StreamClassifier, samples: readonly ArrayLike<number>[]): StreamLearner {
  return {
    answer(index) {
      const probabilities = classifier.predict(samples[index]!);
      const winner = winnerOf(probabilities);
      const confidence = probabilities[winner]!;
      return { winner, confidence, strangeness: 1 - confidence };
    },
    learn: (index, label) => classifier.learn(samples[index]!, label),
  };
}
