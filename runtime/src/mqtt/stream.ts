import { type Model, SpikewireError } from '@spikewire/models';
import type { AccessRules } from '../desk/access.ts';
import { Audit } from '../desk/audit.ts';
import { Desk } from '../desk/desk.ts';
import { formatAlarm, formatLesson, formatOutcome, isTold } from '../desk/result-message.ts';
import { UpdateMessages } from '../desk/update-messages.ts';
import type { Updates } from '../desk/updates.ts';
import { RateLimit } from '../rate-limit.ts';
import { joinedTopics, placesOf, type ReadingForm } from '../reading/form.ts';
import { type ReaderCounters, ReadingReader } from '../reading/reader.ts';
import type { Reading } from '../reading/reading.ts';
import { forgottenAnswer } from '../session/answers.ts';
import type { LessonReceipt } from '../session/kept/kept-session.ts';
import { expectShortName } from '../session/net-name.ts';
import type { Outcome } from '../session/outcome.ts';
import type { NetPool } from '../session/pool/net-pool.ts';
import { type Lesson, parseLesson } from '../session/teaching.ts';
import type { MqttLink, Subscription } from './link/link.ts';
import type { MqttMessage, MqttProperties } from './link/message.ts';
import { Orders } from './orders.ts';
import { type Announcing, RetainedMessages, statusTopicOf } from './retained-messages.ts';
import {
  checkRoutes,
  commandsOf,
  keyOf,
  labelsOf,
  type RouteNames,
  type Routes,
  topicFor,
  updateTopicOf,
} from './routes.ts';

interface SpikeCounters {
  readonly sent: number;
  readonly lost: number;
}

export interface StreamOptions extends AccessRules {
  readonly routes: Routes;
  /** What the topics are called where they are set. Default: the flags of `run`. */
  readonly routeNames?: RouteNames;
  /** How messages say readings. Default: the channels by their names. */
  readonly form?: ReadingForm;
  /** How readings are asked for; see `Subscription`. Default 1. */
  readonly qos?: 0 | 1;
  /** Whether the broker keeps the last result of each net for later subscribers. */
  readonly retainResults?: boolean;
  /**
   * Tells others of nets, by a retained message each. They find the state of a net in its last status, which is
   * retained then and comes whenever learning was switched. See `RetainedMessages`.
   */
  readonly announcing?: Announcing;
  /** Keys that may have a net. Default: each that has had a good reading. */
  readonly only?: ReadonlySet<string>;
  /** One line about something a person should know, and its kind: each has a limit of its own. */
  readonly warn?: (line: string, kind: string) => void;
  /** One line about a command or lesson that was carried out; those that were not are warnings. */
  readonly audit?: (line: string) => void;
  /** Of the models of this process, told on `<out>/update`. Default: it follows no repository. */
  readonly updates?: Updates | undefined;
  /** Messages that the broker says it has dropped, those of other clients too; undefined where it does not tell. */
  readonly brokerDropped?: () => number | undefined;
  /** What has become of the samples of a sensor of this machine, once it is open. */
  readonly sensor?: () => object | undefined;
  /** What has become of the spikes of a node that go elsewhere. */
  readonly spikes?: () => SpikeCounters | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** Since the stream began. */
export interface MessageCounters {
  /** Messages on the input topics, good and bad. */
  received: number;
  /**
   * Messages that were no reading, lesson or command, or not let in; answered on `<out>/error`, as often as that may
   * be.
   */
  bad: number;
  /** Messages for a key that may not have a net, which nobody answers. */
  unlisted: number;
  /**
   * Lessons and commands that the broker had kept from before, which nobody carries out, and readings for nets that
   * have had one.
   */
  retained: number;
  published: number;
}

/** What was wrong with messages, and what came of lessons, told to those who send them. */
const ANSWERS = { burst: 100, interval: 100 };

/** Nets whose lost readings are counted each by itself take so much: the characters of each key, and its entry. */
const MOST_COUNTED = 2 ** 20;
const ENTRY = 64;

type Handler = (key: string, message: MqttMessage) => Promise<void>;

/**
 * MQTT in, MQTT out (docs/semantics.md §8): readings on `in`, lessons on `<in>/label`, commands on `<in>/command`;
 * results on `out`, answers to commands on `<out>/status`, to lessons on `<out>/lesson`, what was wrong with a message
 * on `<out>/error`. A bad message is counted and the stream goes on with the next; only a good reading makes a net.
 * Whatever is published at QoS 1 was acknowledged to the sender only afterwards.
 */
export class Stream {
  readonly desk: Desk;
  readonly routes: Routes;
  readonly #messages: MessageCounters = { received: 0, bad: 0, unlisted: 0, retained: 0, published: 0 };
  readonly #only: ReadonlySet<string> | undefined;
  readonly #form: ReadingForm;
  readonly #qos: 0 | 1;
  /** Readings that were lost before their net had them, by its key. */
  readonly #lost = new Map<string, number>();
  #counted = 0;
  readonly #retained: RetainedMessages;
  readonly #updates: UpdateMessages | undefined;
  readonly #brokerDropped: StreamOptions['brokerDropped'];
  readonly #sensor: StreamOptions['sensor'];
  readonly #spikes: StreamOptions['spikes'];
  /**
   * Made for the first message, because a model that cannot run says so when it is tried, and anew for a model with
   * other channels.
   */
  #reader: ReadingReader | undefined;
  readonly #read: ReaderCounters = { ignoredKeys: 0, skipped: 0, held: 0 };
  /** Topics below the input that are joined. */
  readonly #joined: readonly string[] | undefined;
  readonly #orders: Orders;
  readonly #ignored: Audit;
  readonly #errors: Audit;
  readonly #lessonAnswers: RateLimit;
  /** Lessons since the last that was answered. */
  #unanswered = 0;
  readonly #now: () => number;
  /** Messages may come before the link that brings them is known here: results wait for it. */
  readonly #attached: Promise<MqttLink | undefined>;
  #attach: (link: MqttLink | undefined) => void = () => {};
  #link: MqttLink | undefined;

