import { basename } from 'node:path';
import { describeValue, type NamedReading, SpikewireError } from 'spikewire';
import type { SocketRequest, UpdatableHost, UpdateStatus } from 'spikewire/agent';
import type { AlarmObserver, CommandName, Desk } from 'spikewire/desk';
import { type ExecutorSource, executorSourceOf } from 'spikewire/executor';
import { Host, type HostConfiguration, type HostedModel, type Surroundings } from 'spikewire/host';
import { expectShortName, type KeptSession, type NetShape, type Reading, ReadingReader } from 'spikewire/session';
import { modelBytes } from './model-bytes.ts';
import type { NetUpdates, UpdateObserver } from './net-updates.ts';
import type { Work } from './request.ts';
import { KEY_NAMES, type ModelSource, type NetSettings } from './settings.ts';
import { Turns } from './turns.ts';

/** The key of a flow's only net. */
const FLOW = 'flow';
/** Messages that wait for their net, in all; at 1,000 per second, four seconds of them. */
const WAITING = 4096;
/** The same of requests for another model: each may hold its bytes. */
const MODELS_WAITING = 16;
/** A model that could not be opened is tried again with the first message after this time. */
const RETRY_MS = 1000;
/** Node-RED gives a node 15 s to close: messages that wait may take this much of it, the rest is for saving. */
const DRAIN_MS = 8000;

type Replacement = Parameters<Host['replaceModel']>[1];

/** The nets of a model, once it has been read. */
interface Opened {
  readonly host: Host;
  readonly reader: ReadingReader;
  /** What messages have asked for and is under way. */
  readonly running: Set<Promise<unknown>>;
}

/**
 * The nets of one node: its model, its inference thread, its stores. A model that cannot be opened is tried again with
 * later messages, so that copying the file to its place is enough. Another model may follow while it runs.
 */
export class Nets {
  readonly settings: NetSettings;
  #source: ExecutorSource | undefined;
  readonly #warn: (line: string) => void;
  readonly #clock: () => number;
  readonly #turns = new Turns(WAITING);
  readonly #replacements = new Turns(MODELS_WAITING);
  /** Nets whose monitor has been set as the settings say. */
  readonly #configured = new WeakSet<KeptSession>();
  readonly #alarmObservers = new Set<AlarmObserver>();
  readonly #updateObservers = new Set<UpdateObserver>();
  /** Where they are wanted, from the first opening on. */
  #updates: Promise<NetUpdates> | undefined;
  #updating: NetUpdates | undefined;
  #model: ModelSource;
  #opened: Promise<Opened> | undefined;
  #channels: readonly string[] = [];
  /** The topic of readings for a flow's only net; null after it was said that there are others. */
  #topic: string | null | undefined;
  #retryAt = Number.POSITIVE_INFINITY;

