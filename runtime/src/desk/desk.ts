import {
  type Model,
  monitorKindOf,
  type NamedReading,
  SpikewireError,
  type Verdict,
  type Watch,
} from '@spikewire/models';
import { RateLimit } from '../rate-limit.ts';
import type { Reading } from '../reading/reading.ts';
import type { KeptSession, LessonReceipt } from '../session/kept/kept-session.ts';
import type { LessonOutcome } from '../session/lessons.ts';
import type { Monitors } from '../session/monitors.ts';
import type { Outcome } from '../session/outcome.ts';
import type { NetPool } from '../session/pool/net-pool.ts';
import type { Session } from '../session/session.ts';
import type { Lesson } from '../session/teaching.ts';
import { Access, type AccessRules, ALL_ROLES, type Asker, type Order } from './access.ts';
import { Audit } from './audit.ts';
import { type CommandName, carryOut } from './command.ts';
import { isTold } from './result-message.ts';
import { checkSettings, type MonitorSettings } from './settings.ts';
import { UPDATE_ANSWERS, type UpdateOrder, type Updates } from './updates.ts';

/** The outcome of a lesson, in words for the log. */
const TOLD: Readonly<Record<LessonOutcome, string>> = {
  applied: 'learned',
  repeated: 'already known for this result',
  forgotten: 'refused: no result for it',
  frozen: 'not learned: learning is off',
};

export interface DeskOptions extends AccessRules {
  /**
   * Whether all is about one net, which may be asked before its first reading. Default false: a reading makes a net.
   */
  readonly single?: boolean;
  /** One line about something a person should know, and its kind: each has a limit of its own. */
  readonly warn?: (line: string, kind: string) => void;
  /** One line about a command or lesson that was carried out. */
  readonly audit?: (line: string) => void;
  /** Of the models of this process. Default: it follows no repository. */
  readonly updates?: Updates | undefined;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** Since the desk was opened. */
export interface DeskCounters {
  lessons: number;
  forgottenLessons: number;
  commands: number;
}

/** What looks on: called after each answer and each reading that is flagged, must not throw. */
export type Observer = (key: string, kept: KeptSession, outcome: Outcome) => void;

/** Told of a net that was changed by something other than a reading: a command, a setting, a lesson. */
export type ChangeObserver = (key: string, kept: KeptSession) => void;

/** Told of a lesson that a net has taken in, whatever came of it. */
export type LessonObserver = (key: string, lesson: Lesson, kept: KeptSession) => void;

/** Told of an alarm that is given because no reading comes; `sequence` is the number of the last one. */
export type AlarmObserver = (key: string, sequence: number, verdicts: readonly Verdict[]) => void;

/** Between two times at which monitors are told that no reading has come. */
const TICK_MS = 1000;

/** What a person may ask of one net: each but `status` is worth a save. */
const CHANGES = { burst: 10, interval: 6000 };
const QUESTIONS = { burst: 20, interval: 500 };

/**
 * What the nets of a pool can be asked, and all that can be asked of them, whoever asks: a broker's messages, a flow of
 * Node-RED, the page. `key` names the net. `asker` is who asks; without it, the owner of this process. What is refused
 * rejects with a `SpikewireError`, and has changed nothing.
 */
export class Desk {
  readonly pool: NetPool;
  readonly access: Access;
  readonly counters: DeskCounters = { lessons: 0, forgottenLessons: 0, commands: 0 };
  /** Since the desk was opened: readings that nets were given, and those of them that they have taken or refused. */
  readonly readings = { given: 0, done: 0 };
  readonly updates: Updates | undefined;
  readonly #single: boolean;
  readonly #changes: RateLimit;
  /** They are of no net: one limit for all who ask. */
  readonly #updateOrders: RateLimit;
  readonly #questions: RateLimit;
  readonly #audit: Audit;
  readonly #refusals: Audit;
  readonly #observers = new Set<Observer>();
  readonly #gatheringObservers = new Set<Observer>();
  readonly #alarmObservers = new Set<AlarmObserver>();
  readonly #changeObservers = new Set<ChangeObserver>();
  readonly #lessonObservers = new Set<LessonObserver>();
  #ticking: NodeJS.Timeout | undefined;
  readonly #stopObserving: () => void;
  /** Nets that are still busy since the last tick: during a long window ticks are not to pile up. */
  readonly #busy = new Set<string>();

  constructor(pool: NetPool, options: DeskOptions = {}) {
    const { single = false, warn = () => {}, audit = () => {}, clock } = options;
    this.pool = pool;
    this.access = new Access(options);
    this.updates = options.updates;
    this.#single = single;
    this.#changes = new RateLimit(CHANGES, clock);
    this.#updateOrders = new RateLimit(CHANGES, clock);
    this.#questions = new RateLimit(QUESTIONS, clock);
    this.#audit = new Audit(audit, clock);
    this.#refusals = new Audit(warn, clock);
    this.#startTicking();
    this.#stopObserving = pool.observeReplaced(() => this.#startTicking());
  }

