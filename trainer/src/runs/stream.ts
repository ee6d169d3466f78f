import { type JsonValue, type Model, SpikewireError, tensor } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { type DataSet, evaluate, type LabelledSamples } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { orderOf } from '../training/batches.ts';
import type { EpochRecord } from './history.ts';
import type { BatchReport, MethodSite, Run, RunState } from './run.ts';
import { Tally, type TallySums } from './tally.ts';
import { splitForValidation } from './validation.ts';

export interface StreamRunOptions extends Pick<MethodSite, 'data' | 'seed'> {
  /** A model with learning rules: by these alone it learns. */
  readonly model: Model;
  readonly epochs: number;
  /** Samples between two reports. */
  readonly batch: number;
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
 * Training by stream: the net runs on the engine of devices, sample by sample, and its own rules learn from the label
 * that follows each answer. The loss of a sample is 0 or 1, whether its answer was wrong.
 */
export class StreamRun implements Run {
  readonly warnings: readonly string[] = [];
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  #progress: Progress = { samples: 0, tally: NOTHING, history: [] };
  #order: { readonly epoch: number; readonly places: Uint32Array } | undefined;
  #state: Uint8Array;
  readonly #options: StreamRunOptions;
  readonly #executor: InProcessExecutor;
  readonly #session: Session;

  private constructor(options: StreamRunOptions, executor: InProcessExecutor, session: Session, state: Uint8Array) {
    this.#options = options;
    this.samples = splitForValidation(options.data);
    this.#executor = executor;
    this.#session = session;
    this.#state = state;
  }

  /**
   * Rejects with `unsupported` for a model without rules, and as engine and session do for one that they cannot run.
   */
  static async open({ model, ...options }: StreamRunOptions): Promise<StreamRun> {
    if (model.learning.size === 0) {
      const expected = 'connections with an entry in "learning"';
      throw new SpikewireError('unsupported', 'the model to train', 'has no learning rules', expected);
    }
    const labelled = model.labels.length > 0 ? model : { ...model, labels: options.data.classes };
    const executor = new InProcessExecutor(engineNamed('clocked'), labelled, { seed: options.seed });
    const session = new Session(labelled, executor, { seed: options.seed });
    await session.setLearning(true);
    return new StreamRun({ ...options, model: labelled }, executor, session, await session.save());
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
    const places = this.#orderOf(epoch).subarray(before, before + size);
    let right = 0;
    for (const place of places) if (await this.#learn(place)) right++;
    const { samples, loss, right: sofar } = sums;
    const tally = { samples: samples + places.length, loss: loss + places.length - right, right: sofar + right };
    this.#progress = { ...this.#progress, samples: before + places.length, tally };
    const { score } = new Tally(tally);
    const { length } = this.samples.learned.samples;
    if (this.#progress.samples === length) {
      const validation = await this.#validate();
      const record = { epoch, training: score, validation };
      this.#progress = { samples: 0, tally: NOTHING, history: [...this.history, record] };
    }
    this.#state = await this.#session.save();
    return { epoch, batch: Math.ceil((before + places.length) / size), batches: Math.ceil(length / size), size, score };
  }

  save(): RunState {
    return {
      arrays: { [SESSION]: this.#state, ...this.#weights() },
      progress: this.#progress as unknown as JsonValue,
    };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    const state = arrays[SESSION];
    if (!(state instanceof Uint8Array)) {
      throw new SpikewireError('file', path, `has no "${SESSION}"`, 'a checkpoint of a run by stream');
    }
    await this.#session.restore(state);
    this.#state = state;
    this.#progress = progress as unknown as Progress;
  }

  model({ arrays }: RunState): Model {
    const { model } = this.#options;
    const nodes = new Map(model.graph.nodes);
    for (const name of model.learning.keys()) {
      const node = nodes.get(name)!;
      const key = node.parameters.weight === undefined ? 'scale' : 'weight';
      const { shape, data } = node.parameters[key] as Exclude<(typeof node.parameters)[string], string>;
      const weights = Float32Array.from(arrays[name]!);
      const learned = weights.length === data.length ? tensor(weights, shape) : tensor(weights);
      nodes.set(name, { ...node, parameters: { ...node.parameters, [key]: learned } });
    }
    return { ...model, graph: { ...model.graph, nodes } };
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /** Answers a sample, then is told its class. Returns whether the answer was right. */
  async #learn(place: number): Promise<boolean> {
    const { samples, labels } = this.samples.learned;
    const label = this.#options.data.classes[labels[place]!]!;
    const time = this.#session.sequence;
    const { result } = await this.#session.feed({ time, values: Float64Array.from(samples[place]!) });
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
      this.#order = { epoch, places: orderOf(this.samples.learned.samples.length, this.#options.seed, epoch) };
    }
    return this.#order.places;
  }

  #weights(): Record<string, Float64Array> {
    const names = [...this.#options.model.learning.keys()];
    return Object.fromEntries(names.map((name) => [name, this.#executor.network.readWeights(name)]));
  }
}
