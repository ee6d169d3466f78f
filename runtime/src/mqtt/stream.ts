import { SpikewireError } from '@spikewire/models';
import { Audit } from '../desk/audit.ts';
import { type OrderRules, Orders, type StreamCommand } from '../desk/orders.ts';
import { RateLimit } from '../desk/rate-limit.ts';
import { formatOutcome } from '../desk/result-message.ts';
import type { KeptSession } from '../session/kept-session.ts';
import type { ErrorMonitor } from '../session/monitor.ts';
import type { NetPool } from '../session/net-pool.ts';
import { parseReading, type Reading } from '../session/reading.ts';
import type { Outcome } from '../session/session.ts';
import { parseLesson } from '../session/teaching.ts';
import type { MqttLink } from './link.ts';
import type { MqttMessage } from './message.ts';
import { checkRoutes, commandsOf, keyOf, labelsOf, type Routes, topicFor } from './routes.ts';

export interface StreamOptions extends OrderRules {
  readonly routes: Routes;
  /** Keys that may have a net. Default: each that has had a good reading. */
  readonly only?: ReadonlySet<string>;
  /** One line about something a person should know, and its kind: each has a limit of its own. */
  readonly warn?: (line: string, kind: string) => void;
  /** One line about a command or lesson that was carried out; those that were not are warnings. */
  readonly audit?: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** Since the stream began. */
export interface StreamCounters {
  /** Messages on the input topics, good and bad. */
  received: number;
  /**
   * Messages that were no reading, lesson or command, or not let in; answered on `<out>/error`, as often as that may
   * be.
   */
  bad: number;
  /** Messages for a key that may not have a net, which nobody answers. */
  unlisted: number;
  /** Lessons and commands that the broker had kept from before, which nobody carries out. */
  retained: number;
  published: number;
  lessons: number;
  forgottenLessons: number;
  commands: number;
}

/** What looks on: called after each reading, must not throw. */
export type Observer = (key: string, kept: KeptSession, outcome: Outcome) => void;

interface MonitorSettings {
  readonly sensitivity?: number;
  readonly holdOff?: number;
}

const LARGEST_SETTING = 1e9;
/** What a person may ask of one net: each but `status` is worth a save. */
const CHANGES = { burst: 10, interval: 6000 };
const QUESTIONS = { burst: 20, interval: 500 };

/** What was wrong with messages, told to those who send them. */
const ANSWERS = { burst: 100, interval: 100 };

type Handler = (key: string, message: MqttMessage) => Promise<void>;

/**
 * MQTT in, MQTT out (docs/semantics.md §8): readings on `in`, lessons on `<in>/label`, commands on `<in>/command`;
 * results on `out`, answers to commands on `<out>/status`, what was wrong with a message on `<out>/error`. A bad
 * message is counted and the stream goes on with the next; only a good reading makes a net. Whatever is published at
 * QoS 1 was acknowledged to the sender only afterwards.
 */
export class Stream {
  readonly pool: NetPool;
  readonly counters: StreamCounters = {
    received: 0,
    bad: 0,
    unlisted: 0,
    retained: 0,
    published: 0,
    lessons: 0,
    forgottenLessons: 0,
    commands: 0,
  };
  readonly routes: Routes;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #orders: Orders;
  readonly #changes: RateLimit;
  readonly #questions: RateLimit;
  readonly #audit: Audit;
  readonly #ignored: Audit;
  readonly #errors: Audit;
  readonly #now: () => number;
  readonly #observers = new Set<Observer>();
  /** Messages may come before the link that brings them is known here: results wait for it. */
  readonly #attached: Promise<MqttLink | undefined>;
  #attach: (link: MqttLink | undefined) => void = () => {};
  #link: MqttLink | undefined;

