import type { LabelledSamples } from '@spikewire/engine/data';
import { overlapOf } from '@spikewire/models';
import { answeredNumbers, type Numbers, pairsOf } from './answered-numbers.ts';
import { measure } from './measure.ts';

/** Thresholds of pixels that are compared, and images on which they are. */
const [THRESHOLDS, IMAGES] = [40, 2000];

/** Mean of intersection over union with the masks that are wanted, image by image. */
export const masks = measure<Numbers>({
  figure: 'overlap',
  words: {
    title: 'Overlap',
    column: 'overlap',
    beside: 'with the analogue net',
    worth: (share) => `an overlap of ${share} with the masks`,
    agreement: (share) => `its masks overlap those of the non-spiking net by ${share}`,
    compared: 'How far the masks of each overlap those of the analogue net',
  },
  enough: 0.95,
  answer: (model, executor, data, options) =>
    answeredNumbers(model, executor, data, options, (numbers) =>
      Uint8Array.from(numbers, (value) => Number(value > 0)),
    ),
  wanted: ({ targets = [] }) => targets,
  naive({ samples, targets = [], training }) {
    const known = { samples, targets, ...training };
    const threshold = bestThreshold({ ...known, samples: known.samples.slice(0, IMAGES) });
    const answers = answersAbove(threshold, { samples, targets });
    return { name: threshold === undefined ? 'all pixels' : `pixels above ${threshold.toPrecision(3)}`, answers };
  },
  alike: meanOverlap,
});

type Masked = Pick<LabelledSamples, 'samples' | 'targets'>;

function meanOverlap(answers: Numbers, wanted: Numbers): number {
  const pairs = pairsOf(answers, wanted);
  return pairs.reduce((sum, [answer, wanted]) => sum + overlapOf(answer, wanted), 0) / pairs.length;
}

/** The pixels of each image that are above a threshold; without one, all. */
function answersAbove(threshold: number | undefined, { samples, targets = [] }: Masked): Uint8Array[] {
  return samples.map((sample, k) =>
    threshold === undefined
      ? new Uint8Array(targets[k]!.length).fill(1)
      : Uint8Array.from(sample, (value) => Number(value > threshold)),
  );
}

/** That whose pixels are most like the masks; undefined where that is all pixels, or images have no mask's size. */
function bestThreshold({ samples, targets = [] }: Masked): number | undefined {
  if (samples.some(({ length }, k) => length !== targets[k]!.length)) return undefined;
  let [lowest, highest] = [Infinity, -Infinity];
  for (const sample of samples) {
    for (let k = 0; k < sample.length; k++) {
      lowest = Math.min(lowest, sample[k]!);
      highest = Math.max(highest, sample[k]!);
    }
  }
  const evenly = Array.from({ length: THRESHOLDS }, (_, k) => lowest + (k / THRESHOLDS) * (highest - lowest));
  const thresholds = [undefined, ...evenly];
  const found = thresholds.map((threshold) => meanOverlap(answersAbove(threshold, { samples, targets }), targets));
  return thresholds[found.indexOf(Math.max(...found))];
}
