import type { Model } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { type DataSet, type EvaluateOptions, type Evaluation, evaluate } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';

/** What a converted net comes to with so many steps of a sample. */
export interface SweepPoint {
  readonly steps: number;
  readonly accuracy: number;
  /** Share of samples for which it names the class that the analogue net names, right or wrong. */
  readonly agreement: number;
  readonly spikesPerSample: number;
  readonly synapticOpsPerSample: number;
}

/** An evaluation with the class that was named for each sample, −1 where none was. */
export interface Answered extends Evaluation {
  readonly answers: Int32Array;
}

export type AnswerOptions = Pick<EvaluateOptions, 'limit' | 'signal' | 'onProgress'>;

/** What a model answers to the samples of a set, on the engine of devices. Rejects where the signal comes. */
export async function answered(model: Model, data: DataSet, options: AnswerOptions): Promise<Answered> {
  const answers = new Int32Array(Math.min(options.limit ?? Infinity, data.samples.length)).fill(-1);
  const evaluation = await evaluate(model, new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 }), data, {
    ...options,
    seed: 1,
    onAnswer(index, answer) {
      answers[index] = answer;
    },
  });
  options.signal?.throwIfAborted();
  return { ...evaluation, answers };
}

/** The point of a model on the sweep, beside the answers of the analogue net. */
export async function sweepPoint(
  model: Model,
  data: DataSet,
  analogue: Answered,
  options: AnswerOptions,
): Promise<SweepPoint> {
  const { answers, accuracy, spikesPerSample, synapticOpsPerSample } = await answered(model, data, options);
  const same = answers.reduce((sum, answer, k) => sum + Number(answer === analogue.answers[k]), 0);
  const agreement = same / answers.length;
  return { steps: model.sample.steps, accuracy, agreement, spikesPerSample, synapticOpsPerSample };
}
