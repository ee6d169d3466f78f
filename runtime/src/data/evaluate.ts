import { setImmediate as otherEvents } from 'node:timers/promises';
import { type Model, SpikewireError } from '@spikewire/models';
import type { Executor } from '../executor/executor.ts';
import { type Outcome, Session } from '../stream/session.ts';
import type { DataSet } from './data-set.ts';

export interface Evaluation {
  /** Share of samples whose class was found, 0…1. */
  readonly accuracy: number;
  /** Share of the most frequent class: what always guessing it would give. */
  readonly majority: number;
  readonly samples: number;
  /** Samples without an answer, because an automatic range was still being found; they count as wrong. */
  readonly unanswered: number;
  readonly spikesPerSample: number;
  readonly synapticOpsPerSample: number;
}

export interface EvaluateOptions {
  /** Only the first so many samples. */
  readonly limit?: number;
  /** Seed of the encoders. */
  readonly seed?: number;
  /** Ends the evaluation early; the figures are then those of the samples so far. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Samples between two looks at what else goes on, such as a signal to stop. */
const BATCH = 64;

/**
 * Runs labelled samples through a net, learning off, and counts how many it names right. Closes the executor.
 *
 * @throws `unsupported` where the net answers with numbers, `input` where samples or class names do not fit it
 */
export async function evaluate(
  model: Model,
  executor: Executor,
  data: DataSet,
  { limit = data.samples.length, seed, signal, onProgress }: EvaluateOptions = {},
): Promise<Evaluation> {
  const session = new Session(model, executor, seed === undefined ? {} : { seed });
  try {
    const answers = answersOf(model, session.outputs, data);
    await session.setLearning(false);
    const count = Math.min(limit, data.samples.length);
    const tally = new Tally();
    while (tally.samples < count) {
      const place = tally.samples;
      const outcome = await session.feed({ time: place, values: Float64Array.from(data.samples[place]!) });
      tally.add(outcome, answers[data.labels[place]!]!);
      if (tally.samples % BATCH !== 0) continue;
      onProgress?.(tally.samples, count);
      await otherEvents();
      if (signal?.aborted) break;
    }
    return tally.evaluation(largestShare(data, tally.samples));
  } finally {
    await session.close();
  }
}

class Tally {
  samples = 0;
  #right = 0;
  #unanswered = 0;
  #spikes = 0;
  #operations = 0;

  add({ result, spikes, synapticOperations }: Outcome, expected: string): void {
    if (result !== undefined && typeof result !== 'string') {
      const wanted = 'a model whose decoder names a class';
      throw new SpikewireError('unsupported', 'eval', 'this net answers with numbers, not with a class', wanted);
    }
    this.samples++;
    if (result === undefined) this.#unanswered++;
    if (result === expected) this.#right++;
    this.#spikes += spikes;
    this.#operations += synapticOperations;
  }

  evaluation(majority: number): Evaluation {
    const { samples } = this;
    return {
      accuracy: this.#right / samples,
      majority,
      samples,
      unanswered: this.#unanswered,
      spikesPerSample: this.#spikes / samples,
      synapticOpsPerSample: this.#operations / samples,
    };
  }
}

/**
 * What the net says for each class of the data. By name where the net has a name for every class; a net without names calls
 * its outputs 0, 1, … and means the classes in their order.
 */
function answersOf({ labels }: Model, outputs: number, { name, classes }: DataSet): readonly string[] {
  const named = labels.length > 0 ? labels : Array.from({ length: outputs }, (_, place) => String(place));
  if (classes.every((label) => named.includes(label))) return classes;
  if (labels.length === 0 && classes.length <= outputs) return named;
  const wanted = labels.length > 0 ? `the model's ${labels.join(', ')}` : `at most ${outputs}`;
  throw new SpikewireError(
    'input',
    name,
    `has the ${classes.length} classes ${classes.slice(0, 12).join(', ')}`,
    wanted,
  );
}

function largestShare({ classes, labels }: DataSet, count: number): number {
  const sizes = new Array<number>(classes.length).fill(0);
  for (const label of labels.subarray(0, count)) sizes[label]!++;
  return Math.max(...sizes) / count;
}
