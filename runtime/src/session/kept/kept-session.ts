import type { ExecutorSource } from '@spikewire/engine/executor';
import type { NamedReading, Watch, WatchSettings } from '@spikewire/models';
import type { Reading } from '../../reading/reading.ts';
import type { LessonOutcome } from '../lessons.ts';
import type { AcceptedStretch } from '../monitors.ts';
import { type NetModel, readNetModel } from '../net-model.ts';
import type { Outcome } from '../outcome.ts';
import type { Session } from '../session.ts';
import type { Lesson } from '../teaching.ts';
import { NumberTroubles } from './number-troubles.ts';
import { expectStorable, goOnFrom, type OpenSessionOptions, openSession } from './open-session.ts';
import { type SavedNet, type SavedPoint, Saves, type Snapshot } from './saves.ts';
import { type Restored, SessionStore } from './session-store.ts';
import type { CarryOver, NetStore, NewModelPolicy } from './state-keeper.ts';

export interface KeptSessionOptions extends OpenSessionOptions {
  /** Its store, or the folder of one of its own; without one nothing survives the process. */
  readonly store?: NetStore | string;
  /** Whether it must not start where the store cannot be used, except by reading it. Default false. */
  readonly requireStore?: boolean;
  /** Least time between two saves. Default 60. */
  readonly saveEverySeconds?: number;
  /** What to do about states of another model in the folder. Default `keep`. */
  readonly onNewModel?: NewModelPolicy | CarryOver;
  /** A state to go on from where no store has one. */
  readonly from?: Uint8Array;
  /** Text to keep with each saved state, asked for at the moment of the save; undefined: what was restored stays. */
  readonly notes?: () => string | undefined;
  /** One line about something a person should know. */
  readonly warn?: (line: string) => void;
}

/** What came of a lesson. */
export interface LessonReceipt {
  readonly outcome: LessonOutcome;
  /**
   * Whether it is on the medium, known within a second where that is not slow. False where nothing was learned or there
   * is no store, and where the store or the budget of the day does not let it now: it is saved as soon as they do.
   */
  readonly saved: Promise<boolean>;
}

/**
 * A session whose state is kept on the medium: restored when it opens, saved as it learns and when it closes. A medium
 * that fails, already at the start, does not stop the stream: the net learns in memory. A state that does not fit the
 * net is put aside, said, and the net starts from an older one or its model.
 */
export class KeptSession {
  /** Digest of the model, which its states belong to. */
  readonly digest: string;
  /** Text kept with the restored state; undefined for a new start. */
  readonly restoredNotes: string | undefined;
  readonly #reopen: () => Promise<Session>;
  /** Undefined while it rests: a closed net still holds memory. */
  #session: Session | undefined;
  /** Its state while it rests. */
  #resting: Snapshot | undefined;
  #onRested: () => void = () => {};
  readonly #place: SessionStore | undefined;
  readonly #saves: Saves;
  readonly #notes: () => string | undefined;
  readonly #troubles: NumberTroubles;
  #closing: Promise<void> | undefined;

  /** `model` is the bytes of a model file, or what `readNetModel` made of them. */
  static async open(
    model: NetModel | Uint8Array,
    source: ExecutorSource,
    options: KeptSessionOptions = {},
  ): Promise<KeptSession> {
    const netModel = model instanceof Uint8Array ? readNetModel(model) : model;
    const { store, warn = () => {}, listener } = options;
    const place = store === undefined ? undefined : new SessionStore(store, netModel, options);
    let session: Session | undefined;
    let kept: KeptSession | undefined;
    // What it takes and learns is saved whoever gives it: that need not go through here.
    const listening = {
      ...options,
      listener(outcome: Outcome) {
        listener?.(outcome);
        if (kept !== undefined) kept.#took(outcome);
      },
      onLearned() {
        options.onLearned?.();
        if (kept !== undefined) kept.#saves.countLesson();
      },
    };
    try {
      await place?.open();
      session = await openSession(netModel, source, listening);
      const { warning } = session.executor.choice;
      if (warning !== undefined) warn(warning);
      if (place !== undefined) await expectStorable(session);
      const restored = await place?.restore(session);
      if (restored === undefined && options.from !== undefined) await goOnFrom(options.from, session, warn);
      const { from: _, ...lasting } = listening;
      const reopen = () => openSession(netModel, source, { ...lasting, selfTest: false });
      kept = new KeptSession(session, reopen, netModel.digest, place, restored, options);
      return kept;
    } catch (failure) {
      await session?.close().catch(() => {}); // the first failure is the one to report
      await place?.close().catch(() => {});
      throw failure;
    }
  }

  private constructor(
    session: Session,
    reopen: () => Promise<Session>,
    digest: string,
    place: SessionStore | undefined,
    restored: Restored | undefined,
    options: KeptSessionOptions,
  ) {
    const { notes = () => undefined, warn = () => {}, saveEverySeconds: everySeconds } = options;
    this.#session = session;
    this.#reopen = reopen;
    this.digest = digest;
    this.restoredNotes = restored?.notes;
    this.#place = place;
    this.#notes = notes;
    this.#troubles = new NumberTroubles(warn);
    const saved = restored && { sequence: restored.sequence, time: 0, readings: session.sequence };
    const remembered = place === undefined ? options.from : undefined;
    const onDone = () => this.#leaveIfSaved();
    this.#saves = new Saves(this.#asSaved(), { place, saved, remembered, everySeconds, warn, onDone });
  }

