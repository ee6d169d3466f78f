import { chooseFeatures, featureCandidates, labelledFrames } from '@spikewire/models';
import { loadRecorded, type RecordedSet } from 'spikewire/data';
import { readingShapeOf, readingsAt } from '../samples/readings.ts';
import { classTask } from './class-task.ts';
import { tenthOf } from './from-the-start.ts';

/** Of the readings of each class, the first, which are the base. */
const BASE_SHARE = 1 / 3;

/**
 * What `spikewire record` has written, in the order of time: by the first third of each class features are chosen, as
 * `spikewire new classifier --features auto` does, and a base is learned; the rest is the stream. Trap: people record
 * one class after the other, and then repeating the last label is nearly always right.
 */
export const recording = classTask({
  name: 'recording',
  summary: 'a file that spikewire record wrote, in the order of time',
  data: 'recorded',
  isFile: true,
  labels: 0.1,
  metric: 'accuracy',
  async load(path) {
    const set = await loadRecorded(path);
    const [first, rest] = divided(set);
    const { channels, ...shape } = readingShapeOf(set);
    const given = { ...readingsAt(set, first), classes: set.classes.length, channels };
    const { chosen } = chooseFeatures(featureCandidates(shape), given);
    const later = labelledFrames(chosen, { ...readingsAt(set, rest), channels });
    const base = labelledFrames(chosen, given).map((frame) => ({ ...frame, segment: 'base' }));
    const samples = later.map((frame, k) => ({ ...frame, segment: tenthOf(k, later.length) }));
    const trial = { name: 'from the first third of each class', base, streams: [{ name: 'the rest', samples }] };
    return { classes: set.classes, trials: [trial] };
  },
});

/** Indices of the first third of each class, and of the others. */
function divided({ labels, classes }: RecordedSet): readonly [number[], number[]] {
  const left = classes.map((_, c) => Math.ceil(BASE_SHARE * labels.filter((label) => label === c).length));
  const [first, rest]: [number[], number[]] = [[], []];
  for (const [k, label] of labels.entries()) (left[label]!-- > 0 ? first : rest).push(k);
  return [first, rest];
}
