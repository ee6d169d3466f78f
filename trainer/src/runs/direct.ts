import type { LabelledSamples } from '@spikewire/engine/data';
import { type JsonValue, type Model, SpikewireError } from '@spikewire/models';
import { ordersOf } from '../training/batches.ts';
import { bestOf, type EpochRecord } from './history.ts';
import {
  type BatchReport,
  copied,
  type MethodSite,
  type Run,
  type RunState,
  restoreArrays,
  type WeightsSeen,
} from './run.ts';
import { NOTHING, Tally, type TallySums } from './tally.ts';
import { scoreOn, splitForValidation } from './validation.ts';

/** A net that learns by formulas of its own. */
export interface DirectLearner {
  /** Everything that changes, by name; views that are written to. */
  readonly arrays: Readonly<Record<string, Float64Array>>;
  /** What its neurons look for, where that can be seen. */
  readonly picture?: WeightsSeen;
  /** Learns of the samples at some indices, in one step. Returns the sum of their losses, and how many it had right. */
  learn(samples: LabelledSamples, indices: Uint32Array): { readonly loss: number; readonly right: number };
  /** What the answer to a sample is worth, as the net is now; absent: 1 where it is wrong. */
  lossOf?(sample: ArrayLike<number>, label: number): number;
  /** The model with such arrays. */
  model(arrays: Readonly<Record<string, Float64Array>>): Model;
}

export interface DirectRunOptions extends Pick<MethodSite, 'data' | 'seed'> {
  readonly epochs: number;
  /** Samples per step. */
  readonly batch: number;
  /** Epochs without a better validation after which the run ends. */
  readonly patience: number;
  learner(learned: LabelledSamples): DirectLearner;
}

interface Progress {
  readonly samples: number;
  readonly tally: TallySums;
  readonly history: readonly EpochRecord[];
}

/**
 * Direct training: the method's own formulas change arrays, batch by batch; the engine of devices judges each epoch.
 */
export class DirectRun implements Run {
  readonly warnings: readonly string[] = [];
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  #progress: Progress = { samples: 0, tally: NOTHING, history: [] };
  readonly #options: DirectRunOptions;
  readonly #learner: DirectLearner;
  readonly #orderOf: (epoch: number) => Uint32Array;

  constructor(options: DirectRunOptions) {
    this.#options = options;
    this.samples = splitForValidation(options.data);
    this.#learner = options.learner(this.samples.learned);
    this.#orderOf = ordersOf(this.samples.learned.samples.length, options.seed);
  }

  get history(): readonly EpochRecord[] {
    return this.#progress.history;
  }

  get epochs(): number {
    return this.#options.epochs;
  }

  get finished(): boolean {
    const done = this.history.length;
    return done >= this.epochs || done - (bestOf(this.history)?.epoch ?? 0) >= this.#options.patience;
  }

  get picture(): WeightsSeen | undefined {
    return this.#learner.picture;
  }

  async step(): Promise<BatchReport> {
    const epoch = this.history.length + 1;
    const { batch: size, seed, data } = this.#options;
    const { samples: before, tally: sums, history } = this.#progress;
    const { learned, validation } = this.samples;
    const count = learned.samples.length;
    const indices = this.#orderOf(epoch).subarray(before, before + size);
    const { loss, right } = this.#learner.learn(learned, indices);
    if (!Number.isFinite(loss))
      throw new SpikewireError('learning', `epoch ${epoch}`, `has the loss ${loss}`, 'a number');
    const done = before + indices.length;
    const tally = { samples: sums.samples + indices.length, loss: sums.loss + loss, right: sums.right + right };
    const { score } = new Tally(tally);
    this.#progress = { samples: done, tally, history };
    if (done === count) {
      const found = await scoreOn(this.model(this.save()), validation, data, seed);
      const record = { epoch, training: score, validation: { ...found.score, loss: this.#loss ?? found.score.loss } };
      this.#progress = { samples: 0, tally: NOTHING, history: [...history, record] };
    }
    return { epoch, batch: Math.ceil(done / size), batches: Math.ceil(count / size), size, score };
  }

  save(): RunState {
    return { arrays: copied(this.#learner.arrays), progress: this.#progress as unknown as JsonValue };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    restoreArrays(this.#learner.arrays, arrays, path);
    this.#progress = progress as unknown as Progress;
  }

  model({ arrays }: RunState): Model {
    return this.#learner.model(arrays as Readonly<Record<string, Float64Array>>);
  }

  async close(): Promise<void> {}

  /** The mean loss of the samples for validation, where the learner has one of its own. */
  get #loss(): number | undefined {
    const { samples, labels } = this.samples.validation;
    const losses = samples.flatMap((sample, k) => this.#learner.lossOf?.(sample, labels[k]!) ?? []);
    return losses.length === 0 ? undefined : losses.reduce((sum, each) => sum + each, 0) / losses.length;
  }
}
