import type { ExecutorSource } from '@spikewire/engine/executor';
import { describeNonFinite } from '@spikewire/engine/network';
import { type NamedReading, SpikewireError, type Watch, type WatchSettings } from '@spikewire/models';
import type { Reading } from '../reading/reading.ts';
import { CheckpointPolicy, HeldBackError, MAXIMUM_STATE_BYTES, moreUrgent, type Urgency } from '../store/index.ts';
import { isMisfit, KeepingPlace, type Restored } from './keeping-place.ts';
import { describeLearnedOnly } from './learned-only.ts';
import { LessonSaves } from './lesson-saves.ts';
import type { LessonOutcome } from './lessons.ts';
import type { AcceptedStretch } from './monitors.ts';
import { type NetModel, readNetModel } from './net-model.ts';
import type { Outcome } from './outcome.ts';
import { Session } from './session.ts';
import type { NetStore, NewModelPolicy } from './state-keeper.ts';
import type { Lesson } from './teaching.ts';

export interface KeptSessionOptions {
  /** Its store, or the folder of one of its own; without one nothing survives the process. */
  readonly store?: NetStore | string;
  /** Whether it must not start where the store cannot be used, except by reading it. Default false. */
  readonly requireStore?: boolean;
  /** Least time between two saves. Default 60. */
  readonly saveEverySeconds?: number;
  /** What to do about states of another model in the folder. Default `keep`. */
  readonly onNewModel?: NewModelPolicy;
  /** A state to go on from where no store has one. */
  readonly from?: Uint8Array;
  readonly seed?: number;
  /** Labels that its read-out takes in a day of UTC; see `TaughtReadout`. */
  readonly lessonsPerDay?: number;
  /**
   * Whether the net learns as long as nobody has asked for or against it by `setLearning`, which a restart remembers.
   * Default true.
   */
  readonly learning?: boolean;
  /** Readings of the warm-up; see `SessionOptions`. */
  readonly warmUp?: number | undefined;
  /** Settings of monitors; see `SessionOptions`. */
  readonly monitorSettings?: ReadonlyMap<string, WatchSettings> | undefined;
  /** Monotonic microseconds. */
  readonly clock?: () => number;
  /** Whether the net has to answer the model's self-tests before it starts. Default false. */
  readonly selfTest?: boolean;
  /** Called with each outcome, never between an outcome and a save that knows of it. */
  readonly listener?: (outcome: Outcome) => void;
  /** Text to keep with each saved state, asked for at the moment of the save; undefined: what was restored stays. */
  readonly notes?: () => string | undefined;
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

/** What came of a lesson. */
export interface LessonReceipt {
  readonly outcome: LessonOutcome;
  /**
   * Whether it is on the medium, known within a second where that is not slow. False where nothing was learned or there
   * is no store, and where the store or the budget of the day does not let it now: it is saved as soon as they do.
   */
  readonly saved: Promise<boolean>;
}

const DEFAULT_SAVE_SECONDS = 60;
/** Least pause after a save that failed, whatever the interval. */
const RETRY_MS = 1000;
/**
 * A net that only labels teach changes little by its readings: so long they may wait. Fifty of 0.65 MB write 130 MB a
 * day.
 */
const QUIET_SAVE_MS = 6 * 3_600_000;
const LONGEST_TIMER = 2 ** 31 - 1;
/**
 * A saved state takes at most so many times the bytes of its net: float32 becomes float64, and the coding has its own.
 */
const STATE_PER_NET = 8;

/**
 * A session whose state is kept on the medium: restored when it opens, saved as it learns and when it closes. A medium
 * that fails, already at the start, does not stop the stream: the net learns in memory, it is said once, counted, and
 * tried again when the next save is due. A state that does not fit
 * the net is put aside, said, and the net starts from an older one or its model.
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
  readonly #place: KeepingPlace | undefined;
  readonly #policy: CheckpointPolicy;
  readonly #notes: () => string | undefined;
  readonly #warn: (line: string) => void;
  /** When readings came that nobody has learned from and that are not saved, in milliseconds of the process. */
  #quietSince: number | undefined;
  /** Of what the next save will have. */
  #urgency: Urgency = 'routine';
  readonly #lessons = new LessonSaves(() => this.#closing ?? this.#save('lesson'));
  /** The last state, where there is no store to ask. */
  #remembered: Uint8Array | undefined;
  #overflowReported = false;
  #nonFiniteReported = false;
  #saved: SavedPoint | undefined;
  /** The save under way, and the one that all who ask meanwhile share. */
  #saving: Promise<SavedPoint> | undefined;
  #next: Promise<SavedPoint> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failing: Error | undefined;
  #closing: Promise<void> | undefined;