  constructor(pool: NetPool, options: StreamOptions) {
    const { routes, only, form = {}, qos = 1, retainResults = false, warn = () => {}, now = Date.now, clock } = options;
    this.#joined = form.joinWithin === undefined ? undefined : joinedTopics(pool.model, form);
    placesOf(pool.model, form);
    checkRoutes(routes, this.#joined, options.routeNames);
    this.#form = form;
    this.#qos = qos;
    this.#brokerDropped = options.brokerDropped;
    this.#sensor = options.sensor;
    this.#spikes = options.spikes;
    this.desk = new Desk(pool, { ...options, single: !routes.in.includes('+') });
    this.routes = routes;
    this.#only = only;
    this.#orders = new Orders(this.desk.access);
    this.#ignored = new Audit(warn, clock);
    this.#errors = new Audit(() => {}, clock, ANSWERS);
    this.#lessonAnswers = new RateLimit(ANSWERS, clock);
    this.#now = now;
    this.#retained = new RetainedMessages(pool, {
      ...{ routes, retainResults, only, announcing: options.announcing },
      publish: (topic, text, properties) => this.#publishTo(topic, text, true, properties),
      tellStatus: async (key) => this.#publishStatus(key, await this.desk.status(key)),
      warn: (line) => this.#ignored.say('retained', line),
    });
    this.#updates = options.updates && this.#updateMessages(options.updates);
    this.desk.observe((key, kept) => void this.#retained.answered(key, kept).catch(() => {})); // said elsewhere
    pool.observeReplaced(() => {
      const { model, channels } = pool.shape;
      if (this.#reader?.suits(model, channels) === false) this.#reader = undefined;
    });
    this.#attached = new Promise((resolve) => {
      this.#attach = resolve;
    });
    this.desk.observeAlarms((key, sequence, verdicts) => {
      void this.#publish(
        routes.out,
        key,
        formatAlarm(this.#now(), sequence, verdicts),
        this.#retained.keepsResult(key),
      );
    });
  }

