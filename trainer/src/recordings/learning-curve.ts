import type { LabelledSamples } from '@spikewire/engine/data';
import { winnerOf } from '@spikewire/models';
import type { ClassifierKind } from '../baselines/classifier.ts';
import { nthOfEach } from '../samples/nth-of-each.ts';
import { standardOf } from '../samples/standard.ts';
import { baseView } from '../stream-eval/views.ts';

/** Added to the deviation of a number that hardly moves. */
const STEADY = 1e-3;

/** The classes that a classifier names for samples after it has learned others, standardised by these. */
export function answersOf(
  kind: ClassifierKind,
  learned: LabelledSamples,
  { samples }: Pick<LabelledSamples, 'samples'>,
  classes: number,
): Int32Array {
  const standard = standardOf(learned.samples, STEADY);
  const base = { samples: baseView(learned.samples, standard), labels: learned.labels };
  const classifier = kind.fit(base, { classes, weighted: false })();
  return Int32Array.from(baseView(samples, standard), (sample) => winnerOf(classifier.predict(sample)));
}

/** Of each class every `n`-th, by the recordings that samples are of; by the samples where it has fewer than that. */
export function everyNth({ samples, labels }: LabelledSamples, sources: readonly number[], n: number): LabelledSamples {
  const own = new Map<number, Map<number, number>>();
  for (const [k, label] of labels.entries()) {
    const ranks = own.get(label) ?? new Map<number, number>();
    own.set(label, ranks);
    if (!ranks.has(sources[k]!)) ranks.set(sources[k]!, ranks.size);
  }
  const nth = nthOfEach(labels);
  const kept = [...labels.keys()].filter((k) => {
    const ranks = own.get(labels[k]!)!;
    return (ranks.size < n ? nth[k]! : ranks.get(sources[k]!)!) % n === 0;
  });
  return { samples: kept.map((k) => samples[k]!), labels: Int32Array.from(kept, (k) => labels[k]!) };
}