  /** `model` is the bytes of a model file, or what `readNetModel` made of them. */
  static async open(
    model: NetModel | Uint8Array,
    source: ExecutorSource,
    options: KeptSessionOptions = {},
  ): Promise<KeptSession> {
    const netModel = model instanceof Uint8Array ? readNetModel(model) : model;
    const { store, warn = () => {} } = options;
    const place = store === undefined ? undefined : new KeepingPlace(store, netModel, options);
    let session: Session | undefined;
    try {
      await place?.open();
      session = await openSession(netModel, source, options);
      const { warning } = session.executor.choice;
      if (warning !== undefined) warn(warning);
      if (place !== undefined) await expectStorable(session);
      const restored = await place?.restore(session);
      if (restored === undefined && options.from !== undefined) await goOnFrom(options.from, session, warn);
      const { from: _, ...lasting } = options;
      const reopen = () => openSession(netModel, source, { ...lasting, selfTest: false });
      return new KeptSession(session, reopen, netModel.digest, place, restored, options);
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
    place: KeepingPlace | undefined,
    restored: Restored | undefined,
    options: KeptSessionOptions,
  ) {
    this.#session = session;
    this.#reopen = reopen;
    this.digest = digest;
    this.restoredNotes = restored?.notes;
    this.#place = place;
    this.#failing = place?.problem;
    this.#notes = options.notes ?? (() => undefined);
    this.#warn = options.warn ?? (() => {});
    this.#policy = new CheckpointPolicy({ minimumIntervalSeconds: options.saveEverySeconds ?? DEFAULT_SAVE_SECONDS });
    if (place === undefined) this.#remembered = options.from;
    if (restored !== undefined) this.#saved = { sequence: restored.sequence, time: 0, readings: session.sequence };
  }

  /** The running net; a new one after each rest, and none in it. */
  get session(): Session {
    return this.#session!;
  }

  get #failed(): boolean {
    return this.#session?.failure !== undefined;
  }

  /** Whether it has taken in what its store does not have yet; never without a store. */
  get unsaved(): boolean {
    if (this.#place === undefined || this.#failed) return false;
    const isDirty = this.#quietSince !== undefined || this.#policy.millisecondsUntilDue() !== undefined;
    return isDirty || this.#saving !== undefined;
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
    this.#changedQuietly();
    const snapshot = await this.#snapshot(session);
    this.#resting = snapshot;
    this.#session = undefined;
    this.#onRested = onRested;
    this.#saveWhenDue();
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
    return this.#remembered;
  }

  /** The newest durable state; undefined where there is none. */
  get saved(): SavedPoint | undefined {
    return this.#saved;
  }

  /** Saves that failed since it was opened. */
  get failedSaves(): number {
    return this.#policy.failures;
  }

  /** Why what is learned is kept in memory only; undefined where it is saved, or there is no store. */
  get storeProblem(): string | undefined {
    return this.#failing?.message;
  }

  get bytesWritten(): number {
    return this.#place?.bytesWritten ?? 0;
  }

  async feed(reading: Reading): Promise<Outcome> {
    const outcome = await this.session.feed(reading);
    this.#reportOverflow();
    this.#reportNonFinite();
    this.#countReading(outcome);
    return outcome;
  }

  /** A reading is worth a save where the net learns from readings, and not where only labels teach it. */
  #countReading({ learned, warmUp }: Outcome): void {
    const now = performance.now();
    const isQuiet = this.session.onlyTaught && !learned && warmUp.done >= warmUp.of;
    if (isQuiet) this.#quietSince ??= now;
    if (!isQuiet || now - this.#quietSince! >= QUIET_SAVE_MS) this.#changed();
  }

  /** What only readings have changed, too, is to be saved before the net is closed. */
  #changedQuietly(): void {
    if (this.#quietSince !== undefined) this.#policy.changed();
  }

  /** Once, at the first; how often it has happened is in the status. */
  #reportOverflow(): void {
    const { saturatedHigh, saturatedLow, clippedInputs } = this.session.overflow;
    if (this.#overflowReported || saturatedHigh + saturatedLow + clippedInputs === 0) return;
    this.#overflowReported = true;
    this.#warn(
      `${clippedInputs} input values and ${saturatedHigh + saturatedLow} membranes did not fit their number format and were cut to its end; ` +
        'if this goes on, results suffer: quantise with data like these, or with more headroom',
    );
  }

