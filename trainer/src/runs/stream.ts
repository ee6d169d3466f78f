import {
  type JsonValue,
  type Model,
  readLearned,
  SpikewireError,
  type TensorData,
  writeModel,
} from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { type DataSet, evaluate, type LabelledSamples } from 'spikewire/data';
import { type ExecutorSource, executorSourceOf, InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { orderOf } from '../training/batches.ts';
import type { EpochRecord } from './history.ts';
import { withLearnedState } from './learned-model.ts';
import type { BatchReport, MethodSite, Run, RunState } from './run.ts';
import { Tally, type TallySums } from './tally.ts';
import { splitForValidation } from './validation.ts';

export interface StreamRunOptions extends Pick<MethodSite, 'data' | 'seed' | 'warn'> {
  /** A model with learning rules: by these alone it learns. */
  readonly model: Model;
  readonly epochs: number;
  /** Samples between two reports. */
  readonly batch: number;
  /** Address of where the net runs while it learns, as `spikewire run` has it; `clocked` where absent. */
  readonly device?: string;
}

/** Name of the session's bytes among the arrays of a state. */
const SESSION = 'session';

const NOTHING: TallySums = { samples: 0, loss: 0, right: 0 };

interface Progress {
  readonly samples: number;
  readonly tally: TallySums;
  readonly history: readonly EpochRecord[];
}

/**
 * Training by stream: the net runs on a device, sample by sample, and its own rules learn from the label that follows
 * each answer. Epochs are judged by the engine that also does the test. The loss of a sample is 0 or 1, whether its
 * answer was wrong.
 */
export class StreamRun implements Run {
  readonly warnings: readonly string[] = [];
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  #progress: Progress = { samples: 0, tally: NOTHING, history: [] };
  #order: { readonly epoch: number; readonly indices: Uint32Array } | undefined;
  #state: Uint8Array;
  readonly #options: StreamRunOptions;
  readonly #source: ExecutorSource;
  readonly #session: Session;

  private constructor(options: StreamRunOptions, source: ExecutorSource, session: Session, state: Uint8Array) {
    this.#options = options;
    this.samples = splitForValidation(options.data);
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
    const labelled = model.labels.length > 0 ? model : { ...model, labels: options.data.classes };
    const { seed, device = 'clocked', warn } = options;
    const source = await executorSourceOf(device, { warn });
    try {
      const session = new Session(labelled, await source.open(writeModel(labelled), { seed }), { seed });
      await session.setLearning(true);
      return new StreamRun({ ...options, model: labelled }, source, session, await session.save());
    } catch (problem) {
      await source.close();
      throw problem;
    }
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
    let right = 0;
    for (const index of indices) if (await this.#learn(index)) right++;
    const { samples, loss, right: sofar } = sums;
    const tally = { samples: samples + indices.length, loss: loss + indices.length - right, right: sofar + right };
    this.#progress = { ...this.#progress, samples: before + indices.length, tally };
    const { score } = new Tally(tally);
    const { length } = this.samples.learned.samples;
    if (this.#progress.samples === length) {
      const validation = await this.#validate();
      const record = { epoch, training: score, validation };
      this.#progress = { samples: 0, tally: NOTHING, history: [...this.history, record] };
    }
    this.#state = await this.#session.save();
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
      arrays: { [SESSION]: this.#state },
      progress: this.#progress as unknown as JsonValue,
    };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    const state = sessionIn(arrays, path);
    await this.#session.restore(state);
    this.#state = state;
    this.#progress = progress as unknown as Progress;
  }

  model({ arrays }: RunState): Model {
    return withLearnedState(this.#options.model, readLearned(sessionIn(arrays, 'state')));
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#source.close();
  }

  /** Answers a sample, then is told its class. Returns whether the answer was right. */
  async #learn(index: number): Promise<boolean> {
    const { samples, labels } = this.samples.learned;
    const label = this.#options.data.classes[labels[index]!]!;
    const time = this.#session.sequence;
    const { result } = await this.#session.feed({ time, values: Float64Array.from(samples[index]!) });
    await this.#session.teach({ kind: 'label', label, time });
    return result === label;
  }

  /** What the net has learned so far, frozen, on an executor of its own. */
  async #validate() {
    const model = this.model(this.save());
    const executor = new InProcessExecutor(engineNamed('clocked'), model, { seed: this.#options.seed });
    const data: DataSet = { ...this.#options.data, ...this.samples.validation };
    const { accuracy } = await evaluate(model, executor, data, { seed: this.#options.seed });
    return { loss: 1 - accuracy, accuracy };
  }

  #orderOf(epoch: number): Uint32Array {
    if (this.#order?.epoch !== epoch) {
      this.#order = { epoch, indices: orderOf(this.samples.learned.samples.length, this.#options.seed, epoch) };
    }
    return this.#order.indices;
  }
}

function sessionIn(arrays: Readonly<Record<string, TensorData>>, path: string): Uint8Array {
  const state = arrays[SESSION];
  if (state instanceof Uint8Array) return state;
  throw new SpikewireError('file', path, `has no "${SESSION}"`, 'a checkpoint of a run by stream');
}