  constructor(pool: NetPool, options: StreamOptions) {
    const { routes, only, warn = () => {}, audit = () => {}, now = Date.now, clock } = options;
    checkRoutes(routes);
    this.pool = pool;
    this.routes = routes;
    this.#only = only;
    this.#orders = new Orders(options);
    this.#changes = new RateLimit(CHANGES, clock);
    this.#questions = new RateLimit(QUESTIONS, clock);
    this.#audit = new Audit(audit, clock);
    this.#ignored = new Audit(warn, clock);
    this.#errors = new Audit(() => {}, clock, ANSWERS);
    this.#now = now;
    this.#attached = new Promise((resolve) => {
      this.#attach = resolve;
    });
  }

  /** What the link must subscribe to. */
  get subscriptions() {
    const { in: input } = this.routes;
    return [
      this.#subscription(input, (key, { payload }) => this.#onReading(key, payload)),
      this.#subscription(
        labelsOf(input),
        this.#unlessRetained((key, message) => this.#onLesson(key, message)),
      ),
      this.#subscription(
        commandsOf(input),
        this.#unlessRetained((key, message) => this.#onCommand(key, message)),
      ),
    ];
  }

  #subscription(filter: string, handler: Handler) {
    return { filter, handler: (message: MqttMessage) => this.#handle(keyOf(filter, message.topic), message, handler) };
  }

  /** A retained order comes again with every start, long after it was meant. */
  #unlessRetained(handler: Handler): Handler {
    return async (key, message) => {
      if (!message.retain) return handler(key, message);
      this.counters.retained++;
      this.#ignored.say('retained', `${message.topic}: ignored, because it is retained`);
    };
  }

  /** Commands and lessons that the rules did not let in. */
  get refused(): number {
    return this.#orders.refused;
  }

  /** Messages that a full queue of the link refused. */
  get dropped(): number {
    const drops = this.#link?.counters.dropped;
    return drops === undefined ? 0 : Object.values(drops).reduce((sum, count) => sum + count, 0);
  }

  /** Where results go; undefined: nowhere, for streams that only observers listen to. */
  attach(link: MqttLink | undefined): void {
    this.#link = link;
    this.#attach(link);
  }

  /** Says what was left out of the log so far. */
  close(): void {
    this.#ignored.close();
    this.#audit.close();
  }

  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  async #handle(key: string, message: MqttMessage, handler: Handler): Promise<void> {
    this.counters.received++;
    if (this.#only?.has(key) === false) {
      this.counters.unlisted++;
      this.#ignored.say('unlisted', `${message.topic}: ignored, because "${key}" is not on the list of nets`);
      return;
    }
    try {
      await handler(key, message);
    } catch (problem) {
      await this.#refuse(key, message.topic, problem);
    }
  }

  async #refuse(key: string, topic: string, problem: unknown): Promise<void> {
    const line = `${topic}: ${problem instanceof Error ? problem.message : String(problem)}`;
    this.counters.bad++;
    this.#ignored.say('bad', line);
    const error = this.#errors.admit('bad', line);
    if (error !== undefined) await this.#publish(`${this.routes.out}/error`, key, { t: this.#now(), error });
    if (!(problem instanceof SpikewireError)) throw problem;
  }

  async #onReading(key: string, payload: Uint8Array): Promise<void> {
    const { model, channels } = this.pool.shape;
    const reading = parseReading(payload, model.channels, channels, this.#now());
    await this.pool.use(key, (kept) => this.#take(key, kept, reading));
  }

  /** Feeds a reading that did not come by MQTT, such as a sensor's. */
  async feed(key: string, reading: Reading): Promise<Outcome> {
    return this.pool.use(key, (kept) => this.#take(key, kept, reading));
  }

  async #take(key: string, kept: KeptSession, reading: Reading): Promise<Outcome> {
    const outcome = await kept.feed(reading);
    if (outcome.pending) return outcome;
    for (const observer of this.#observers) observer(key, kept, outcome);
    await this.#publish(this.routes.out, key, formatOutcome(this.pool.model, outcome));
    return outcome;
  }

  /** Where topics have no `+` there is one net, and it may be asked before its first reading. */
  async #expectNet(key: string): Promise<void> {
    if (this.routes.in.includes('+')) await this.pool.expectNet(key);
  }

  async #onLesson(key: string, message: MqttMessage): Promise<void> {
    const lesson = parseLesson(this.#orders.lesson(message), this.pool.shape.outputs);
    await this.#expectNet(key);
    const outcome = await this.pool.use(key, (kept) => kept.teach(lesson));
    this.counters.lessons++;
    if (outcome === 'forgotten') this.counters.forgottenLessons++;
    this.#audit.say('lesson', `${message.topic}: ${lesson.kind}: ${outcome}`);
  }

  async #onCommand(key: string, message: MqttMessage): Promise<void> {
    const command = this.#orders.command(message);
    const answer = await this.#command(key, command, message.topic);
    await this.#publish(`${this.routes.out}/status`, key, {
      t: this.#now(),
      command,
      answer,
      ...(await this.status(key)),
    });
  }

  /**
   * Does what a person asked for, by way of `from`, and answers in one line. Rejects where that is asked too often, or
   * of no net.
   */
  command(key: string, command: StreamCommand, from = `net "${key}"`): Promise<string> {
    return this.#sayingRefusal(`${from}: ${command}`, () => this.#command(key, command, from));
  }

  async #command(key: string, command: StreamCommand, from: string): Promise<string> {
    await this.#expectNet(key);
    this.#expectPatience(key, command);
    const answer = await this.pool.use(key, (kept) => carryOut(kept, command));
    this.counters.commands++;
    this.#audit.say(command, `${from}: ${command}: ${answer}`);
    return answer;
  }

  /** For what did not come by MQTT: who sent a message is answered, and that is said there. */
  async #sayingRefusal(asked: string, carryOut: () => Promise<string>): Promise<string> {
    try {
      return await carryOut();
    } catch (problem) {
      this.#ignored.say('refused', `${asked}: ${(problem as Error).message}`);
      throw problem;
    }
  }

  #expectPatience(key: string, command: StreamCommand | 'settings'): void {
    const [limit, { burst, interval }] = command === 'status' ? [this.#questions, QUESTIONS] : [this.#changes, CHANGES];
    if (limit.take(key)) return;
    const expected = `at most ${burst} at once, and then one in ${interval / 1000} s`;
    throw new SpikewireError('budget', 'command', `"${command}" came too often`, expected);
  }

  /** Sets the monitor of a net, as asked by way of `from`, and answers in one line. */
  configure(key: string, settings: MonitorSettings, from = `net "${key}"`): Promise<string> {
    return this.#sayingRefusal(`${from}: settings`, async () => {
      const answer = await this.#configure(key, settings);
      this.#audit.say('settings', `${from}: settings: ${answer}`);
      return answer;
    });
  }

  async #configure(key: string, settings: MonitorSettings): Promise<string> {
    checkSetting(
      'sensitivity',
      settings.sensitivity,
      'a number above 0',
      (value) => value > 0 && value <= LARGEST_SETTING,
    );
    checkSetting(
      'hold-off',
      settings.holdOff,
      'a whole number from 0',
      (value) => Number.isInteger(value) && value >= 0 && value <= LARGEST_SETTING,
    );
    await this.#expectNet(key);
    this.#expectPatience(key, 'settings');
    return this.pool.use(key, (kept) => {
      if (!kept.configure(settings)) return 'this net has no monitor to set';
      const { sensitivity, holdOff } = kept.session.monitor!;
      return `sensitivity ${sensitivity}, hold-off ${holdOff} readings`;
    });
  }

  /** The numbers of a net and of the stream. */
  status(key: string) {
    return this.pool.use(key, ({ session, saved, failedSaves, storeProblem }) => ({
      readings: session.sequence,
      learning: session.learning,
      ...(session.monitor && { monitor: shownMonitor(session.monitor) }),
      warmUp: session.warmUp,
      skippedSteps: session.skippedSteps,
      saved: saved === undefined ? null : { sequence: String(saved.sequence), readings: saved.readings },
      failedSaves,
      store: this.pool.hasStores ? { problem: storeProblem ?? null, ...this.pool.storeUse } : null,
      overflow: session.overflow,
      executor: session.executor.name,
      ...session.executor.choice,
      networkBytes: session.executor.bytes,
      nets: this.pool.counters,
      counters: { ...this.counters, refused: this.refused, dropped: this.dropped },
    }));
  }

  /**
   * Resolves when the broker has it. What the link could not deliver it has counted; it is no fault of the message
   * answered.
   */
  async #publish(filter: string, key: string, document: object): Promise<void> {
    const link = await this.#attached;
    if (link === undefined) return;
    const delivered = await link.publish(topicFor(filter, key), JSON.stringify(document)).then(
      () => true,
      () => false,
    );
    if (delivered) this.counters.published++;
  }
}

function shownMonitor({ sensitivity, holdOff, muted }: ErrorMonitor) {
  return { sensitivity, holdOff, muted };
}

function checkSetting(
  name: string,
  value: number | undefined,
  expected: string,
  fits: (value: number) => boolean,
): void {
  if (value !== undefined && !fits(value)) throw new SpikewireError('input', name, `is ${value}`, expected);
}

async function carryOut(kept: KeptSession, command: StreamCommand): Promise<string> {
  const { session } = kept;
  switch (command) {
    case 'save': {
      const { sequence, readings } = await kept.save();
      return `saved as sequence ${sequence} after ${readings} readings`;
    }
    case 'reset':
      await kept.reset();
      return 'forgot what it had learned; warming up again';
    case 'freeze':
      await kept.setLearning(false);
      return 'learning is off';
    case 'learn':
      await kept.setLearning(true);
      return 'learning is on';
    case 'normal':
      return kept.acceptLast() ? 'the last reading now counts as normal' : 'this net has no monitor';
    case 'status':
      return `${session.sequence} readings, learning ${session.learning ? 'on' : 'off'}`;
  }
}