  #reportNonFinite(): void {
    const { nonFinite } = this.session;
    if (this.#nonFiniteReported || nonFinite === undefined) return;
    this.#nonFiniteReported = true;
    this.#warn(describeNonFinite(nonFinite));
  }

  /** A lesson is saved at once, with all that come within a moment. */
  async teach(lesson: Lesson): Promise<LessonReceipt> {
    const outcome = await this.session.teach(lesson);
    if (outcome === 'applied') {
      this.#lessons.learn();
      this.#changed();
    }
    const isLearned = outcome === 'applied' || outcome === 'repeated';
    return { outcome, saved: isLearned && this.#place !== undefined ? this.#lessons.done() : Promise.resolve(false) };
  }

  /** What a person has asked for is worth a save of its own. */
  async setLearning(on: boolean): Promise<void> {
    await this.session.setLearning(on);
    this.#changedByPerson();
  }

  async reset(): Promise<void> {
    await this.session.reset();
    this.#changedByPerson();
  }

  /** Undoes the last label; false where there is none to take back. */
  async takeBack(): Promise<boolean> {
    const taken = await this.session.takeBack();
    if (taken) this.#changedByPerson();
    return taken;
  }

  /** What it was taught becomes the base that it is compared with and can go back to; false where that is nothing. */
  async settle(): Promise<boolean> {
    const settled = await this.session.settle();
    if (settled) this.#changedByPerson();
    return settled;
  }

  async returnToBase(): Promise<void> {
    await this.session.returnToBase();
    this.#changedByPerson();
  }

  /** "That was normal"; undefined where nothing that is remembered was flagged there. */
  acceptNormal(named: NamedReading = {}): AcceptedStretch | undefined {
    const accepted = this.session.monitors.accept(named);
    if (accepted !== undefined) this.#changedByPerson();
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
    this.#changedByPerson();
    return watch;
  }

  #changedByPerson(): void {
    this.#policy.changed();
    this.#policy.flush();
    this.#urgency = 'command';
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#saveWhenDue();
  }

