import { type Model, SpikewireError } from '@spikewire/models';
import type { Executor } from '../executor/executor.ts';
import { Session } from '../stream/session.ts';
import type { DataSet } from './data-set.ts';

export interface Evaluation {
  /** Share of samples whose class was found, 0…1. */
  readonly accuracy: number;
  /** Share of the most frequent class: what always guessing it would give. */
  readonly majority: number;
  readonly samples: number;
  readonly spikesPerSample: number;
  readonly synapticOpsPerSample: number;
}

export interface EvaluateOptions {
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Runs labelled samples through a net, learning off, and counts how many it names right. */
export async function evaluate(model: Model, executor: Executor, data: DataSet, { limit, signal, onProgress }: EvaluateOptions = {}): Promise<Evaluation> {
  const session = new Session(model, executor);
  await session.setLearning(false);
  const labels = model.labels.length > 0 ? model.labels : data.classes;
  const count = Math.min(limit ?? data.samples.length, data.samples.length);
  let right = 0;
  let spikes = 0;
  let operations = 0;
  let done = 0;
  for (; done < count && !signal?.aborted; done++) {
    const outcome = await session.feed({ time: done, values: data.samples[done]! });
    if (outcome.result !== undefined && typeof outcome.result !== 'string') {
      throw new SpikewireError('unsupported', 'eval', 'this net answers with numbers, not classes', 'a model with a decoder that names a class');
    }
    const expected = data.classes[data.labels[done]!]!;
    if (outcome.result === expected || outcome.result === labels[data.labels[done]!]) right++;
    spikes += outcome.spikes;
    operations += outcome.synapticOperations;
    onProgress?.(done + 1, count);
  }
  return {
    accuracy: right / done,
    majority: largestClass(data, done) / done,
    samples: done,
    spikesPerSample: spikes / done,
    synapticOpsPerSample: operations / done,
  };
}

function largestClass({ classes, labels }: DataSet, count: number): number {
  const sizes = new Array<number>(classes.length).fill(0);
  for (const label of labels.subarray(0, count)) sizes[label]!++;
  return Math.max(...sizes);
}
