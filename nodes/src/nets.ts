import { SpikewireError } from 'spikewire';
import { type AlarmObserver, type CommandName, Desk } from 'spikewire/desk';
import { type ExecutorSource, executorSourceOf } from 'spikewire/executor';
import { type KeptSession, NetPool, type NetShape, type Reading, ReadingReader } from 'spikewire/session';
import { modelBytes } from './model-bytes.ts';
import type { Work } from './request.ts';
import { LIMIT_NAMES, type NetSettings } from './settings.ts';
import { Turns } from './turns.ts';

/** The key of a flow's only net. */
const FLOW = 'flow';
/** Messages that wait for their net, in all; at 1,000 per second, four seconds of them. */
const WAITING = 4096;
/** A model that could not be opened is tried again with the first message after this time. */
const RETRY_MS = 1000;
/** Node-RED gives a node 15 s to close: messages that wait may take this much of it, the rest is for saving. */
const DRAIN_MS = 8000;

/**
 * The nets of one node: its model, its inference thread, its stores. A model that cannot be opened is
 * tried again with later messages, so that copying the file to its place is enough.
 */
export class Nets {
  readonly settings: NetSettings;
  #source: ExecutorSource | undefined;
  readonly #warn: (line: string) => void;
  readonly #clock: () => number;
  readonly #turns = new Turns(WAITING);
  /** Nets whose monitor has been set as the settings say. */
  readonly #configured = new WeakSet<KeptSession>();
  readonly #alarmObservers = new Set<AlarmObserver>();
  #opened: Promise<Desk> | undefined;
  /** That of the model that was opened. */
  #reader: ReadingReader | undefined;
  #channels: readonly string[] = [];
  #retryAt = Number.POSITIVE_INFINITY;

  /** @param options `warn` gets one line about something a person should know; `clock` monotonic milliseconds */
  constructor(settings: NetSettings, options: { warn: (line: string) => void; clock?: () => number }) {
    this.settings = settings;
    this.#warn = options.warn;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Calls the observer at each alarm that is given because no reading comes, until the returned function is called. */
  observeAlarms(observer: AlarmObserver): () => void {
    this.#alarmObservers.add(observer);
    return () => this.#alarmObservers.delete(observer);
  }

  /** The topic of a net's messages; undefined where a flow has one net for all. */
  topicOf(key: string): string | undefined {
    return this.settings.per === 'flow' ? undefined : key;
  }

  /** Reads the model, unless that was done. Rejects with what is wrong with it, for a while without looking again. */
  async open(): Promise<void> {
    await this.#open();
  }

  #open(): Promise<Desk> {
    if (this.#opened === undefined || this.#clock() >= this.#retryAt) this.#opened = this.#read();
    return this.#opened;
  }

  async #read(): Promise<Desk> {
    this.#retryAt = Number.POSITIVE_INFINITY;
    try {
      const bytes = await modelBytes(this.settings.model);
      this.#source ??= await executorSourceOf(this.settings.device, { warn: this.#warn });
      const pool = this.#newPool(bytes, this.#source);
      await this.#start(pool);
      this.#reader = new ReadingReader(pool.model, pool.shape.channels, this.settings.form);
      this.#channels = pool.model.channels.map(({ name }) => name);
      const desk = new Desk(pool, { single: this.settings.per === 'flow' });
      desk.observeAlarms((...alarm) => {
        for (const observer of this.#alarmObservers) observer(...alarm);
      });
      return desk;
    } catch (failure) {
      this.#retryAt = this.#clock() + RETRY_MS;
      throw failure;
    }
  }

  #newPool(bytes: Uint8Array, source: ExecutorSource): NetPool {
    const { directory, capacity, learning, saveEverySeconds, storeLimits, onNewModel } = this.settings;
    const { monitorSettings, warmUp } = this.settings;
    try {
      return new NetPool(bytes, source, {
        ...{ directory, capacity, learning, saveEverySeconds, storeLimits, onNewModel, warmUp },
        ...(monitorSettings === undefined ? {} : { monitorSettings }),
        limitNames: LIMIT_NAMES,
        warn: this.#warn,
      });
    } catch (cause) {
      throw this.#inModel(cause);
    }
  }

