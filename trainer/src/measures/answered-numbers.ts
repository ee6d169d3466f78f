import type { Model } from '@spikewire/models';
import { type DataSet, type EvaluateOptions, evaluateNumbers } from 'spikewire/data';
import type { Executor } from 'spikewire/executor';
import type { Answered } from './measure.ts';

/** Answers that are numbers, of which something is kept; of samples that get none of zeros. */
export async function answeredNumbers<Kept>(
  model: Model,
  executor: Executor,
  data: DataSet,
  options: EvaluateOptions,
  keep: (numbers: Float64Array) => Kept,
): Promise<Answered<Kept[]>> {
  const answers = data.targets!.map(({ length }) => keep(new Float64Array(length)));
  const { samples, spikesPerSample, synapticOpsPerSample } = await evaluateNumbers(model, executor, data, {
    ...options,
    onNumbers(index, numbers) {
      answers[index] = keep(numbers);
    },
  });
  return { answers, samples, spikesPerSample, synapticOpsPerSample };
}
