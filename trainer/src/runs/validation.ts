import { engineNamed } from '@spikewire/engine';
import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { type Model, SpikewireError } from '@spikewire/models';
import { evaluate, evaluateNumbers } from 'spikewire/data';
import { holdOut } from '../samples/hold-out.ts';
import type { Score, ScoreName } from './tally.ts';

/** Of the training samples every twelfth of a class chooses the best epoch and is not learned. */
const VALIDATION_SHARE = 12;

/** What is learned of a set, and what chooses. Throws `input` for too few samples. */
export function splitForValidation(data: DataSet): { learned: LabelledSamples; validation: LabelledSamples } {
  const whole = data.training ?? data;
  if (data.validation !== undefined) return { learned: whole, validation: data.validation };
  const { rest: learned, heldOut: validation } = holdOut(whole, VALIDATION_SHARE);
  if (validation.samples.length > 0) return { learned, validation };
  const problem = `has ${whole.samples.length} samples to learn from`;
  throw new SpikewireError('input', data.name, problem, `${VALIDATION_SHARE} of a class at least`);
}

/** What `scoreOn` says of answers to a set. */
export function scoreNameOn({ targets }: Pick<DataSet, 'targets'>): ScoreName {
  return targets === undefined ? 'accuracy' : 'correlation';
}

/** What a model is worth on samples of a set, on the engine of devices, learning off. */
export async function scoreOn(
  model: Model,
  samples: LabelledSamples,
  data: DataSet,
  seed: number,
): Promise<{ readonly score: Score; readonly spikesPerSample: number }> {
  const executor = new InProcessExecutor(engineNamed('clocked'), model, { seed });
  const set: DataSet = { ...data, ...samples };
  if (set.targets === undefined) {
    const { accuracy, spikesPerSample } = await evaluate(model, executor, set, { seed });
    return { score: { loss: 1 - accuracy, accuracy }, spikesPerSample };
  }
  const { correlation, error, spikesPerSample } = await evaluateNumbers(model, executor, set, { seed });
  return { score: { loss: error, accuracy: correlation }, spikesPerSample };
}