  #changed(): void {
    this.#policy.changed();
    this.#saveWhenDue();
  }

  /** Saves when the policy says so, without making the stream wait, also when no further reading comes. */
  #saveWhenDue(): void {
    if (this.#failed || this.#closing !== undefined || this.#timer !== undefined) return;
    const due = this.#policy.millisecondsUntilDue();
    if (due === undefined) return;
    const wait = Math.min(LONGEST_TIMER, this.#failing !== undefined ? Math.max(due, RETRY_MS) : due);
    if (wait === 0) this.#saveInBackground();
    else this.#timer = setTimeout(() => this.#onTimer(), wait).unref();
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#policy.isDue()) this.#saveInBackground();
    else this.#saveWhenDue();
  }

  #saveInBackground(): void {
    if (this.#place === undefined) void this.#remember();
    else void this.#save('routine').catch(() => {}); // said and counted where it was written
  }

  /** Without a store: keeps a copy of the state, for the case that the executor is lost. */
  async #remember(): Promise<void> {
    this.#policy.begin();
    try {
      this.#remembered = (await this.#snapshot(this.session)).state;
      this.#policy.succeeded();
    } catch {
      this.#policy.failed(); // why is known where the executor failed
    }
    this.#saveWhenDue();
  }

  /** Saves now; resolves when it is durable. Those who ask while a save is under way share the one after it. */
  async save(): Promise<SavedPoint> {
    return this.#save('command');
  }

  async #save(urgency: Urgency): Promise<SavedPoint> {
    this.#urgency = moreUrgent(this.#urgency, urgency);
    const place = this.#place;
    if (place === undefined) throw new SpikewireError('store', 'save', 'this net has no store', '--store <folder>');
    if (this.#saving === undefined) return this.#begin(place);
    this.#next ??= this.#saving.then(
      () => this.#begin(place),
      () => this.#begin(place),
    );
    return this.#next;
  }

  #begin(place: KeepingPlace): Promise<SavedPoint> {
    this.#next = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const saving = this.#write(place).finally(() => {
      if (this.#saving === saving) this.#saving = undefined;
      this.#saveWhenDue();
      if (this.#resting !== undefined && !this.unsaved) this.#onRested();
    });
    this.#saving = saving;
    return saving;
  }

  async #write(place: KeepingPlace): Promise<SavedPoint> {
    const lessons = this.#lessons.learned;
    const urgency = this.#urgency;
    this.#urgency = 'routine';
    this.#policy.begin();
    this.#quietSince = undefined;
    try {
      const store = await place.openAgain(this.#session);
      const { state, readings } = this.#resting ?? (await this.#snapshot(this.session));
      const sequence = await store.save(state, { urgency });
      this.#policy.succeeded();
      this.#lessons.saved(lessons);
      this.#saved = { sequence, time: Date.now(), readings };
      if (this.#failing !== undefined)
        this.#warn(`store ${store.directory}: saves again, after ${this.failedSaves} failed`);
      this.#failing = undefined;
      return this.#saved;
    } catch (failure) {
      if (!(failure instanceof HeldBackError)) this.#fail(failure as Error);
      else {
        this.#urgency = moreUrgent(this.#urgency, urgency);
        this.#policy.heldBack(failure.milliseconds);
      }
      throw failure;
    }
  }

  async #snapshot(session: Session): Promise<Snapshot> {
    let readings = 0;
    const state = await session.save(() => {
      readings = session.sequence;
      return this.#notes() ?? this.restoredNotes ?? '';
    });
    return { state, readings };
  }

  #fail(failure: Error): void {
    this.#policy.failed();
    if (this.#failing === undefined && !this.#failed) this.#warn(`${failure.message}; the stream goes on`);
    this.#failing = failure;
  }

  /** Saves what is not saved yet and gives store and net free. A failed session has nothing to save. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await (this.#next ?? this.#saving)?.catch(() => {});
    try {
      this.#changedQuietly();
      const unsaved = this.#policy.millisecondsUntilDue() !== undefined;
      if (this.#place !== undefined && unsaved && !this.#failed) await this.#save('shutdown');
    } finally {
      await this.#session?.close().catch(() => {}); // a dead executor is as good as a closed one
      await this.#place?.close();
    }
  }
}

interface Snapshot {
  readonly state: Uint8Array;
  /** Readings that it knows of. */
  readonly readings: number;
}

async function goOnFrom(state: Uint8Array, session: Session, warn: (line: string) => void): Promise<void> {
  try {
    const { learnedOnly } = await session.restore(state);
    if (learnedOnly !== undefined) warn(describeLearnedOnly('net', learnedOnly));
  } catch (failure) {
    if (!isMisfit(failure, session)) throw failure;
    warn(`net: cannot go on from its last state: ${failure.message}`);
  }
}

async function openSession(
  { bytes, model, meaning }: NetModel,
  source: ExecutorSource,
  options: KeptSessionOptions,
): Promise<Session> {
  const { seed, listener, lessonsPerDay, warmUp, monitorSettings, clock, learning = true, selfTest = false } = options;
  const seeded = seed === undefined ? {} : { seed };
  const executor = await source.open(bytes, { ...seeded, selfTest });
  try {
    const session = new Session(model, executor, {
      ...seeded,
      meaning,
      warmUp,
      monitorSettings,
      ...(clock === undefined ? {} : { clock }),
      ...(listener === undefined ? {} : { listener }),
      ...(lessonsPerDay === undefined ? {} : { lessonsPerDay }),
    });
    if (!learning) await session.setLearningUnlessAsked(false);
    return session;
  } catch (failure) {
    await executor.close().catch(() => {}); // the first failure is the one to report
    throw failure;
  }
}

/** Rejects with `budget` where a store could not keep the states of the net: better now than at each save. */
export async function expectStorable(session: Session): Promise<void> {
  if (STATE_PER_NET * session.executor.bytes <= MAXIMUM_STATE_BYTES) return;
  const { length } = await session.save();
  if (length <= MAXIMUM_STATE_BYTES) return;
  const problem = `has a state of ${length} bytes, more than a store keeps`;
  throw new SpikewireError('budget', 'net', problem, `at most ${MAXIMUM_STATE_BYTES}, or no store`);
}
