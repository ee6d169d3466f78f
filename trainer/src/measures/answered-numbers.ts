import type { DataSet } from '@spikewire/engine/data';
import type { Executor } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';
import { type EvaluateOptions, evaluateNumbers } from 'spikewire/data';
import type { Answered } from './measure.ts';

/** Numbers for each sample; undefined where there is no answer, as for rows of which features have yet to make one. */
export type Numbers = readonly (ArrayLike<number> | undefined)[];

/** Answers that are numbers, of which something is kept. */
export async function answeredNumbers(
  model: Model,
  executor: Executor,
  data: DataSet,
  options: EvaluateOptions,
  keep: (numbers: Float64Array) => ArrayLike<number>,
): Promise<Answered<Numbers>> {
  const answers = new Array<ArrayLike<number> | undefined>(data.samples.length).fill(undefined);
  const { correlation, error, overlap, unanswered, ...cost } = await evaluateNumbers(model, executor, data, {
    ...options,
    onNumbers(index, numbers) {
      answers[index] = keep(numbers);
    },
  });
  return { answers, ...cost };
}

/** Answers with what is wanted beside them, where there are both. */
export function pairsOf(answers: Numbers, wanted: Numbers): [answer: ArrayLike<number>, wanted: ArrayLike<number>][] {
  return answers.flatMap((answer, k) => {
    const other = wanted[k];
    return answer === undefined || other === undefined ? [] : [[answer, other]];
  });
}
