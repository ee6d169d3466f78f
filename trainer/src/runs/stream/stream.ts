import type { LabelledSamples } from '@spikewire/engine/data';
import type { ExecutorSource } from '@spikewire/engine/executor';
import {
  type JsonValue,
  type Model,
  readLearned,
  SpikewireError,
  type TensorData,
  withLearnedWeights,
  writeModel,
} from '@spikewire/models';
import { executorSourceOf } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { ordersOf } from '../../training/batches.ts';
import type { EpochRecord } from '../history.ts';
import { type BatchReport, copied, type MethodSite, type Run, type RunState, type WeightsSeen } from '../run.ts';
import { NOTHING, type ScoreName, Tally, type TallySums } from '../tally.ts';
import { scoreNameOn, scoreOn, splitForValidation } from '../validation.ts';
import type { Lessons } from './lessons.ts';

export interface StreamRunOptions extends Pick<MethodSite, 'data' | 'seed' | 'warn'> {
  /** A model with learning rules: by these alone it learns. */
  readonly model: Model;
  readonly epochs: number;
  /** Samples between two reports. */
  readonly batch: number;
  readonly lessons: Lessons;
  /** Samples follow one another as they do in the data; absent: in another order each epoch. */
  readonly inOrder?: boolean;
  /** Address of where the net runs while it learns, as `spikewire run` has it; `clocked` where absent. */
  readonly device?: string;
}

/** Name of the session's bytes among the arrays of a state, and what the names of those of its lessons begin with. */
const SESSION = 'session';
const LESSONS = 'lessons/';

interface Progress {
  readonly samples: number;
  readonly tally: TallySums;
  readonly history: readonly EpochRecord[];
}

/**
 * Training by stream: the net runs on a device, sample by sample, and learns by its own rules alone. Epochs are judged
 * by the engine that also does the test. The loss of a sample is 0 or 1, whether its answer was wrong; of numbers it is
 * their distance.
 */
export class StreamRun implements Run {
  readonly warnings: readonly string[] = [];
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  /** The numbers that answers to the learned samples should be, as lessons take them. */
  readonly #targets: readonly Float64Array[] | undefined;
  #progress: Progress = { samples: 0, tally: NOTHING, history: [] };
  #state: Uint8Array;
  readonly #options: StreamRunOptions;
  readonly #source: ExecutorSource;
  readonly #session: Session;
  readonly #orderOf: (epoch: number) => Uint32Array;

  private constructor(options: StreamRunOptions, source: ExecutorSource, session: Session, state: Uint8Array) {
    this.#options = options;
    this.samples = splitForValidation(options.data);
    this.#targets = this.samples.learned.targets?.map((target) => Float64Array.from(target));
    const { length } = this.samples.learned.samples;
    const inOrder = Uint32Array.from({ length }, (_, k) => k);
    this.#orderOf = options.inOrder ? () => inOrder : ordersOf(length, options.seed);
    this.#source = source;
    this.#session = session;
    this.#state = state;
  }

  /**
   * Rejects with `unsupported` for a model without rules, with `usage` for an address that means nothing, and as device
   * and session do for a model that they cannot run.
   */
  static async open({ model, ...options }: StreamRunOptions): Promise<StreamRun> {
    if (model.learning.size === 0) {
      const expected = 'connections with an entry in "learning"';
      throw new SpikewireError('unsupported', 'the model to train', 'has no learning rules', expected);
    }
    const { seed, device = 'clocked', warn } = options;
    const source = await executorSourceOf(device, { warn });
    try {
      const session = new Session(model, await source.open(writeModel(model), { seed }), { seed });
      await session.setLearning(true);
      return new StreamRun({ ...options, model }, source, session, await session.save());
    } catch (problem) {
      await source.close();
      throw problem;
    }
  }

