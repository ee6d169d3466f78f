import { SpikewireError } from '@spikewire/models';
import type { KeptSession } from './kept-session.ts';
import type { MqttLink } from './mqtt-link.ts';
import type { MqttMessage } from './mqtt-message.ts';
import type { NetPool } from './net-pool.ts';
import { parseJson, parseReading, type Reading } from './reading.ts';
import { formatOutcome } from './result-message.ts';
import { checkRoutes, keyOf, type Routes, topicFor } from './routes.ts';
import type { Outcome } from './session.ts';
import { parseLesson } from './teaching.ts';

export interface StreamOptions {
  readonly routes: Routes;
  /** One line about something a person should know. */
  readonly warn?: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Since the stream began. */
export interface StreamCounters {
  /** Messages on the input topics, good and bad. */
  received: number;
  /** Messages that were no reading, lesson or command; each is answered on `<out>/error`. */
  bad: number;
  published: number;
  lessons: number;
  forgottenLessons: number;
}

/** What looks on: called after each reading, must not throw. */
export type Observer = (key: string, kept: KeptSession, outcome: Outcome) => void;

const COMMANDS = ['save', 'reset', 'freeze', 'learn', 'status', 'normal'] as const;
export type StreamCommand = (typeof COMMANDS)[number];

const LARGEST_SETTING = 1e9;
/** Bytes of a command that are looked at. */
const LONGEST_COMMAND = 64;

/**
 * MQTT in, MQTT out (docs/semantics.md §8): readings on `in`, lessons on `<in>/label`, commands on `<in>/command`; results on `out`,
 * answers to commands on `<out>/status`, what was wrong with a message on `<out>/error`. A bad message is counted and the
 * stream goes on with the next. Whatever is published at QoS 1 was acknowledged to the sender only afterwards.
 */
export class Stream {
  readonly pool: NetPool;
  readonly counters: StreamCounters = { received: 0, bad: 0, published: 0, lessons: 0, forgottenLessons: 0 };
  readonly routes: Routes;
  readonly #warn: (line: string) => void;
  readonly #now: () => number;
  readonly #observers = new Set<Observer>();
  /** Messages may come before the link that brings them is known here: results wait for it. */
  readonly #attached: Promise<MqttLink | undefined>;
  #attach: (link: MqttLink | undefined) => void = () => {};
  #link: MqttLink | undefined;

  constructor(pool: NetPool, { routes, warn = () => {}, now = Date.now }: StreamOptions) {
    checkRoutes(routes);
    this.pool = pool;
    this.routes = routes;
    this.#warn = warn;
    this.#now = now;
    this.#attached = new Promise((resolve) => {
      this.#attach = resolve;
    });
  }

  /** What the link must subscribe to. */
  get subscriptions() {
    const { in: input } = this.routes;
    return [
      { filter: input, handler: (message: MqttMessage) => this.#handle(input, message, this.#onReading) },
      {
        filter: `${input}/label`,
        handler: (message: MqttMessage) => this.#handle(`${input}/label`, message, this.#onLesson),
      },
      {
        filter: `${input}/command`,
        handler: (message: MqttMessage) => this.#handle(`${input}/command`, message, this.#onCommand),
      },
    ];
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

  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  async #handle(
    filter: string,
    message: MqttMessage,
    task: (key: string, payload: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const key = keyOf(filter, message.topic);
    this.counters.received++;
    try {
      await task.call(this, key, message.payload);
    } catch (problem) {
      await this.#refuse(key, message.topic, problem);
    }
  }

  async #refuse(key: string, topic: string, problem: unknown): Promise<void> {
    const line = `${topic}: ${problem instanceof Error ? problem.message : String(problem)}`;
    this.counters.bad++;
    this.#warn(line);
    await this.#publish(`${this.routes.out}/error`, key, { t: this.#now(), error: line });
    if (!(problem instanceof SpikewireError)) throw problem;
  }

  async #onReading(key: string, payload: Uint8Array): Promise<void> {
    const { channels } = this.pool.model;
    await this.pool.use(key, (kept) =>
      this.#take(key, kept, parseReading(payload, channels, kept.session.channels, this.#now())),
    );
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

  async #onLesson(key: string, payload: Uint8Array): Promise<void> {
    const lesson = parseJson(payload);
    const outcome = await this.pool.use(key, (kept) => kept.teach(parseLesson(lesson, kept.session.outputs)));
    this.counters.lessons++;
    if (outcome === 'forgotten') this.counters.forgottenLessons++;
  }

  async #onCommand(key: string, payload: Uint8Array): Promise<void> {
    const text = new TextDecoder().decode(payload.subarray(0, LONGEST_COMMAND)).trim();
    const command = text.startsWith('"') ? text.replaceAll('"', '') : text;
    if (!COMMANDS.includes(command as StreamCommand)) {
      throw new SpikewireError('input', 'command', `is "${String(command)}"`, COMMANDS.join(', '));
    }
    const answer = await this.command(key, command as StreamCommand);
    await this.#publish(`${this.routes.out}/status`, key, {
      t: this.#now(),
      command,
      answer,
      ...(await this.status(key)),
    });
  }

  /** Does what a person asked for and answers in one line. */
  command(key: string, command: StreamCommand): Promise<string> {
    return this.pool.use(key, (kept) => carryOut(kept, command));
  }

  /** Sets the monitor of a net and answers in one line. */
  async configure(
    key: string,
    settings: { readonly sensitivity?: number; readonly holdOff?: number },
  ): Promise<string> {
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
    return this.pool.use(key, (kept) => {
      if (!kept.configure(settings)) return 'this net has no monitor to set';
      const { sensitivity, holdOff } = kept.session.monitor!;
      return `sensitivity ${sensitivity}, hold-off ${holdOff} readings`;
    });
  }

  /** The numbers of a net and of the stream. */
  status(key: string) {
    return this.pool.use(key, ({ session, saved, failedSaves }) => ({
      readings: session.sequence,
      learning: session.learning,
      warmUp: session.warmUp,
      skippedSteps: session.skippedSteps,
      saved: saved === undefined ? null : { sequence: String(saved.sequence), readings: saved.readings },
      failedSaves,
      overflow: session.overflow,
      executor: session.executor.name,
      ...session.executor.choice,
      networkBytes: session.executor.bytes,
      nets: { open: this.pool.keys.length, evicted: this.pool.evicted, failed: this.pool.failed },
      counters: { ...this.counters, dropped: this.dropped },
    }));
  }

  /** Resolves when the broker has it. What the link could not deliver it has counted; it is no fault of the message answered. */
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
