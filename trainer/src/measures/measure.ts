import { engineNamed } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import { type Executor, InProcessExecutor } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';
import type { EvaluateOptions, SampleCost } from 'spikewire/data';

/** How a report speaks of a measure. Shares are written as per cent. */
export interface MeasureWords {
  /** The figure as a title, and over a column. */
  readonly title: string;
  readonly column: string;
  /** Over a column of likenesses to the analogue net. */
  readonly beside: string;
  /** Behind "the analogue net has". */
  readonly worth: (share: string) => string;
  /** Of a spiking net, beside the analogue one. */
  readonly agreement: (share: string) => string;
  /** What is compared of several spiking nets. */
  readonly compared: string;
}

/** Answers to the samples of a set, in their order, and what they cost. */
export interface Answered<Answers = unknown> extends SampleCost {
  readonly answers: Answers;
}

/**
 * What the answers of a net are judged by, one file for each sort of answers: how alike they are to others. Beside
 * those that are wanted that is what the net is worth, beside those of another net how far the two agree.
 */
export interface Measure<Answers = unknown> {
  /** Name of the figure in documents and on cards: `accuracy`. */
  readonly figure: string;
  readonly words: MeasureWords;
  /** Likeness to the analogue net from which more steps are not worth while. */
  readonly enough: number;
  /** Closes the executor. */
  answer(model: Model, executor: Executor, data: DataSet, options: EvaluateOptions): Promise<Answered<Answers>>;
  wanted(data: DataSet): Answers;
  /** What needs no net: the baseline beside every figure. */
  naive(data: DataSet): { readonly name: string; readonly answers: Answers };
  /** 1 where they are the same; what is nearer to it is better. */
  alike(answers: Answers, wanted: Answers): number;
}

/** A measure, its answers typed by itself alone. */
export function measure<Answers>(declared: Measure<Answers>): Measure {
  return declared as Measure as Measure<unknown>;
}

export interface Judged extends Answered {
  /** How alike the answers are to those that are wanted. */
  readonly worth: number;
}

export interface JudgeOptions extends Pick<EvaluateOptions, 'signal' | 'onProgress'> {
  /** Default: that of devices. */
  readonly engine?: string;
}

/** What a net is worth on samples, learning off. Rejects where the signal comes. */
export async function judge(
  { answer, alike, wanted }: Measure,
  model: Model,
  data: DataSet,
  { engine = 'clocked', ...options }: JudgeOptions = {},
): Promise<Judged> {
  const executor = new InProcessExecutor(engineNamed(engine), model, { seed: 1 });
  const found = await answer(model, executor, data, { seed: 1, ...options });
  options.signal?.throwIfAborted();
  return { ...found, worth: alike(found.answers, wanted(data)) };
}

/** What answers are worth that need no net, and whose they are. */
export function baselineOf({ naive, alike, wanted }: Measure, data: DataSet): { name: string; worth: number } {
  const { name, answers } = naive(data);
  return { name, worth: alike(answers, wanted(data)) };
}

/** The name of the figure of another net, such as `analogueAccuracy`. */
export function figureOf(net: 'analogue' | 'float', { figure }: Measure): string {
  return `${net}${figure[0]!.toUpperCase()}${figure.slice(1)}`;
}