  get scoreName(): ScoreName {
    return scoreNameOn(this.#options.data);
  }

  get history(): readonly EpochRecord[] {
    return this.#progress.history;
  }

  get epochs(): number {
    return this.#options.epochs;
  }

  get finished(): boolean {
    return this.history.length >= this.#options.epochs;
  }

  async step(): Promise<BatchReport> {
    const epoch = this.history.length + 1;
    const { batch: size } = this.#options;
    const { samples: before, tally: sums } = this.#progress;
    const indices = this.#orderOf(epoch).subarray(before, before + size);
    let { loss } = sums;
    for (const index of indices) loss += await this.#show(index);
    const samples = sums.samples + indices.length;
    const tally = { samples, loss, right: this.#rightOf(samples, loss) };
    this.#progress = { ...this.#progress, samples: before + indices.length, tally };
    this.#state = await this.#session.save();
    const { score } = new Tally(tally);
    const { length } = this.samples.learned.samples;
    if (this.#progress.samples === length) {
      await this.#options.lessons.settle?.(this.#learned(this.#state), this.samples.learned, this.#options.seed);
      const validation = await this.#validate();
      const record = { epoch, training: score, validation };
      this.#progress = { samples: 0, tally: NOTHING, history: [...this.history, record] };
    }
    return {
      epoch,
      batch: Math.ceil((before + indices.length) / size),
      batches: Math.ceil(length / size),
      size,
      score,
    };
  }

  save(): RunState {
    return {
      arrays: { [SESSION]: this.#state, ...this.#lessonsState() },
      progress: this.#progress as unknown as JsonValue,
    };
  }

  /** The first connection that learns, where its inputs are the pixels of a sample. */
  get picture(): WeightsSeen | undefined {
    const [height, width] = this.#options.data.shape?.slice(-2) ?? [];
    const { weights } = [...readLearned(this.#state).values()][0]!;
    if (width === undefined || weights.length % (height! * width) !== 0) return undefined;
    return { weights, form: [height!, width] };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    const state = sessionIn(arrays, path);
    const own = Object.entries(this.#options.lessons.state);
    for (const [name, view] of own) {
      if (arrays[LESSONS + name]?.length === view.length) continue;
      throw new SpikewireError(
        'file',
        path,
        `has no "${LESSONS}${name}" of ${view.length} numbers`,
        'a checkpoint of this run',
      );
    }
    await this.#session.restore(state);
    for (const [name, view] of own) view.set(arrays[LESSONS + name]!);
    this.#state = state;
    this.#progress = progress as unknown as Progress;
  }

  model({ arrays }: RunState): Model {
    const { lessons } = this.#options;
    const own = Object.keys(lessons.state).map((name) => [name, arrays[LESSONS + name]!]);
    return lessons.answering(this.#learned(sessionIn(arrays, 'state')), Object.fromEntries(own));
  }

  #learned(state: Uint8Array): Model {
    return withLearnedWeights(this.#options.model, readLearned(state));
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#source.close();
  }

  /** Returns the loss of the answer. */
  #show(index: number): Promise<number> {
    const { samples, labels } = this.samples.learned;
    const values = Float64Array.from(samples[index]!);
    const target = this.#targets?.[index];
    return this.#options.lessons.show(this.#session, { values, label: labels[index]!, ...(target && { target }) });
  }

  /** Right answers; of numbers what the last validation says of as many. */
  #rightOf(samples: number, loss: number): number {
    if (this.samples.learned.targets === undefined) return samples - loss;
    return samples * (this.history.at(-1)?.validation.accuracy ?? 0);
  }

  /** Copies, as they are now. */
  #lessonsState(): Record<string, TensorData> {
    const own = Object.entries(copied(this.#options.lessons.state));
    return Object.fromEntries(own.map(([name, array]) => [LESSONS + name, array]));
  }

  /** What the net has learned so far, frozen, on an executor of its own. */
  async #validate() {
    const { data, seed } = this.#options;
    return (await scoreOn(this.model(this.save()), this.samples.validation, data, seed)).score;
  }
}

function sessionIn(arrays: Readonly<Record<string, TensorData>>, path: string): Uint8Array {
  const state = arrays[SESSION];
  if (state instanceof Uint8Array) return state;
  throw new SpikewireError('file', path, `has no "${SESSION}"`, 'a checkpoint of a run by stream');
}
