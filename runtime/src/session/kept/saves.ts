import { SpikewireError } from '@spikewire/models';
import { CheckpointPolicy, HeldBackError, moreUrgent, type Urgency } from '../../store/index.ts';
import type { Outcome } from '../outcome.ts';
import type { Session } from '../session.ts';
import { LessonSaves } from './lesson-saves.ts';
import type { SessionStore } from './session-store.ts';

/** The newest state that survives a power failure. */
export interface SavedPoint {
  /** Number of the save, over all processes. */
  readonly sequence: bigint;
  /** Milliseconds since 1970; 0 for one that an earlier process made. */
  readonly time: number;
  /** Readings that it knows of. */
  readonly readings: number;
}

export interface Snapshot {
  readonly state: Uint8Array;
  /** Readings that it knows of. */
  readonly readings: number;
}

/** A net as those see it who save it. */
export interface SavedNet {
  /** Where it runs; undefined while it rests. */
  readonly running: Session | undefined;
  /** Its state as it is now, or as it rests. */
  snapshot(): Promise<Snapshot>;
}

export interface SavesOptions {
  /** Where states are kept; undefined: a copy in memory. */
  readonly place: SessionStore | undefined;
  /** The newest durable state, and the copy in memory, to begin with. */
  readonly saved: SavedPoint | undefined;
  readonly remembered: Uint8Array | undefined;
  /** Least time between two saves. Default 60. */
  readonly everySeconds: number | undefined;
  readonly warn: (line: string) => void;
  /** Called after each save, whatever came of it. */
  readonly onDone: () => void;
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
 * The saves of one net, one after another and never in the way of its stream: as it learns, when a person has changed
 * it, within a second after a lesson, and at the end. A medium that fails is said once, counted, and tried again when
 * the next save is due.
 */
export class Saves {
  readonly #net: SavedNet;
  readonly #place: SessionStore | undefined;
  readonly #policy: CheckpointPolicy;
  readonly #warn: (line: string) => void;
  readonly #onDone: () => void;
  /** When readings came that nobody has learned from and that are not saved, in milliseconds of the process. */
  #quietSince: number | undefined;
  /** Of what the next save will have. */
  #urgency: Urgency = 'routine';
  readonly #lessons = new LessonSaves(() => this.#closing ?? this.save('lesson'));
  #remembered: Uint8Array | undefined;
  #saved: SavedPoint | undefined;
  /** The save under way, and the one that all who ask meanwhile share. */
  #saving: Promise<SavedPoint> | undefined;
  #next: Promise<SavedPoint> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failing: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(net: SavedNet, { place, saved, remembered, everySeconds, warn, onDone }: SavesOptions) {
    this.#net = net;
    this.#place = place;
    this.#failing = place?.problem;
    this.#saved = saved;
    this.#remembered = remembered;
    this.#policy = new CheckpointPolicy({ minimumIntervalSeconds: everySeconds ?? DEFAULT_SAVE_SECONDS });
    this.#warn = warn;
    this.#onDone = onDone;
  }

