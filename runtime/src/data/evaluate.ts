import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { DataSet } from '@spikewire/engine/data';
import { checkSamples } from '@spikewire/engine/data';
import type { Executor } from '@spikewire/engine/executor';
import { type Model, predictsReadings, resolveGraph, SpikewireError } from '@spikewire/models';
import { GradedWork } from '../session/graded-work.ts';
import type { Outcome } from '../session/outcome.ts';
import { Session } from '../session/session.ts';

/** What a sample cost on average. */
export interface SampleCost {
  /** Rows of the data; with features in the model, those that completed a sample of the net. */
  readonly samples: number;
  readonly spikesPerSample: number;
  readonly synapticOpsPerSample: number;
  /** Of these, those that multiply a weight by a graded event; a spike adds it. */
  readonly multiplicationsPerSample: number;
}

export interface Evaluation extends SampleCost {
  /** Share of samples whose class was found, 0…1; where the answer is "unknown", the class that it is most like. */
  readonly accuracy: number;
  /** Share of the most frequent class: what always guessing it would give. */
  readonly majority: number;
  /** Samples without an answer, because an automatic range was still being found; they count as wrong. */
  readonly unanswered: number;
  /** Samples that look like no class to a read-out that was taught. */
  readonly unknown: number;
}

export interface EvaluateOptions {
  /** Only the first so many rows of the data. */
  readonly limit?: number;
  /** Seed of the encoders. */
  readonly seed?: number;
  /** Ends the evaluation early; the figures are then those of the samples so far. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
  /**
   * Told of each sample, by the index of its row, the class that the net named, an index of the data's; −1 where it
   * named none of them.
   */
  readonly onAnswer?: (index: number, answer: number) => void;
}

/**
 * Samples between two looks at what else goes on, such as a signal to stop, and milliseconds where samples are long.
 */
const BATCH = 64;
const BATCH_MS = 100;

/**
 * Runs labelled samples through a net, learning off, and counts how many it names right. Closes the executor.
 *
 * @throws `unsupported` where the net answers with numbers, `input` where samples or class names do not fit it, or no
 * sample is complete
 */
export async function evaluate(
  model: Model,
  executor: Executor,
  data: DataSet,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const tally = new Tally(data);
  let answers: readonly string[];
  const multiplications = await answerAll(model, executor, data, options, {
    begin: (outputs) => {
      answers = answersOf(model, outputs, data);
    },
    add(outcome, index) {
      tally.add(outcome, data.labels[index]!, answers);
      const named = outcome.likeliest ?? outcome.result;
      options.onAnswer?.(index, typeof named === 'string' ? answers.indexOf(named) : -1);
    },
  });
  return tally.evaluation(multiplications);
}

/** What is done with the answers of a net. */
export interface AnswerReader {
  /** Told how many numbers an answer has, before anything runs; may throw. */
  begin(outputs: number): void;
  /** Told of each sample that is complete. */
  add(outcome: Outcome, index: number): void;
}

/**
 * Runs samples through a net, learning off, and closes the executor.
 *
 * @returns the multiplications of all samples
 */
export async function answerAll(
  model: Model,
  executor: Executor,
  data: DataSet,
  { limit = data.samples.length, seed, signal, onProgress }: EvaluateOptions,
  reader: AnswerReader,
): Promise<number> {
  const graph = resolveGraph(model.graph, model.semantics);
  const graded = new GradedWork(model, graph);
  const session = new Session(model, executor, { graph, graded, ...(seed !== undefined && { seed }) });
  try {
    reader.begin(session.outputs);
    checkSamples(data, session.channels, session.graph);
    await session.setLearning(false);
    const count = Math.min(limit, data.samples.length);
    let looked = performance.now();
    let answers = 0;
    let readings = 1;
    for (let index = 0; index < count; index++) {
      const outcome = await session.feed({ time: index, values: Float64Array.from(data.samples[index]!) });
      if (outcome.pending) readings = outcome.gathering?.of ?? 1;
      else {
        reader.add(outcome, index);
        answers++;
      }
      if ((index + 1) % BATCH !== 0 && performance.now() - looked < BATCH_MS) continue;
      onProgress?.(index + 1, count);
      await yieldToEventLoop();
      looked = performance.now();
      if (signal?.aborted) break;
    }
    if (answers === 0) {
      const expected = `at least ${readings}, which make one sample of this net`;
      throw new SpikewireError('input', data.name, `has too few readings: ${count}`, expected);
    }
    return graded.multiplications;
  } finally {
    await session.close();
  }
}

class Tally {
  /** Samples of each class. */
  readonly #sizes: Float64Array;
  #samples = 0;
  #right = 0;
  #unanswered = 0;
  #unknown = 0;
  #spikes = 0;
  #operations = 0;

  constructor({ classes }: DataSet) {
    this.#sizes = new Float64Array(classes.length);
  }

  /** `answers` is what the net says for each class. */
  add({ result, likeliest, spikes, synapticOperations }: Outcome, label: number, answers: readonly string[]): void {
    if (result !== undefined && typeof result !== 'string') {
      const wanted = 'a model whose decoder names a class';
      throw new SpikewireError('unsupported', 'eval', 'this net answers with numbers, not with a class', wanted);
    }
    this.#samples++;
    this.#sizes[label]!++;
    if (result === undefined) this.#unanswered++;
    if (likeliest !== undefined) this.#unknown++;
    if ((likeliest ?? result) === answers[label]) this.#right++;
    this.#spikes += spikes;
    this.#operations += synapticOperations;
  }

  evaluation(multiplications: number): Evaluation {
    const samples = this.#samples;
    return {
      accuracy: this.#right / samples,
      majority: this.#sizes.reduce((largest, size) => Math.max(largest, size), 0) / samples,
      samples,
      unanswered: this.#unanswered,
      unknown: this.#unknown,
      spikesPerSample: this.#spikes / samples,
      synapticOpsPerSample: this.#operations / samples,
      multiplicationsPerSample: multiplications / samples,
    };
  }
}

/**
 * What the net says for each class of the data. By name where the net has a name for every class; a net without names
 * calls its outputs 0, 1, … and means the classes in their order.
 */
function answersOf(model: Model, outputs: number, { name, classes }: DataSet): readonly string[] {
  const { labels } = model;
  if (predictsReadings(model)) {
    const problem = 'this model flags unusual readings, and has no classes to compare with labels';
    throw new SpikewireError('unsupported', 'spikewire eval', problem, 'a classifier');
  }
  const named = labels.length > 0 ? labels : Array.from({ length: outputs }, (_, index) => String(index));
  const names = new Set(named);
  if (classes.every((label) => names.has(label))) return classes;
  if (labels.length === 0 && classes.length <= outputs) return named;
  const wanted = labels.length > 0 ? `only classes of the model: ${labels.join(', ')}` : `at most ${outputs}`;
  throw new SpikewireError(
    'input',
    name,
    `has the ${classes.length} classes ${classes.slice(0, 12).join(', ')}`,
    wanted,
  );
}