  /** Takes the stores, unless another process has them, and tests the model. */
  async #start(pool: NetPool): Promise<void> {
    try {
      await pool.takeStores();
      await this.#selfTest(pool);
    } catch (failure) {
      await pool.close().catch(() => {}); // the first failure is the one to report
      throw failure;
    }
  }

  /** Refuses a model that this machine computes wrongly before the first message comes. */
  async #selfTest(pool: NetPool): Promise<void> {
    if (pool.model.selfTests.length === 0) return;
    try {
      if (this.settings.per === 'flow') await pool.use(FLOW, () => {});
      else await pool.tryOut();
    } catch (cause) {
      throw this.#inModel(cause);
    }
  }

  /** What is wrong with the model, with its file in front; anything else as it is. */
  #inModel(cause: unknown): unknown {
    const { model } = this.settings;
    if (!(cause instanceof SpikewireError) || cause.code === 'store' || model.kind !== 'file') return cause;
    return new SpikewireError(cause.code, `model ${model.path}`, cause.message, undefined, cause);
  }

  /** The net that a message is for. Throws `input` where that cannot be told, or may not have a net. */
  keyOf(topic: unknown): string {
    const { per, only } = this.settings;
    if (per === 'flow') return FLOW;
    if (typeof topic !== 'string' || topic === '')
      throw new SpikewireError('input', 'msg.topic', `is ${JSON.stringify(topic)}`, 'a text, for one net per topic');
    if (only?.has(topic) !== false) return topic;
    throw new SpikewireError('input', 'msg.topic', `is ${JSON.stringify(topic)}`, 'one on the list of nets');
  }

  /**
   * Reads what is asked of a net, and does it at the desk when it is the net's turn. Rejects as these do, or with why
   * there is no net; only a reading that can be read makes one. Undefined where nothing is asked.
   */
  use<T>(
    key: string,
    read: (net: NetShape, reading: (payload: Uint8Array) => Reading | undefined) => Promise<Work | undefined>,
    task: (desk: Desk, work: Work) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#turns.run(key, async () => {
      const desk = await this.#open();
      const work = await read(desk.pool.shape, (payload) => this.#reader!.read(key, payload, Date.now()));
      if (work === undefined) return undefined;
      if (work.reading === undefined && key !== FLOW) await desk.pool.expectNet(key);
      await desk.pool.use(key, (kept) => this.#configure(kept));
      return task(desk, work);
    });
  }

  /** Does something at the desk about a net that there is, after the messages that came before. */
  async ask<T>(key: string, task: (desk: Desk) => Promise<T>): Promise<T> {
    const nothing = { reading: undefined, lesson: undefined };
    return (await this.use(key, async () => nothing, task))!;
  }

  /** What the settings say holds over what a person has set; where it is the same already, nothing is saved anew. */
  #configure(kept: KeptSession): void {
    const [monitor] = kept.session.monitors.watches;
    if (monitor === undefined || this.#configured.has(kept)) return;
    this.#configured.add(kept);
    for (const name of ['sensitivity', 'holdOff', 'inRow'] as const) {
      const value = this.settings[name];
      if (value !== undefined && value !== monitor[name]) kept.configure({ [name]: value });
    }
  }

  /** Does what a person asked for, after the messages that came before; gives the answer and the figures of the net. */
  command(key: string, command: CommandName) {
    return this.#turns.run(key, async () => {
      const desk = await this.#open();
      const answer = await desk.command(key, command);
      const figures = await desk.status(key);
      const { refused } = this.#turns;
      return { answer, figures: { ...figures, ...this.#reader!.counters, waiting: this.#turns.pending - 1, refused } };
    });
  }

  /** Names of the model's channels; none before it was opened. */
  get channels(): readonly string[] {
    return this.#channels;
  }

  /** What the editor shows. Rejects with why there is no model. */
  async describe() {
    const { pool } = await this.#open();
    const { channels, labels, monitors = [] } = pool.model;
    return {
      channels: channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`)),
      labels,
      monitored: monitors.length > 0,
      nets: pool.counters,
      waiting: this.#turns.pending,
      refused: this.#turns.refused,
    };
  }

  /** Finishes what waits, saves what was learned, and ends the thread. */
  async close(): Promise<void> {
    await this.#turns.close(DRAIN_MS);
    try {
      const opened = await this.#opened?.catch(() => undefined);
      opened?.close();
      await opened?.pool.close();
    } finally {
      await this.#source?.close();
    }
  }
}
