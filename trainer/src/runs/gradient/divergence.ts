import { percent } from '@spikewire/exchange/report';
import { SpikewireError } from '@spikewire/models';
import type { NumberArrays } from '../../backend/backend.ts';
import { majorityOf } from '../../baselines/majority.ts';
import type { LearnedParameter } from '../../lowering/learned.ts';
import { gradientLengthOf, NEXT } from '../../training/programs.ts';
import type { EpochRecord } from '../history.ts';
import type { Score } from '../tally.ts';

/**
 * Size of a learned number beyond which float32 has no fractions: no threshold of a neuron makes a difference there.
 */
const LARGEST = 2 ** 24;
/** What may help. */
const NEARER = 'a lower --learning-rate, or other options nearer their defaults';
/** Samples of other classes than the most frequent that a batch has to have for its loss to say anything. */
const FEWEST_OTHERS = 8;
/** Numbers of an array that are looked at in a step; in the next ones come the others. */
const LOOKED_AT = 256;

/**
 * Throws `learning`, naming node and step, where the loss or a gradient is no longer a finite number, or what is
 * learned has grown beyond 2²⁴. Gradients go from the output to the input and take what is wrong along, so that the
 * node next to the output is the one.
 */
export function refuseDivergence(outputs: NumberArrays, learned: readonly LearnedParameter[], step: number): void {
  const loss = outputs.loss![0]!;
  const refuse = (problem: string) => new SpikewireError('learning', `training step ${step}`, problem, NEARER);
  const bad = learned.findLast(({ name }) => !Number.isFinite(outputs[gradientLengthOf(name)]![0]!));
  if (!Number.isFinite(loss)) throw refuse(`the loss is ${loss}, from "${(bad ?? learned.at(-1)!).node}" on`);
  if (bad !== undefined) throw refuse(`the gradient of "${bad.node}" is not finite`);
  for (const { name, node, key } of learned.toReversed()) {
    const large = largeAmong(outputs[NEXT + name]!, step);
    if (large !== undefined) throw refuse(`the ${key} of "${node}" has a number as large as ${large.toPrecision(2)}`);
  }
}

/**
 * A line that says that learning has made a net useless: in an epoch no more of the training samples are right, within
 * two standard deviations, than where always the most frequent class is named; and the loss is higher than the first
 * batch could have it by chance, before anything was learned, or more of that were right than can be by chance. Without
 * either there is no sign: a net that is silent at first names one class, and a batch of one class has a low loss.
 *
 * @param labels of the samples that are learned
 * @param size samples of the first batch
 */
export function whyUseless(
  { training }: Pick<EpochRecord, 'training'>,
  before: Score,
  labels: Int32Array,
  size: number,
): string | undefined {
  const majority = majorityOf(labels);
  const byChance = (deviations: number, samples: number) =>
    majority + deviations * Math.sqrt((majority * (1 - majority)) / samples);
  // Losses of samples spread about as widely as they are large.
  const others = size * (1 - majority);
  const isHigher = others >= FEWEST_OTHERS && training.loss >= (1 + 4 / Math.sqrt(others)) * before.loss;
  const isWorse = isHigher || before.accuracy > byChance(4, size);
  // A tenth of what a trained net knew may be left of it, which is more than chance where samples are many.
  const left = before.accuracy > byChance(4, size) ? majority + (before.accuracy - majority) / 10 : 0;
  if (!isWorse || training.accuracy > Math.max(byChance(2, labels.length), left)) return undefined;
  const shown = ({ loss, accuracy }: Score) => `${loss.toPrecision(3)} and ${percent(accuracy)}`;
  const problem = `the loss is ${shown(training)} are right, about as many as by naming always one class`;
  return `this epoch: ${problem}; before learning ${shown(before)}; expected ${NEARER}`;
}

/**
 * A line that says that a net names the same class for all samples of several classes: whatever its loss was, learning
 * has left it silent, or saturated. Undefined where it does not.
 *
 * @param answers index of a class of each sample, −1 where none is named
 */
export function whyConstant(answers: Int32Array, labels: Int32Array, classes: readonly string[]): string | undefined {
  const [named] = answers;
  const hasOthers = labels.some((label) => label !== labels[0]);
  if (named === undefined || !hasOthers || answers.some((answer) => answer !== named)) return undefined;
  const what = named === -1 ? 'no class' : `"${classes[named]}"`;
  return `the net names ${what} for each of ${answers.length} test samples; expected ${NEARER}`;
}

function largeAmong(numbers: Float32Array, step: number): number | undefined {
  const every = Math.ceil(numbers.length / LOOKED_AT);
  for (let k = step % every; k < numbers.length; k += every) {
    if (!(Math.abs(numbers[k]!) <= LARGEST)) return numbers[k]!;
  }
  return undefined;
}