  /** @param options `warn` gets one line about something a person should know; `clock` monotonic milliseconds */
  constructor(settings: NetSettings, options: { warn: (line: string) => void; clock?: () => number }) {
    this.settings = settings;
    this.#model = settings.model;
    this.#warn = options.warn;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Calls the observer at each alarm that is given because no reading comes, until the returned function is called. */
  observeAlarms(observer: AlarmObserver): () => void {
    this.#alarmObservers.add(observer);
    return () => this.#alarmObservers.delete(observer);
  }

  /**
   * Calls the observer with where updates stand, whenever something has happened, until the returned function is
   * called.
   */
  observeUpdates(observer: UpdateObserver): () => void {
    this.#updateObservers.add(observer);
    return () => this.#updateObservers.delete(observer);
  }

  /** Where updates stand; undefined before they begin, and where none are wanted. */
  get updateStatus(): UpdateStatus | undefined {
    return this.#updating?.status;
  }

  /** Does what a person asks about updates. Rejects with `usage` where that cannot be now. */
  async update(request: SocketRequest): Promise<UpdateStatus> {
    await this.open().catch(() => {}); // there may be no model yet
    if (this.#updating !== undefined) return this.#updating.carryOut(request);
    throw new SpikewireError('usage', 'update', 'is not ready', 'a running net, and a repository in its settings');
  }

  /** Says once that readings of several topics go to one net, which learns them as one sensor. */
  noteTopic(topic: unknown): void {
    if (this.settings.per !== 'flow' || this.#topic === null || typeof topic !== 'string' || topic === '') return;
    this.#topic ??= topic;
    if (this.#topic === topic) return;
    const both = `${describeValue(this.#topic)} and ${describeValue(topic)}`;
    this.#warn(
      `readings of ${both} go to one net, as if they came from one sensor; ` +
        'with One net per: msg.topic each has its own',
    );
    this.#topic = null;
  }

  /** The topic of a net's messages; undefined where a flow has one net for all. */
  topicOf(key: string): string | undefined {
    return this.settings.per === 'flow' ? undefined : key;
  }

  /** The bytes of the model that updates let run; undefined before it runs, and where none are wanted. */
  async updatedModel(): Promise<Uint8Array | undefined> {
    if (this.settings.updates === undefined) return undefined;
    return (await this.#opened?.catch(() => undefined))?.host.pool.bytes;
  }

  /** Reads the model, unless that was done. Rejects with what is wrong with it, for a while without looking again. */
  async open(): Promise<void> {
    await this.#open();
  }

  #open(): Promise<Opened> {
    if (this.#opened === undefined || this.#clock() >= this.#retryAt) this.#opened = this.#read(this.#model);
    return this.#opened;
  }

  async #read(model: ModelSource, known?: Uint8Array): Promise<Opened> {
    this.#retryAt = Number.POSITIVE_INFINITY;
    try {
      if (this.settings.updates !== undefined) return await this.#readUpdated(model);
      const host = await this.#openHost({ bytes: known ?? (await modelBytes(model)) }, model);
      return await this.#begin(host);
    } catch (failure) {
      this.#retryAt = this.#clock() + RETRY_MS;
      throw failure;
    }
  }

  /** Opens the base that updates say, and lets them follow each other. */
  async #readUpdated(model: ModelSource): Promise<Opened> {
    const updates = await this.#openUpdates(model);
    try {
      const { base } = updates;
      if (base === undefined) {
        const say = ({ message }: Error) => this.#warn(message);
        updates.awaitBase(() => {
          this.#retryAt = this.#clock();
          this.open().catch(say);
        }, say);
        throw new SpikewireError('file', 'model', 'is not downloaded yet', 'a repository with a model for this node');
      }
      const opened = await this.#begin(await this.#openHost(base, model, updates.surroundings));
      await updates.begin(this.#updatable(opened.host)).catch(async (failure) => {
        await opened.host.close().catch(() => {}); // the first failure is the one to report
        throw failure;
      });
      return opened;
    } catch (failure) {
      if (updates.base !== undefined) await this.#closeUpdates(); // the next try is another start
      throw failure;
    }
  }

  async #openUpdates(model: ModelSource): Promise<NetUpdates> {
    this.#updates ??= this.#newUpdates(model);
    this.#updating = await this.#updates.catch((failure) => {
      this.#updates = undefined;
      throw failure;
    });
    return this.#updating;
  }

  async #newUpdates(model: ModelSource): Promise<NetUpdates> {
    const settings = this.settings.updates!;
    const bytes = await modelBytes(model).catch((failure: SpikewireError) => {
      if ((failure.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
      throw failure;
    });
    const given = bytes && { bytes, name: model.kind === 'file' ? basename(model.path) : settings.model };
    const { NetUpdates } = await import('./net-updates.ts'); // most nodes do without
    return NetUpdates.open(settings, given, this.#warn, (status) => {
      for (const observer of this.#updateObservers) observer(status);
    });
  }

  async #closeUpdates(): Promise<void> {
    const updates = this.#updating;
    [this.#updates, this.#updating] = [undefined, undefined];
    await updates?.close();
  }

  /** A host whose messages wait while an update replaces its model. */
  #updatable(host: Host): UpdatableHost {
    return {
      pool: host.pool,
      watch: (models) => host.watch(models),
      replaceModel: (model, replacement) =>
        this.#replacements.run(FLOW, async () => this.#replaceIn((await this.#opened)!, model, replacement)),
    };
  }

  async #begin(host: Host): Promise<Opened> {
    try {
      const reader = this.#readerOf(host.pool.shape);
      this.#channels = namesOf(host);
      host.desk.observeAlarms((...alarm) => {
        for (const observer of this.#alarmObservers) observer(...alarm);
      });
      return { host, reader, running: new Set() };
    } catch (failure) {
      await host.close().catch(() => {}); // the first failure is the one to report
      throw failure;
    }
  }

  /**
   * Lets another model take the place of the one that runs, or reads that one anew, and says which it is. What was
   * learned is saved before, and `onNewModel` says what becomes of it. Rejects with what is wrong with the model, and
   * where too many wait; the former one goes on then.
   */
  async replaceModel(model?: ModelSource): Promise<string> {
    if (this.settings.updates !== undefined) {
      const expected = 'msg.topic "update", and an order in msg.payload';
      throw new SpikewireError('usage', 'model', 'comes from a repository', expected);
    }
    return this.#replacements.run(FLOW, () => this.#replaceModel(model ?? this.#model));
  }

  async #replaceModel(model: ModelSource): Promise<string> {
    const bytes = await modelBytes(model);
    const opened = await this.#opened?.catch(() => undefined);
    if (opened === undefined) await this.#openInstead(model, bytes);
    else await this.#replaceIn(opened, { bytes }).catch((cause) => Promise.reject(inModel(model, cause)));
    this.#model = model;
    return `runs the model for ${this.#channels.join(', ') || 'unnamed channels'}`;
  }

  /** Opens a model in the place of one that could not be opened, which is tried again otherwise. */
  async #openInstead(model: ModelSource, bytes: Uint8Array): Promise<void> {
    const former = this.#opened;
    const opening = this.#read(model, bytes);
    this.#opened = opening;
    await opening.catch((failure) => {
      this.#opened = former;
      throw failure;
    });
  }

  /** Nobody begins with one model what he would have to end with another: messages wait, those under way end first. */
  async #replaceIn(opened: Opened, model: HostedModel, replacement: Replacement = {}): Promise<void> {
    let { reader } = opened;
    let goOn: (opened: Opened) => void = () => {};
    try {
      const prepare = async (shape: NetShape) => {
        const next = opened.reader.suits(shape.model, shape.channels) ? opened.reader : this.#readerOf(shape);
        this.#opened = new Promise((resolve) => {
          goOn = resolve;
        });
        await Promise.allSettled(opened.running);
        reader = next;
      };
      await opened.host.replaceModel(model, { ...replacement, prepare });
    } catch (cause) {
      goOn(opened);
      throw cause;
    }
    this.#channels = namesOf(opened.host);
    goOn({ ...opened, reader });
  }

  #readerOf({ model, channels }: NetShape): ReadingReader {
    return new ReadingReader(model, channels, this.settings.form);
  }

  async #device(): Promise<ExecutorSource> {
    const { device, threads, split } = this.settings;
    this.#source ??= await executorSourceOf(device, { warn: this.#warn, threads, split });
    return this.#source;
  }

  get #configuration(): HostConfiguration {
    const { per, capacity, learning, monitorSettings = new Map(), warmUp } = this.settings;
    const { directory, saveEverySeconds, storeLimits, onNewModel, device, threads, split } = this.settings;
    return {
      ...{ device, threads, split },
      net: per === 'flow' ? FLOW : undefined,
      ...{ capacity, learning, warmUp },
      monitors: Object.fromEntries(monitorSettings),
      store: { directory, saveEverySeconds, ...storeLimits, onNewModel },
    };
  }

  /** Takes the stores, unless another process has them, and refuses a model that this machine computes wrongly. */
  async #openHost(base: HostedModel, model: ModelSource, updated?: Partial<Surroundings>): Promise<Host> {
    // What an update runs beside has threads of its own: the host opens them all.
    const source = updated === undefined ? await this.#device() : undefined;
    try {
      const surroundings = { source, warn: this.#warn, names: KEY_NAMES, ...updated };
      return await Host.open(base, this.#configuration, surroundings);
    } catch (cause) {
      throw inModel(model, cause);
    }
  }

  /** The net that a message is for. Throws `input` where that cannot be told, or may not have a net. */
  keyOf(topic: unknown): string {
    const { per, only } = this.settings;
    if (per === 'flow') return FLOW;
    if (typeof topic !== 'string' || topic === '')
      throw new SpikewireError('input', 'msg.topic', `is ${describeValue(topic)}`, 'a text, for one net per topic');
    expectShortName(topic);
    if (only?.has(topic) !== false) return topic;
    throw new SpikewireError('input', 'msg.topic', `is ${describeValue(topic)}`, 'one on the list of nets');
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
    return this.#atTurn(key, async ({ host: { desk }, reader }) => {
      const work = await read(desk.pool.shape, (payload) => reader.read(key, payload, Date.now()));
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

  #atTurn<T>(key: string, task: (opened: Opened) => Promise<T>): Promise<T> {
    return this.#turns.run(key, async () => {
      let opening: Promise<Opened>;
      let opened: Opened;
      do {
        opening = this.#open();
        opened = await opening;
      } while (opening !== this.#opened); // another model may have begun to take its place in that turn
      const running = task(opened);
      opened.running.add(running);
      return running.finally(() => opened.running.delete(running));
    });
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
  command(key: string, command: CommandName, about: NamedReading = {}) {
    return this.#atTurn(key, async ({ host: { desk }, reader }) => {
      const answer = await desk.command(key, command, undefined, about);
      const figures = await desk.status(key);
      const { pending, refused } = this.#turns;
      return { answer, figures: { ...figures, ...reader.counters, waiting: pending - 1, refused } };
    });
  }

  /** Names of the model's channels; none before it was opened. */
  get channels(): readonly string[] {
    return this.#channels;
  }

  /** For those who only look on, out of turn; undefined before nets were opened. Rejects with why there are none. */
  async look<T>(look: (desk: Desk) => T): Promise<T | undefined> {
    return this.#opened && look((await this.#open()).host.desk);
  }

  /** What the editor shows. Rejects with why there is no model. */
  async describe() {
    const { pool } = (await this.#open()).host;
    const { channels, labels, monitors = [] } = pool.model;
    return {
      channels: channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`)),
      labels,
      monitored: monitors.length > 0,
      updates: this.updateStatus?.summary ?? null,
      nets: pool.counters,
      waiting: this.#turns.pending,
      refused: this.#turns.refused,
    };
  }

  /** Finishes what waits, saves what was learned, and ends the thread. */
  async close(): Promise<void> {
    await Promise.all([this.#turns.close(DRAIN_MS), this.#replacements.close(DRAIN_MS)]);
    try {
      const opened = await this.#opened?.catch(() => undefined);
      const updates = await this.#updates?.catch(() => undefined);
      await updates?.stop();
      await opened?.host.close();
      await updates?.close();
    } finally {
      await this.#source?.close();
    }
  }
}

function namesOf({ pool }: Host): string[] {
  return pool.model.channels.map(({ name }) => name);
}

/** What is wrong with a model, with its file in front; anything else as it is. */
function inModel(model: ModelSource, cause: unknown): unknown {
  if (!(cause instanceof SpikewireError) || cause.code === 'store' || model.kind !== 'file') return cause;
  return new SpikewireError(cause.code, `model ${model.path}`, cause.message, undefined, cause);
}
