import { modelDigest, readAnyModel, SpikewireError } from '@spikewire/models';
import type { ExecutorSource } from '../executor/executor.ts';
import { CheckpointPolicy, Store } from '../store/index.ts';
import { type Outcome, Session } from './session.ts';
import type { Reading } from './reading.ts';
import type { Lesson } from './teaching.ts';

export interface KeptSessionOptions {
  /** Folder of its store; without one nothing survives the process. */
  readonly directory?: string;
  /** Least time between two saves. Default 60. */
  readonly saveEverySeconds?: number;
  readonly seed?: number;
  /** Whether the net learns beyond its warm-up. Default true; a restored net goes on as it was. */
  readonly learning?: boolean;
  /** Called with each outcome, never between an outcome and a save that knows of it. */
  readonly listener?: (outcome: Outcome) => void;
  /** Text to keep with each saved state; asked for at the moment of the save. */
  readonly notes?: () => string;
  /** One line about something a person should know. */
  readonly warn?: (line: string) => void;
}

/** The newest state that survives a power failure. */
export interface SavedPoint {
  /** Number of the save, over all processes. */
  readonly sequence: bigint;
  /** Milliseconds since 1970; 0 for one that an earlier process made. */
  readonly time: number;
  /** Readings that it knows of. */
  readonly readings: number;
}

const DEFAULT_SAVE_SECONDS = 60;

/** A session whose state is kept on the medium: restored when it opens, saved as it learns and when it closes. */
export class KeptSession {
  readonly session: Session;
  /** Digest of the model, which its states belong to. */
  readonly digest: string;
  /** Text kept with the restored state; undefined for a new start. */
  readonly restoredNotes: string | undefined;
  readonly #store: Store | undefined;
  readonly #policy: CheckpointPolicy;
  readonly #notes: () => string;
  readonly #warn: (line: string) => void;
  #saved: SavedPoint | undefined;
  #saving: Promise<void> = Promise.resolve();

  static async open(modelBytes: Uint8Array, source: ExecutorSource, options: KeptSessionOptions = {}): Promise<KeptSession> {
    const model = readAnyModel(modelBytes);
    const digest = modelDigest(model);
    const store = options.directory === undefined ? undefined : await Store.open(options.directory, { baseDigest: digest });
    try {
      const executor = await source.open(modelBytes, options.seed === undefined ? {} : { seed: options.seed });
      const { seed, listener } = options;
      const session = new Session(model, executor, { ...(seed === undefined ? {} : { seed }), ...(listener === undefined ? {} : { listener }) });
      if (options.learning === false) await session.setLearning(false);
      const saved = await store?.load();
      reportStrangers(store, options.warn);
      const notes = saved && (await session.restore(saved.state));
      const kept = new KeptSession(session, digest, store, notes, options);
      if (saved !== undefined) kept.#saved = { sequence: saved.sequence, time: 0, readings: session.sequence };
      return kept;
    } catch (failure) {
      await store?.close();
      throw failure;
    }
  }

  private constructor(session: Session, digest: string, store: Store | undefined, restoredNotes: string | undefined, options: KeptSessionOptions) {
    this.session = session;
    this.digest = digest;
    this.restoredNotes = restoredNotes;
    this.#store = store;
    this.#notes = options.notes ?? (() => '');
    this.#warn = options.warn ?? (() => {});
    this.#policy = new CheckpointPolicy({ minimumIntervalSeconds: options.saveEverySeconds ?? DEFAULT_SAVE_SECONDS });
  }

  /** The newest durable state; undefined where there is none. */
  get saved(): SavedPoint | undefined {
    return this.#saved;
  }

  get bytesWritten(): number {
    return this.#store?.bytesWritten ?? 0;
  }

  async feed(reading: Reading): Promise<Outcome> {
    const outcome = await this.session.feed(reading);
    this.#changed();
    return outcome;
  }

  async teach(lesson: Lesson): Promise<'applied' | 'forgotten' | 'frozen'> {
    const outcome = await this.session.teach(lesson);
    this.#changed();
    return outcome;
  }

  /** Saves when the policy says so, without making the stream wait. */
  #changed(): void {
    this.#policy.changed();
    if (this.#store === undefined || !this.#policy.isDue()) return;
    this.#saving = this.save().then(
      () => {},
      (failure: Error) => this.#warn(failure.message),
    );
  }

  /** Saves now; resolves when it is durable. */
  async save(): Promise<SavedPoint> {
    if (this.#store === undefined) {
      throw new SpikewireError('store', 'save', 'this net has no store', '--store <folder>');
    }
    this.#policy.begin();
    try {
      let readings = 0;
      const state = await this.session.save(() => {
        readings = this.session.sequence;
        return this.#notes();
      });
      const sequence = await this.#store.save(state);
      this.#policy.succeeded(state.length);
      this.#saved = { sequence, time: Date.now(), readings };
      return this.#saved;
    } catch (failure) {
      this.#policy.failed();
      throw failure;
    }
  }

  /** Saves what is not saved yet and gives store and net free. */
  async close(): Promise<void> {
    await this.#saving;
    try {
      if (this.#store !== undefined && this.#saved?.readings !== this.session.sequence) await this.save();
    } finally {
      await this.session.close();
      await this.#store?.close();
    }
  }
}

function reportStrangers(store: Store | undefined, warn: ((line: string) => void) | undefined): void {
  const count = store?.strangers().length ?? 0;
  if (count > 0) warn?.(`store ${store!.directory}: keeps ${count} state${count === 1 ? '' : 's'} of another model aside`);
}
