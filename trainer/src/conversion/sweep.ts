import type { DataSet } from '@spikewire/engine/data';
import type { Model } from '@spikewire/models';
import { type Answered, type Judged, type JudgeOptions, judge, type Measure } from '../measures/measure.ts';

/** What a converted net comes to with so many steps of a sample. */
export interface SweepPoint extends Omit<Answered, 'answers' | 'samples'> {
  readonly steps: number;
  /** By the measure of its answers. */
  readonly worth: number;
  /** How alike its answers are to those of the analogue net, right or wrong. */
  readonly agreement: number;
}

/** The point of a model on the sweep, beside the answers of the analogue net. */
export async function sweepPoint(
  measure: Measure,
  model: Model,
  data: DataSet,
  analogue: Judged,
  options: JudgeOptions,
): Promise<SweepPoint> {
  const { answers, samples, ...figures } = await judge(measure, model, data, options);
  const agreement = measure.alike(answers, analogue.answers);
  return { steps: model.sample.steps, agreement, ...figures };
}