  #startTicking(): void {
    clearInterval(this.#ticking);
    if (hasTicks(this.pool.model)) this.#ticking = setInterval(() => void this.tick(), TICK_MS).unref();
  }

  /** Gives a net a reading; the first makes the net. */
  feed(key: string, reading: Reading): Promise<Outcome> {
    return this.#give(key, (kept) => this.#feed(key, kept, reading));
  }

  /** Gives a net a reading unless it has had one. */
  feedFirst(key: string, reading: Reading): Promise<Outcome | undefined> {
    return this.#give(key, async (kept) => (kept.session.sequence > 0 ? undefined : this.#feed(key, kept, reading)));
  }

  async #give<T>(key: string, take: (kept: KeptSession) => Promise<T>): Promise<T> {
    this.readings.given++;
    try {
      return await this.pool.use(key, take);
    } finally {
      this.readings.done++;
    }
  }

  async #feed(key: string, kept: KeptSession, reading: Reading): Promise<Outcome> {
    const outcome = await kept.session.feed(reading);
    this.#sayNotes(key, outcome);
    for (const observer of isTold(outcome) ? this.#observers : this.#gatheringObservers) observer(key, kept, outcome);
    return outcome;
  }

  #sayNotes(key: string, { sequence, verdicts }: Outcome): void {
    for (const { note } of verdicts) {
      if (note !== undefined) this.#audit.say('note', `${nameOf(key)}: reading ${sequence}: ${note}`);
    }
  }

  /** Teaches a net about an answer that it gave. */
  async teach(key: string, lesson: Lesson, asker = ownerOf(key)): Promise<LessonReceipt> {
    this.access.expect(asker, 'teach');
    if (!this.#knows(key)) await this.pool.expectNet(key);
    const teach = async (kept: KeptSession) => {
      const receipt = await kept.teach(lesson);
      for (const observer of this.#lessonObservers) observer(key, lesson, kept);
      return receipt;
    };
    return this.#change(key, teach, ({ outcome }) => {
      this.counters.lessons++;
      if (outcome === 'forgotten') this.counters.forgottenLessons++;
      this.#audit.say('lesson', `${asker.from}: ${lesson.kind} ${TOLD[outcome]}`);
    });
  }

  /**
   * Does what a person asked for and answers in one line; `about` names the reading that "normal" means. Rejects where
   * that is asked too often, or of no net.
   */
  async command(key: string, command: CommandName, asker = ownerOf(key), about: NamedReading = {}): Promise<string> {
    this.access.expect(asker, command);
    if (!this.#knows(key)) await this.pool.expectNet(key);
    this.#expectPatience(key, command);
    return this.#change(
      key,
      (kept) => carryOut(command, kept, about),
      (answer) => {
        this.counters.commands++;
        this.#audit.say(command, `${asker.from}: ${command}: ${answer}`);
      },
    );
  }

  /** Sets a monitor of a net and answers in one line. */
  async configure(
    key: string,
    { monitor, learned, ...settings }: MonitorSettings,
    asker = ownerOf(key),
  ): Promise<string> {
    this.access.expect(asker, 'settings');
    checkSettings(settings);
    if (!this.#knows(key)) await this.pool.expectNet(key);
    this.#expectPatience(key, 'settings');
    const configure = (kept: KeptSession) => {
      const watch = kept.configure(settings, monitor, learned);
      if (watch === undefined) return `this net has no monitor ${monitor === undefined ? '' : `"${monitor}" `}to set`;
      const { sensitivity, holdOff, inRow } = watch;
      const set = `sensitivity ${sensitivity}, hold-off ${holdOff} readings, ${inRow} in a row`;
      const back = learned ? 'back to the learned limit: ' : '';
      return `${monitor === undefined ? '' : `${watch.title}: `}${back}${set}${watch.on ? '' : ', switched off'}`;
    };
    return this.#change(key, configure, (answer) => {
      this.#audit.say('settings', `${asker.from}: settings: ${answer}`);
    });
  }

  /** Does what a person asked for about the updates of this process, and answers in one line. */
  async update(order: UpdateOrder, asker = ownerOf('')): Promise<string> {
    this.access.expect(asker, 'update');
    if (this.updates === undefined)
      throw new SpikewireError('usage', 'update', 'this process follows no repository', 'run --update');
    this.#expectPatience('', 'update', this.#updateOrders);
    await this.updates.carryOut(order);
    const answer = UPDATE_ANSWERS[order.action];
    this.counters.commands++;
    this.#audit.say('update', `${asker.from}: update ${order.action}: ${answer}`);
    return answer;
  }

  /** Looks into a net without changing it. Rejects where that is asked too often, or of no net. */
  async look<T>(key: string, look: (kept: KeptSession) => Promise<T>, asker = ownerOf(key)): Promise<T> {
    this.access.expect(asker, 'look');
    if (!this.#knows(key)) await this.pool.expectNet(key);
    this.#expectPatience(key, 'status');
    return this.pool.use(key, look);
  }

  /** `say` is called before the net's next reading is told, which may wait already. */
  #change<T>(key: string, change: (kept: KeptSession) => T | Promise<T>, say: (answer: T) => void): Promise<T> {
    return this.pool.use(key, async (kept) => {
      const answer = await change(kept);
      for (const observer of this.#changeObservers) observer(key, kept);
      say(answer);
      return answer;
    });
  }

  /** The numbers of a net. */
  status(key: string) {
    return this.pool.use(key, ({ session, saved, failedSaves, storeProblem }) => ({
      readings: session.sequence,
      learning: session.learning,
      ...shownMonitors(session.monitors),
      warmUp: { ...session.warmUp, secondsLeft: session.warmUpSeconds ?? null },
      ...shownGathering(session),
      ...(session.taught === undefined ? {} : { taught: session.taught.figures }),
      skippedSteps: session.skippedSteps,
      saved: saved === undefined ? null : { sequence: String(saved.sequence), readings: saved.readings },
      failedSaves,
      store: this.pool.hasStores ? { problem: storeProblem ?? null, ...this.pool.storeUse } : null,
      overflow: session.overflow,
      executor: session.executor.name,
      ...session.executor.choice,
      networkBytes: session.bytes,
      nets: this.pool.counters,
    }));
  }

  /** Calls the observer after each answer and each reading that is flagged, until the returned function is called. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /**
   * Calls the observer after each reading that only adds to the next sample, until the returned function is called.
   * There may be thousands a second.
   */
  observeGathering(observer: Observer): () => void {
    this.#gatheringObservers.add(observer);
    return () => this.#gatheringObservers.delete(observer);
  }

  /** Calls the observer at each alarm without a reading, until the returned function is called. */
  observeAlarms(observer: AlarmObserver): () => void {
    this.#alarmObservers.add(observer);
    return () => this.#alarmObservers.delete(observer);
  }

  /** Calls the observer after each command, setting and lesson, until the returned function is called. */
  observeChanges(observer: ChangeObserver): () => void {
    this.#changeObservers.add(observer);
    return () => this.#changeObservers.delete(observer);
  }

  /** Calls the observer after each lesson that a net has not refused, until the returned function is called. */
  observeLessons(observer: LessonObserver): () => void {
    this.#lessonObservers.add(observer);
    return () => this.#lessonObservers.delete(observer);
  }

  /** Tells the monitors of all open nets that time passes. */
  async tick(): Promise<void> {
    const free = this.pool.keys.filter((key) => !this.#busy.has(key));
    await Promise.all(free.map((key) => this.#tick(key).catch(() => {}))); // said where the net is used
  }

  async #tick(key: string): Promise<void> {
    this.#busy.add(key);
    try {
      await this.pool.use(key, async ({ session }) => {
        const verdicts = await session.tick();
        if (!verdicts.some(({ alarm }) => alarm)) return;
        for (const observer of this.#alarmObservers) observer(key, session.sequence, verdicts);
      });
    } finally {
      this.#busy.delete(key);
    }
  }

  /** Carries out what a person asked for by a way that does not tell the log itself what was refused. */
  async sayingRefusal<T>(asked: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (problem) {
      this.#refusals.say('refused', `${asked}: ${(problem as Error).message}`);
      throw problem;
    }
  }

  /** Says what was left out of the log so far. */
  close(): void {
    this.#stopObserving();
    clearInterval(this.#ticking);
    this.#refusals.close();
    this.#audit.close();
  }

  /** Nobody waits where this is so: the reading behind a lesson must not overtake it. */
  #knows(key: string): boolean {
    return this.#single || this.pool.knows(key);
  }

  #expectPatience(key: string, command: Order, changes = this.#changes): void {
    const [limit, { burst, interval }] = command === 'status' ? [this.#questions, QUESTIONS] : [changes, CHANGES];
    if (limit.take(key)) return;
    const expected = `at most ${burst} at once, and then one in ${interval / 1000} s`;
    throw new SpikewireError('budget', 'command', `"${command}" came too often`, expected);
  }
}

function ownerOf(key: string): Asker {
  return { from: nameOf(key), roles: ALL_ROLES };
}

function nameOf(key: string): string {
  return `net "${key}"`;
}

function hasTicks({ monitors = [] }: Model): boolean {
  return monitors.some(({ type }) => monitorKindOf(type, 'monitor').ticks);
}

function shownGathering({ gathering }: Pick<Session, 'gathering'>) {
  return gathering === undefined ? {} : { gathering: { ...gathering, secondsLeft: gathering.secondsLeft ?? null } };
}

/** All by name, and the first one by itself. */
function shownMonitors({ watches }: Monitors) {
  const [first] = watches;
  if (first === undefined) return {};
  const shown = ({ sensitivity, holdOff, inRow, muted }: Watch) => ({ sensitivity, holdOff, inRow, muted });
  const named = watches.map((watch) => {
    const { flagged, on, accepts, limitReasons } = watch;
    return [watch.name, { ...shown(watch), flagged, on, raised: accepts, limitReasons }] as const;
  });
  return { monitor: shown(first), monitors: Object.fromEntries(named) };
}