  get #failed(): boolean {
    return this.#net.running?.failure !== undefined;
  }

  /** Whether the net has taken in what its store does not have yet; never without a store. */
  get unsaved(): boolean {
    if (this.#place === undefined || this.#failed) return false;
    const isDirty = this.#quietSince !== undefined || this.#policy.millisecondsUntilDue() !== undefined;
    return isDirty || this.#saving !== undefined;
  }

  /** The last state that is kept in memory beside the net; undefined where there is a store, which has it. */
  get remembered(): Uint8Array | undefined {
    return this.#remembered;
  }

  /** The newest durable state; undefined where there is none. */
  get saved(): SavedPoint | undefined {
    return this.#saved;
  }

  get failures(): number {
    return this.#policy.failures;
  }

  /** Why what is learned is kept in memory only; undefined where it is saved, or there is no store. */
  get problem(): string | undefined {
    return this.#failing?.message;
  }

  /** Counts a reading: worth a save where the net learns from readings, and not where only labels teach it. */
  countReading({ learned, warmUp }: Outcome, onlyTaught: boolean): void {
    const now = performance.now();
    const isQuiet = onlyTaught && !learned && warmUp.done >= warmUp.of;
    if (isQuiet) this.#quietSince ??= now;
    if (!isQuiet || now - this.#quietSince! >= QUIET_SAVE_MS) this.#changed();
  }

  /** Counts a lesson that was learned: it is saved at once, with all that come within a moment. */
  countLesson(): void {
    this.#lessons.learn();
    this.#changed();
    void this.lessonsSaved(); // begins the save, whether or not anybody wants to know of it
  }

  /** Whether all lessons so far are durable, known after a save of them. False without a store. */
  lessonsSaved(): Promise<boolean> {
    return this.#place === undefined ? Promise.resolve(false) : this.#lessons.done();
  }

  /** Counts what a person has asked for: worth a save of its own. */
  countCommand(): void {
    this.#policy.changed();
    this.#policy.flush();
    this.#urgency = 'command';
    this.#stopTimer();
    this.saveWhenDue();
  }

  /** What only readings have changed, too, is to be saved before the net is closed. */
  countQuietReadings(): void {
    if (this.#quietSince !== undefined) this.#policy.changed();
  }

  #changed(): void {
    this.#policy.changed();
    this.saveWhenDue();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Saves when the policy says so, without making the stream wait, also when no further reading comes. */
  saveWhenDue(): void {
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
    else this.saveWhenDue();
  }

  #saveInBackground(): void {
    if (this.#place === undefined) void this.#remember();
    else void this.save('routine').catch(() => {}); // said and counted where it was written
  }

  /** Without a store: keeps a copy of the state, for the case that the executor is lost. */
  async #remember(): Promise<void> {
    this.#policy.begin();
    try {
      this.#remembered = (await this.#net.snapshot()).state;
      this.#policy.succeeded();
    } catch {
      this.#policy.failed(); // why is known where the executor failed
    }
    this.saveWhenDue();
  }

  /** Saves now; resolves when it is durable. Those who ask while a save is under way share the one after it. */
  async save(urgency: Urgency): Promise<SavedPoint> {
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

  #begin(place: SessionStore): Promise<SavedPoint> {
    this.#next = undefined;
    this.#stopTimer();
    const saving = this.#write(place).finally(() => {
      if (this.#saving === saving) this.#saving = undefined;
      this.saveWhenDue();
      this.#onDone();
    });
    this.#saving = saving;
    return saving;
  }

  async #write(place: SessionStore): Promise<SavedPoint> {
    const lessons = this.#lessons.learned;
    const urgency = this.#urgency;
    this.#urgency = 'routine';
    this.#policy.begin();
    this.#quietSince = undefined;
    try {
      const store = await place.openAgain(this.#net.running);
      const { state, readings } = await this.#net.snapshot();
      const sequence = await store.save(state, { urgency });
      this.#policy.succeeded();
      this.#lessons.saved(lessons);
      this.#saved = { sequence, time: Date.now(), readings };
      if (this.#failing !== undefined)
        this.#warn(`store ${store.directory}: saves again, after ${this.failures} failed`);
      this.#failing = undefined;
      return this.#saved;
    } catch (failure) {
      if (failure instanceof HeldBackError) this.#putOff(failure, urgency);
      else this.#fail(failure as Error);
      throw failure;
    }
  }

  #putOff({ milliseconds }: HeldBackError, urgency: Urgency): void {
    this.#urgency = moreUrgent(this.#urgency, urgency);
    this.#policy.heldBack(milliseconds);
  }

  #fail(failure: Error): void {
    this.#policy.failed();
    if (this.#failing === undefined && !this.#failed) this.#warn(`${failure.message}; the stream continues`);
    this.#failing = failure;
  }

  /** Saves what is not saved yet, and no more after that. A net whose executor failed has nothing to save. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await (this.#next ?? this.#saving)?.catch(() => {});
    this.countQuietReadings();
    const unsaved = this.#policy.millisecondsUntilDue() !== undefined;
    if (this.#place !== undefined && unsaved && !this.#failed) await this.save('shutdown');
  }
}