  #asSaved(): SavedNet {
    const running = () => this.#session;
    return {
      get running() {
        return running();
      },
      snapshot: async () => this.#resting ?? this.#snapshot(this.session),
    };
  }

  async #snapshot(session: Session): Promise<Snapshot> {
    let readings = 0;
    const state = await session.save(() => {
      readings = session.sequence;
      return this.#notes() ?? this.restoredNotes ?? '';
    });
    return { state, readings };
  }

  #leaveIfSaved(): void {
    if (this.#resting !== undefined && !this.unsaved) this.#onRested();
  }

  /** The running net; a new one after each rest, and none in it. */
  get session(): Session {
    return this.#session!;
  }

  /** Whether it has taken in what its store does not have yet; never without a store. */
  get unsaved(): boolean {
    return this.#saves.unsaved;
  }

  /**
   * Gives up the net and keeps its state in memory, to be saved when that is due: so a net that has to make room is
   * written no more often than one that runs on. Nobody may use it until it is awake again. `onRested` is called when
   * nothing is unsaved any more.
   *
   * @returns the bytes of the state
   */
  async rest(onRested: () => void): Promise<number> {
    const { session } = this;
    this.#saves.countQuietReadings();
    const snapshot = await this.#snapshot(session);
    this.#resting = snapshot;
    this.#session = undefined;
    this.#onRested = onRested;
    this.#saves.saveWhenDue();
    await session.close().catch(() => {}); // a dead executor is as good as a closed one
    if (!this.unsaved) onRested();
    return snapshot.state.length;
  }

  /** Opens the net again where it stopped. Rejects with what hinders that, and rests on. */
  async wake(): Promise<void> {
    const session = await this.#reopen();
    try {
      await session.restore(this.#resting!.state);
    } catch (failure) {
      await session.close().catch(() => {}); // the first failure is the one to report
      throw failure;
    }
    this.#session = session;
    this.#resting = undefined;
    this.#onRested = () => {};
  }

  /** The last state that is kept in memory beside the net; undefined where there is a store, which has it. */
  get remembered(): Uint8Array | undefined {
    return this.#saves.remembered;
  }

  /** The newest durable state; undefined where there is none. */
  get saved(): SavedPoint | undefined {
    return this.#saves.saved;
  }

  /** Saves that failed since it was opened. */
  get failedSaves(): number {
    return this.#saves.failures;
  }

  /** Why what is learned is kept in memory only; undefined where it is saved, or there is no store. */
  get storeProblem(): string | undefined {
    return this.#saves.problem;
  }

  get bytesWritten(): number {
    return this.#place?.bytesWritten ?? 0;
  }

  #took(outcome: Outcome): void {
    this.#troubles.look(this.session);
    this.#saves.countReading(outcome, this.session.onlyTaught);
  }

  /** The same as that of its session. */
  feed(reading: Reading): Promise<Outcome> {
    return this.session.feed(reading);
  }

  /** A lesson is saved at once, with all that come within a moment. */
  async teach(lesson: Lesson): Promise<LessonReceipt> {
    const outcome = await this.session.teach(lesson);
    const isLearned = outcome === 'applied' || outcome === 'repeated';
    return { outcome, saved: isLearned ? this.#saves.lessonsSaved() : Promise.resolve(false) };
  }

  /** What a person has asked for is worth a save of its own. */
  async setLearning(on: boolean): Promise<void> {
    await this.session.setLearning(on);
    this.#saves.countCommand();
  }

  async reset(): Promise<void> {
    await this.session.reset();
    this.#saves.countCommand();
  }

  /** Undoes the last label; false where there is none to take back. */
  async takeBack(): Promise<boolean> {
    const taken = await this.session.takeBack();
    if (taken) this.#saves.countCommand();
    return taken;
  }

  /** What it was taught becomes the base that it is compared with and can go back to; false where that is nothing. */
  async settle(): Promise<boolean> {
    const settled = await this.session.settle();
    if (settled) this.#saves.countCommand();
    return settled;
  }

  /** False where there is no base: the way to the beginning is `reset`, which says so. */
  async returnToBase(): Promise<boolean> {
    if (this.session.taught?.hasBase === false) return false;
    await this.session.returnToBase();
    this.#saves.countCommand();
    return true;
  }

  /** "That was normal"; undefined where nothing that is remembered was flagged there. */
  acceptNormal(named: NamedReading = {}): AcceptedStretch | undefined {
    const accepted = this.session.monitors.accept(named);
    if (accepted !== undefined) this.#saves.countCommand();
    return accepted;
  }

  /**
   * Sets the monitor of a name, the first where none is given, and returns it; undefined where the net has none.
   * `learned`: it goes back to the limits that it has learned before that.
   */
  configure(settings: WatchSettings, monitor?: string, learned = false): Watch | undefined {
    const watch = this.session.monitors.find(monitor);
    if (watch === undefined) return undefined;
    if (learned) watch.returnToLearned();
    watch.configure(settings);
    this.#saves.countCommand();
    return watch;
  }

  /** Saves now; resolves when it is durable. Those who ask while a save is under way share the one after it. */
  save(): Promise<SavedPoint> {
    return this.#saves.save('command');
  }

  /**
   * Saves a net that was refused because something that it has learned is no number (`isUnsoundLearning`): in the place
   * of its weights, those of its newest state, or of the model. @returns the number of that state; undefined: none
   */
  async saveSound(): Promise<bigint | undefined> {
    const newest = await this.#place?.newest();
    await this.session.returnNet(newest?.state);
    await this.save();
    return newest?.sequence;
  }

  /** Saves what is not saved yet and gives store and net free. A failed session has nothing to save. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#saves.close();
    } finally {
      await this.#session?.close().catch(() => {}); // a dead executor is as good as a closed one
      await this.#place?.close();
    }
  }
}