  #updateMessages(updates: Updates): UpdateMessages {
    const topic = updateTopicOf(this.routes);
    const publish = (document: object, retain: boolean) => this.#publishTo(topic, JSON.stringify(document), retain);
    return new UpdateMessages({ updates, publish, now: this.#now });
  }

  /**
   * Throws `usage` where messages cannot say the readings of another model: its channels are not where the form says,
   * or come by topics that nobody has subscribed to.
   */
  expectReadable(model: Model): void {
    placesOf(model, this.#form);
    if (this.#joined === undefined) return;
    const stranger = joinedTopics(model, this.#form).find((topic) => !this.#joined!.includes(topic));
    if (stranger === undefined) return;
    const expected = `some of ${this.#joined.join(', ')}, as at the start of the stream`;
    throw new SpikewireError('usage', 'channels', `are in the topic "${stranger}", which is not subscribed`, expected);
  }

  /** What the link must subscribe to. */
  get subscriptions(): Subscription[] {
    const { in: input } = this.routes;
    const readings = (this.#joined ?? [undefined]).map((topic) => {
      const filter = topic === undefined ? input : `${input}/${topic}`;
      const subscription = this.#subscription(filter, (key, message) => this.#onReading(key, message, topic));
      return { ...subscription, qos: this.#qos, onLost: (lost: string) => this.#countLost(keyOf(filter, lost)) };
    });
    return [
      ...readings,
      ...this.#retained.subscriptions,
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
    const handle = (message: MqttMessage, handler: Handler) =>
      this.#handle(keyOf(filter, message.topic), message, handler);
    return {
      filter,
      handler: (message: MqttMessage) => handle(message, handler),
      turns: {
        keyOf: (topic: string) => keyOf(filter, topic),
        isNewcomer: (key: string) => this.#only === undefined && this.desk.pool.isNewcomer(key),
        // Where no net has to give way to it, it has waited long enough.
        refuse: (message: MqttMessage) => handle(message, this.desk.pool.hasRoom ? handler : this.#refuseNewcomer),
      },
    };
  }

  readonly #refuseNewcomer: Handler = async (key) => {
    this.desk.pool.refused++;
    const problem = 'waited too long, because too many new topics arrived at the same time';
    throw new SpikewireError('budget', `net "${key}"`, problem, 'fewer, or --only with the names of the nets');
  };

  /** A retained order comes again with every start, long after it was meant. */
  #unlessRetained(handler: Handler): Handler {
    return async (key, message) => {
      if (!message.retain) return handler(key, message);
      this.#messages.retained++;
      this.#ignored.say('retained', `${message.topic}: ignored, because it is retained`);
    };
  }

  #countLost(key: string): void {
    const lost = this.#lost.get(key);
    const more = lost === undefined ? key.length + ENTRY : 0;
    if (this.#counted + more > MOST_COUNTED) return;
    this.#counted += more;
    this.#lost.set(key, (lost ?? 0) + 1);
  }

  /** Messages that a full queue of the link refused. */
  get #dropped(): number {
    const drops = this.#link?.counters.dropped;
    return drops === undefined ? 0 : Object.values(drops).reduce((sum, count) => sum + count, 0);
  }

  /** What has become of messages; `refused` are commands and lessons that the rules did not let in. */
  get counters() {
    const { refused } = this.desk.access;
    const broker = this.#brokerDropped && { brokerDropped: this.#brokerDropped() ?? null };
    const { sent, lost } = this.#spikes?.() ?? {};
    const spikes: { spikesSent?: number | undefined; spikesLost?: number | undefined } =
      sent === undefined ? {} : { spikesSent: sent, spikesLost: lost };
    return {
      ...this.#messages,
      ...this.#read,
      ...this.desk.counters,
      ...{ refused, dropped: this.#dropped },
      ...broker,
      ...spikes,
    };
  }

  /** Whether a topic may be repeated: none that has the secret in it. */
  isPrintable(topic: string): boolean {
    return !this.desk.access.isSecret(topic);
  }

  /** Where results go; undefined: nowhere, for streams that only observers listen to. */
  attach(link: MqttLink | undefined): void {
    this.#link = link;
    this.#attach(link);
  }

  /** Says what was left out of the log so far. */
  close(): void {
    this.#updates?.close();
    this.#ignored.close();
    this.desk.close();
  }

  async #handle(key: string, message: MqttMessage, handler: Handler): Promise<void> {
    this.#messages.received++;
    if (this.desk.access.isSecret(key)) {
      this.#messages.bad++;
      this.#ignored.say('bad', 'a topic: has the secret in its name; ignored');
      return;
    }
    if (this.#only?.has(key) === false) {
      this.#messages.unlisted++;
      this.#ignored.say('unlisted', `${message.topic}: ignored, because "${key}" is not on the list of nets`);
      return;
    }
    try {
      expectShortName(key);
      await handler(key, message);
    } catch (problem) {
      await this.#refuse(key, message.topic, problem);
    }
  }

  async #refuse(key: string, topic: string, problem: unknown): Promise<void> {
    const line = `${topic}: ${problem instanceof Error ? problem.message : String(problem)}`;
    this.#messages.bad++;
    this.#ignored.say('bad', line);
    await this.#answerError(key, line);
    if (!(problem instanceof SpikewireError)) throw problem;
  }

  async #answerError(key: string, line: string): Promise<void> {
    const error = this.#errors.admit('bad', line);
    if (error !== undefined) await this.#publish(`${this.routes.out}/error`, key, { t: this.#now(), error });
  }

  /** Whatever comes while a model is replaced is read as the next one wants it. */
  #onReading(key: string, { payload, retain }: MqttMessage, topic?: string): Promise<void> {
    const { pool } = this.desk;
    return pool.withOneModel(async () => {
      const { model, channels } = pool.shape;
      this.#reader ??= new ReadingReader(model, channels, this.#form, this.#read);
      const reading = this.#orders.reading(() => this.#reader!.read(key, payload, this.#now(), topic));
      if (reading === undefined) return;
      if (!retain) await this.#feed(key, reading);
      else await this.#feedRetained(key, reading);
    });
  }

