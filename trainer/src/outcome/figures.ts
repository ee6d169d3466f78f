import { engineNamed } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import type { JsonObject, Model } from '@spikewire/models';
import {
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  evaluateNumbers,
  type NumbersEvaluation,
} from 'spikewire/data';

export interface TestOptions extends EvaluateOptions {
  /** Default: that of devices. */
  readonly engine?: string;
}

/** What a trained model gives on the test samples, by the device engine, as `spikewire eval` says it. */
export function test(
  model: Model,
  data: DataSet,
  { engine = 'clocked', ...options }: TestOptions,
): Promise<Evaluation | NumbersEvaluation> {
  const executor = new InProcessExecutor(engineNamed(engine), model, { seed: 1 });
  return (data.targets === undefined ? evaluate : evaluateNumbers)(model, executor, data, { seed: 1, ...options });
}

/** A model's card without what an evaluation left on it, for a model that is not the same. */
export function withoutFigures(card: JsonObject): JsonObject {
  const { testSamples, trainedAccuracy, ...known } = card;
  const {
    spikesPerSample,
    synapticOpsPerSample,
    multiplicationsPerSample,
    accuracy,
    overlap,
    explained,
    correlation,
    error,
    ...rest
  } = known;
  return rest;
}

/** What an evaluation leaves on a model's card. */
export function figuresOf({
  samples,
  spikesPerSample,
  synapticOpsPerSample,
  multiplicationsPerSample,
  ...found
}: Evaluation | NumbersEvaluation): JsonObject {
  const { accuracy, overlap, correlation, error } = found as Partial<Evaluation & NumbersEvaluation>;
  const worth =
    accuracy === undefined
      ? { ...(overlap !== undefined && { overlap }), correlation: correlation!, error: error! }
      : { accuracy };
  return { testSamples: samples, ...worth, spikesPerSample, synapticOpsPerSample, multiplicationsPerSample };
}
