import type { JsonObject, Model } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import {
  type DataSet,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  evaluateNumbers,
  type NumbersEvaluation,
} from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';

/** What a trained model gives on the test samples, by the device engine, as `spikewire eval` says it. */
export function test(model: Model, data: DataSet, options: EvaluateOptions): Promise<Evaluation | NumbersEvaluation> {
  const executor = new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 });
  return (data.targets === undefined ? evaluate : evaluateNumbers)(model, executor, data, { seed: 1, ...options });
}

/** What an evaluation leaves on a model's card. */
export function figuresOf({
  samples,
  spikesPerSample,
  synapticOpsPerSample,
  ...found
}: Evaluation | NumbersEvaluation): JsonObject {
  const { accuracy, correlation, error } = found as Partial<Evaluation & NumbersEvaluation>;
  const worth = accuracy === undefined ? { correlation: correlation!, error: error! } : { accuracy };
  return { testSamples: samples, ...worth, spikesPerSample, synapticOpsPerSample };
}