  /** What the broker kept comes with every start: it counts where a net has had nothing yet. */
  async #feedRetained(key: string, reading: Reading): Promise<void> {
    const { model } = this.desk.pool;
    const outcome = await this.desk.feedFirst(key, reading);
    if (outcome === undefined) this.#messages.retained++;
    else await this.#publishOutcome(key, outcome, model);
  }

  /** Feeds a reading, which may have come by another way such as a sensor of this machine, and publishes the answer. */
  feed(key: string, reading: Reading): Promise<Outcome> {
    return this.desk.pool.withOneModel(() => this.#feed(key, reading));
  }

  async #feed(key: string, reading: Reading): Promise<Outcome> {
    const { model } = this.desk.pool;
    const outcome = await this.desk.feed(key, reading);
    await this.#publishOutcome(key, outcome, model);
    return outcome;
  }

  /** @param model whose net has given the answer */
  async #publishOutcome(key: string, outcome: Outcome, model: Model): Promise<void> {
    if (!isTold(outcome)) return;
    await this.#publish(this.routes.out, key, formatOutcome(model, outcome), this.#retained.keepsResult(key));
  }

  /** Counts a reading that a sensor of this machine could not take. */
  countBad(): void {
    this.#messages.bad++;
  }

  /** Announces all nets again, each with its next answer: a broker may have forgotten. */
  announceAgain(): void {
    this.#retained.announceAgain();
    this.#updates?.tellAgain();
  }

  #publishStatus(key: string, status: object): Promise<void> {
    const sensor = this.#sensor && { sensor: this.#sensor() ?? null };
    const document = { t: this.#now(), ...status, lost: this.#lost.get(key) ?? 0, counters: this.counters, ...sensor };
    return this.#publish(statusTopicOf(this.routes.out), key, document, this.#retained.keepsStatus(key));
  }

  async #onLesson(key: string, message: MqttMessage): Promise<void> {
    const { document, asker } = this.#orders.lesson(message);
    const lesson = parseLesson(document, this.desk.pool.shape.outputs);
    const receipt = await this.desk.teach(key, lesson, asker);
    if (receipt.outcome === 'forgotten') await this.#answerError(key, forgottenAnswer(message.topic).message);
    else void this.#answerLesson(key, lesson, receipt); // readings do not wait until it is saved
  }

  async #answerLesson(key: string, lesson: Lesson, { outcome, saved }: LessonReceipt): Promise<void> {
    const unanswered = this.#unanswered++;
    if (!this.#lessonAnswers.take('')) return;
    this.#unanswered = 0;
    const document = { ...formatLesson(lesson, outcome, await saved), ...(unanswered > 0 && { unanswered }) };
    await this.#publish(`${this.routes.out}/lesson`, key, { t: this.#now(), ...document });
  }

  async #onCommand(key: string, message: MqttMessage): Promise<void> {
    const { command, asker, about, update } = this.#orders.command(message);
    if (command === 'update') {
      const answer = await this.desk.update(update!, asker);
      await this.#updates!.answer({ command, action: update!.action, answer });
      return;
    }
    const answer = await this.desk.command(key, command, asker, about);
    const status = await this.desk.status(key);
    await this.#publishStatus(key, { command, answer, ...status });
  }

  #publish(filter: string, key: string, document: object, retain = false): Promise<void> {
    return this.#publishTo(topicFor(filter, key), JSON.stringify(document), retain);
  }

  /**
   * Resolves when the broker has it. What the link could not deliver it has counted; it is no fault of the message
   * answered.
   */
  async #publishTo(topic: string, text: string, retain: boolean, properties?: MqttProperties): Promise<void> {
    const link = await this.#attached;
    if (link === undefined) return;
    const delivered = await link.publish(topic, text, { retain, ...(properties && { properties }) }).then(
      () => true,
      () => false,
    );
    if (delivered) this.#messages.published++;
  }
}
