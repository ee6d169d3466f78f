import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorSource } from '@spikewire/engine/executor';
import { type Model, megabytes, resolveGraph, SpikewireError } from '@spikewire/models';
import { memoryOfMachine } from '../memory-limit.ts';
import { RateLimit } from '../rate-limit.ts';
import {
  FolderInUseError,
  type LimitNames,
  OPTION_NAMES,
  StoreRoot,
  type StoreRootOptions,
  type StoreUse,
} from '../store/index.ts';
import { Exclusive } from './exclusive.ts';
import { expectStorable, KeptSession, type KeptSessionOptions } from './kept-session.ts';
import { type NetModel, type NetShape, netShape, readNetModel } from './net-model.ts';
import { Pause } from './pause.ts';
import type { Outcome } from './session.ts';
import { hasLostSensor, isEstablished } from './standing.ts';
import type { NetStore } from './state-keeper.ts';

export interface NetPoolOptions extends Omit<KeptSessionOptions, 'store' | 'notes' | 'listener' | 'selfTest'> {
  /** Folder of all stores, a folder in it for each net; without one nothing survives the process. */
  readonly directory?: string;
  /**
   * Bytes that all open nets may take together, with the copies of their states that stand in for a store where there
   * is none; half of the machine's memory where absent.
   */
  readonly memory?: number;
  /** What all stores together may take and write; see {@link StoreRoot}. */
  readonly storeLimits?: StoreRootOptions;
  /** What the limits are called where they are set; as in these options where absent. */
  readonly limitNames?: LimitNames;
  /**
   * Nets that run at the same time; the least recently used one is closed for a new one. Where it is absent, as many as
   * `memory` holds, at most 16,384.
   */
  readonly capacity?: number | undefined;
  /**
   * Most bytes that states of closed nets may take while they wait to be saved; one may in any case. Default 16 MiB.
   */
  readonly restingBytes?: number;
  /** Whether the first net has to answer the model's self-tests before it starts. Default true. */
  readonly selfTest?: boolean;
  readonly notes?: (key: string) => string | undefined;
  readonly listener?: (key: string, outcome: Outcome) => void;
}

const DEFAULT_CAPACITY = 2 ** 14;
const DEFAULT_RESTING_BYTES = 1 << 24;
/** Nets that rest at a time, however small. */
const MOST_RESTING = 1024;

/** One in so many places where nets rest is for established nets only. */
const REST_RESERVED = 4;
/** Established nets that new ones may push out, to the store. */
const DISPLACEMENTS = { burst: 16, interval: 1000 };
/** Nets of which it is remembered that they were closed before they were established. */
const MOST_YOUNG = 2 ** 14;

/** A net with those who use it now; it is closed only when nobody does. */
interface Entry {
  readonly opening: Promise<KeptSession>;
  /** Whether it was a newcomer when it was asked for. */
  readonly isNewcomer: boolean;
  /** Once it is open. */
  kept: KeptSession | undefined;
  users: number;
  idle: () => void;
}

/**
 * One net per key (a topic, a machine) from one model: opened when first needed, a bounded number at a time. A net that
 * has to make room is closed when its last user is done, and the one that takes its room opens only then. What it has
 * learned since its last save rests in memory until the next is due, so that many keys write no more often than few;
 * where no more may rest, new nets are refused. A net whose executor failed is given up, so that the next use opens it
 * anew from its last saved state.
 *
 * A flood of new keys does not push out established nets (`standing.ts`) that are in use: new nets push out those whose
 * sensor is gone, then each other, and then, at a low rate, others, but only to the store.
 */
export class NetPool {
  #netModel: NetModel;
  readonly #source: ExecutorSource;
  readonly #options: NetPoolOptions;
  readonly #stores: StoreRoot | undefined;
  readonly #capacity: number;
  readonly #memory: number;
  readonly #names: LimitNames;
  #shape: NetShape | undefined;
  /** Whether this machine has yet to show that it computes the model right. */
  #untested: boolean;
  /** In order of use, the least recent first. */
  readonly #open = new Map<string, Entry>();
  readonly #closing = new Map<string, Promise<void>>();
  /** Rested nets whose stores are being closed, which waits for no user. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** Closed nets whose state is still to be saved. */
  readonly #resting = new Map<string, KeptSession>();
  /** Nets whose executor failed, with what is kept of them in memory, until they are opened again. */
  readonly #lost = new Map<string, { readonly failure: SpikewireError; readonly state: Uint8Array | undefined }>();
  /** Bytes of the largest net and of the largest state so far: those of one model are alike. */
  #netBytes = 0;
  #stateBytes = 0;
  readonly #displacements: RateLimit;
  /** Folders of nets that were closed before they were established. */
  readonly #young = new Set<string>();
  readonly #forgottenObservers = new Set<(key: string) => void>();
  /** While one model takes the place of another. */
  readonly #pause = new Pause();
  readonly #replacements = new Exclusive();
  readonly #replacedObservers = new Set<() => void>();
  #forgot = false;
  /** Whether it was said that a net more does not fit. */
  #saidFull = false;
  #closed = false;
  /** Nets that were closed for want of room. */
  evicted = 0;
  /** Times that a net was not opened, because no other could make room or because too many waited to be opened. */
  refused = 0;
  /** Nets that were given up because their executor failed. */
  failed = 0;

  /** Throws what is wrong with the model; what is only doubtful about it goes to `warn`, once for all nets. */
  constructor(modelBytes: Uint8Array, source: ExecutorSource, options: NetPoolOptions = {}) {
    this.#memory = options.memory ?? memoryOfMachine();
    this.#netModel = readNetModel(modelBytes, this.#memory);
    this.#source = source;
    this.#options = options;
    this.#names = options.limitNames ?? OPTION_NAMES;
    this.#stores =
      options.directory === undefined
        ? undefined
        : new StoreRoot(options.directory, { names: this.#names, ...options.storeLimits });
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
    const { clock = () => performance.now() * 1000 } = options;
    this.#displacements = new RateLimit(DISPLACEMENTS, () => clock() / 1000);
    this.#untested = options.selfTest ?? true;
    this.#warnOfGraph();
  }

  #warnOfGraph(): void {
    const { graph, semantics } = this.model;
    for (const line of resolveGraph(graph, semantics).warnings) this.#options.warn?.(line);
  }

  get model(): Model {
    return this.#netModel.model;
  }

  /** Closed nets whose state waits in memory to be saved. */
  get resting(): number {
    return this.#resting.size;
  }

  get counters() {
    const { resting, evicted, refused, failed } = this;
    return { open: this.#open.size, resting, evicted, refused, failed };
  }

  /** What a message to any of the nets must fit: known without opening one, so that a bad message opens none. */
  get shape(): NetShape {
    this.#shape ??= netShape(this.model);
    return this.#shape;
  }

  /**
   * Does something at once, or, while another model takes the place of the one that runs, when it has. What the task asks
   * of `model`, `shape` and nets before it first waits, is all of one model.
   */
  withOneModel<T>(task: () => Promise<T>): Promise<T> {
    return this.#pause.through(task);
  }

  /** Calls the observer after another model has taken the place of the one that ran, before any net of it is used. */
  observeReplaced(observer: () => void): () => void {
    this.#replacedObservers.add(observer);
    return () => this.#replacedObservers.delete(observer);
  }

  /**
   * Lets another model take the place of the one that runs. It is tried first, while the former one runs on. Then who
   * wants to use a net waits until what all nets have learned is saved, and goes on with a net of the new model, in the
   * order in which he came: so each reading goes to one of the two, and none to both. What was learned is treated as
   * `onNewModel` says; where there is no store, the new nets begin anew. Rejects with what is wrong with the new model,
   * and as `prepare` does; the former one goes on then, as if nothing had been asked.
   *
   * @param prepare is told what the new model takes and gives when that has been tried; nobody waits until it has
   *   resolved
   */
  replaceModel(bytes: Uint8Array, prepare: (shape: NetShape) => void | Promise<void> = () => {}): Promise<void> {
    return this.#replacements.run(async () => {
      const netModel = readNetModel(bytes, this.#memory);
      const shape = netShape(netModel.model);
      const stateBytes = await this.#tryOut(netModel, this.#options.selfTest ?? true);
      await prepare(shape);
      this.#expectOpen('');
      await this.#pause.during(() => this.#replaceBy(netModel, shape, stateBytes));
      this.#warnOfGraph();
    });
  }

  async #replaceBy(netModel: NetModel, shape: NetShape, stateBytes: number): Promise<void> {
    for (const result of await this.#closeNets())
      if (result.status === 'rejected') this.#options.warn?.((result.reason as Error).message);
    this.#netModel = netModel;
    this.#shape = shape;
    this.#untested = false;
    this.#lost.clear();
    this.#netBytes = 0;
    this.#stateBytes = stateBytes;
    this.#saidFull = false;
    for (const observer of this.#replacedObservers) observer();
  }

  #expectOpen(key: string): void {
    if (this.#closed)
      throw new SpikewireError('unsupported', `net "${key}"`, 'is closed, as all nets are', 'open nets');
  }

  /** Rejects where there is no net for the key, neither in memory nor in the store: only a reading makes one. */
  async expectNet(key: string): Promise<void> {
    if (await this.has(key)) return;
    throw new SpikewireError('input', `net "${key}"`, 'does not exist', 'a net that has had a reading');
  }

  /** Whether there is a net for the key, in memory or in the store. */
  has(key: string): Promise<boolean> {
    return this.#pause.through(async () => {
      await this.#closing.get(key); // it may be forgotten, rest or be stored afterwards
      return this.knows(key) || this.#isStored(key);
    });
  }

  /**
   * Whether a reading of the key would open a net that is not known: one that has none, or whose net was closed before
   * it was established. What the store has from earlier processes is known.
   */
  isNewcomer(key: string): boolean {
    if (this.#open.has(key) || this.#lost.has(key)) return false;
    const folder = folderName(key);
    return this.#young.has(folder) || !(this.#resting.has(key) || this.#stores?.has(folder));
  }

  /** Whether one more net can be open without another having to give way. */
  get hasRoom(): boolean {
    return this.#open.size < this.mostOpen;
  }

  /** Calls the observer with the key of each net that is forgotten for want of room and of a store. */
  observeForgotten(observer: (key: string) => void): () => void {
    this.#forgottenObservers.add(observer);
    return () => this.#forgottenObservers.delete(observer);
  }

  /** Whether there is surely a net for the key, without a look at the store. */
  knows(key: string): boolean {
    return !this.#closing.has(key) && [this.#open, this.#resting, this.#lost].some((nets) => nets.has(key));
  }

  async #isStored(key: string): Promise<boolean> {
    const { directory } = this.#options;
    if (directory === undefined) return false;
    return stat(join(directory, folderName(key))).then(
      () => true,
      () => false,
    );
  }

  /**
   * Takes the folder of the stores, which the first net would do else. Rejects where another process holds it; where it
   * cannot be used only if a store is required, and else says so.
   */
  async takeStores(): Promise<void> {
    try {
      await this.#stores?.open();
    } catch (failure) {
      if (failure instanceof FolderInUseError || this.#options.requireStore) throw failure;
      this.#options.warn?.(
        `${(failure as Error).message}; nets run, but what they learn is in memory only until it can be saved`,
      );
    }
  }

  get hasStores(): boolean {
    return this.#stores !== undefined;
  }

  /** What the stores take; undefined where there are none, or none can be used. */
  get storeUse(): StoreUse | undefined {
    return this.#stores?.use;
  }

  /** Keys of the open nets, the least recently used first. */
  get keys(): readonly string[] {
    return [...this.#open.keys()];
  }

  /**
   * Does something with the net of a key, opened and restored if need be; the net stays open until that is done.
   * Rejects with the reason it cannot be opened (`budget` where there is no room), or as `task` does. A task must not
   * wait for another net of the pool.
   */
  use<T>(key: string, task: (kept: KeptSession) => T | Promise<T>): Promise<T> {
    return this.#pause.through(() => this.#use(key, task));
  }

  async #use<T>(key: string, task: (kept: KeptSession) => T | Promise<T>): Promise<T> {
    this.#expectOpen(key);
    const entry = this.#entryOf(key);
    entry.users++;
    try {
      const kept = await this.#opened(key, entry);
      try {
        return await task(kept);
      } finally {
        this.#stateBytes = Math.max(this.#stateBytes, kept.remembered?.length ?? 0);
        if (kept.session.failure !== undefined) this.#giveUp(key, entry);
      }
    } finally {
      entry.users--;
      if (entry.users === 0) entry.idle();
    }
  }

  /** Opens a net that nothing keeps, and closes it. Rejects with the reason for which no net of this model can run. */
  async tryOut(): Promise<void> {
    const stateBytes = await this.#tryOut(this.#netModel, this.#untested);
    this.#stateBytes ||= stateBytes;
    this.#untested = false;
  }

  /** Returns the bytes of a state, where copies are kept in memory. */
  async #tryOut(netModel: NetModel, selfTest: boolean): Promise<number> {
    const { seed, directory } = this.#options;
    const trial = await KeptSession.open(netModel, this.#source, { ...(seed !== undefined && { seed }), selfTest });
    try {
      if (directory === undefined) return (await trial.session.save()).length;
      await expectStorable(trial.session);
      return 0;
    } finally {
      await trial.close();
    }
  }

  #entryOf(key: string): Entry {
    const entry = this.#open.get(key) ?? this.#start(key);
    this.#open.delete(key);
    this.#open.set(key, entry);
    return entry;
  }

  async #opened(key: string, entry: Entry): Promise<KeptSession> {
    try {
      return await entry.opening;
    } catch (failure) {
      if (this.#open.get(key) === entry) this.#open.delete(key);
      throw failure;
    }
  }

  #start(key: string): Entry {
    const isNewcomer = this.isNewcomer(key);
    if (!this.hasStores) this.#forgetLostFor(key);
    const room: Promise<void>[] = [];
    if (this.#open.size >= this.mostOpen) this.#sayFull(key);
    while (this.#open.size >= this.mostOpen) room.push(this.#evictFor(key, isNewcomer));
    const opening = Promise.all([...room, this.#closing.get(key)]).then(() => this.#openOrWake(key));
    const entry: Entry = { opening, isNewcomer, kept: undefined, users: 0, idle: () => {} };
    opening.then(
      (kept) => {
        entry.kept = kept;
        this.#netBytes = Math.max(this.#netBytes, kept.session.bytes);
      },
      () => {}, // whoever asked for it is told
    );
    return entry;
  }

  async #openOrWake(key: string): Promise<KeptSession> {
    // It may have been saved, and be on its way out, since it was asked for.
    const leaving = this.#leaving.get(key);
    if (leaving !== undefined) await leaving;
    const resting = this.#resting.get(key);
    if (resting === undefined) return this.#openAnew(key);
    this.#resting.delete(key);
    try {
      await resting.wake();
      return resting;
    } catch (failure) {
      this.#keepResting(key, resting);
      throw failure;
    }
  }

  async #openSession(options: KeptSessionOptions): Promise<KeptSession> {
    const kept = await KeptSession.open(this.#netModel, this.#source, { ...options, selfTest: this.#untested });
    this.#untested = false;
    if (!this.hasStores) await this.#measureState(kept);
    return kept;
  }

  /** Without a store a copy of its state is kept beside each net, which needs room before it is made. */
  async #measureState(kept: KeptSession): Promise<void> {
    if (this.#stateBytes > 0) return;
    try {
      this.#stateBytes = (await kept.session.save()).length;
    } catch (failure) {
      await kept.close();
      throw failure;
    }
  }

  #optionsOf(key: string): KeptSessionOptions {
    const { directory: _, storeLimits: __, limitNames: ____, notes, listener, selfTest: ___, ...rest } = this.#options;
    const store = this.#storeOf(key);
    return {
      ...rest,
      ...(store === undefined ? {} : { store }),
      ...(notes === undefined ? {} : { notes: () => notes(key) }),
      ...(listener === undefined ? {} : { listener: (outcome) => listener(key, outcome) }),
    };
  }

  #storeOf(key: string): NetStore | undefined {
    const stores = this.#stores;
    const name = folderName(key);
    return (
      stores && {
        directory: join(stores.directory, name),
        open: (digest) => stores.openStore(name, digest),
        peek: (digest) => stores.peek(name, digest),
      }
    );
  }

  /** Without a store a lost net takes a place, for the copy of its state, and gives it up first: nobody has used it. */
  #forgetLostFor(key: string): void {
    const others = [...this.#lost.keys()].filter((lost) => lost !== key);
    for (const oldest of others.slice(0, Math.max(0, this.#open.size + others.length + 1 - this.mostOpen))) {
      this.#lost.delete(oldest);
      this.#forget(oldest);
    }
  }

  /** Says, once, that not all nets can be open at the same time, and what to set for twice as many. */
  #sayFull(key: string): void {
    if (this.#saidFull) return;
    this.#saidFull = true;
    const most = this.mostOpen;
    const isMemory = most < this.#capacity;
    const limit = isMemory ? `${this.#names.memory} (${megabytes(this.#memory)})` : this.#names.capacity;
    const wanted = isMemory
      ? `${this.#names.memory} ${2 * Math.ceil(this.#memory / 2 ** 20)}M`
      : `${this.#names.capacity} ${2 * most}`;
    const problem = `exceeds the ${most} that ${limit} allows; one is closed for each further net`;
    this.#options.warn?.(`net "${key}": ${problem}; ${wanted} lets twice as many be open`);
  }

  /** Closes the first net that gives way to the key and may be closed now. Throws `budget` where there is none. */
  #evictFor(key: string, isNewcomer: boolean): Promise<void> {
    const mayRest = this.#mayRest(key, isNewcomer);
    for (const [other, entry] of this.#inOrderOfLeaving(isNewcomer)) {
      if (!mayRest && entry.kept?.unsaved !== false) continue;
      if (isNewcomer && this.#isAlive(entry)) this.#displacements.take('');
      this.evicted++;
      return this.#shut(other, entry);
    }
    this.refused++;
    const problem = `finds no room: ${this.#open.size} nets are open and ${this.#resting.size} wait to be saved`;
    const { capacity, memory, saveEverySeconds } = this.#names;
    const expected = `fewer topics, more ${capacity} and ${memory}, or a smaller ${saveEverySeconds}`;
    throw new SpikewireError('budget', `net "${key}"`, problem, expected);
  }

  #mayRest(key: string, isNewcomer: boolean): boolean {
    if (this.#resting.has(key)) return true; // it makes the place where another may rest
    const reserved = isNewcomer ? Math.floor(this.#mostResting / REST_RESERVED) : 0;
    return this.#resting.size + this.#closing.size < this.#mostResting - reserved;
  }

  /**
   * Open nets that may give way, the least recently used first: those whose sensor is gone, those that are not
   * established, and then the others.
   */
  *#inOrderOfLeaving(toNewcomer: boolean): Generator<[string, Entry]> {
    for (const other of this.#open) if (this.#isEstablished(other[1]) && !this.#isAlive(other[1])) yield other;
    for (const other of this.#open) if (!this.#isEstablished(other[1])) yield other;
    if (toNewcomer && !(this.hasStores && this.#displacements.allows(''))) return;
    for (const other of this.#open) if (this.#isAlive(other[1])) yield other;
  }

  #isEstablished({ kept, isNewcomer }: Entry): boolean {
    return kept === undefined ? !isNewcomer : isEstablished(kept.session);
  }

  /** Whether it is established and its sensor is still there. */
  #isAlive(entry: Entry): boolean {
    return this.#isEstablished(entry) && (entry.kept === undefined || !hasLostSensor(entry.kept.session));
  }

  /**
   * Nets that number and memory let be open at the same time. Before the first is open, what it may take is what the
   * model demands.
   */
  get mostOpen(): number {
    const net = this.#netBytes || this.#netModel.demand;
    // Before the first state is known, it is taken to be as large as its net.
    const copy = this.hasStores ? 0 : this.#stateBytes || net;
    const fitting = Math.floor(this.#memory / (net + copy));
    return Math.max(1, Math.min(this.#capacity, fitting));
  }

  get #mostResting(): number {
    const { restingBytes = DEFAULT_RESTING_BYTES } = this.#options;
    // Before the first state is known, it is taken to be as large as its net.
    const fitting = Math.floor(restingBytes / Math.max(1, this.#stateBytes || this.#netBytes));
    return Math.max(1, Math.min(MOST_RESTING, fitting));
  }

  /** Tells that a net is gone, where there is no store. */
  #forget(key: string): void {
    if (this.hasStores) return;
    for (const observer of this.#forgottenObservers) observer(key);
    if (this.#forgot) return;
    this.#forgot = true;
    const why = 'closed to make room for another, and forgets what it has learned, because there is no store';
    this.#options.warn?.(`net "${key}": ${why}`);
  }

  #giveUp(key: string, entry: Entry): void {
    if (this.#open.get(key) !== entry) return;
    this.failed++;
    this.#noteLost(key, entry.kept);
    void this.#shut(key, entry);
  }

  #noteLost(key: string, kept: KeptSession | undefined): void {
    const failure = kept?.session.failure;
    if (failure === undefined) return;
    this.#lost.set(key, { failure, state: kept?.remembered });
    const [oldest] = this.#lost.keys();
    if (this.#lost.size <= this.#capacity) return;
    this.#lost.delete(oldest!);
    this.#forget(oldest!);
  }

  /** Opens a net, from its last state where its executor was lost. */
  async #openAnew(key: string): Promise<KeptSession> {
    const lost = this.#lost.get(key);
    const from = lost?.state === undefined ? {} : { from: lost.state };
    const kept = await this.#openSession({ ...this.#optionsOf(key), ...from });
    this.#lost.delete(key);
    if (lost === undefined) return kept;
    const { sequence, executor } = kept.session;
    const course = sequence === 0 ? 'starts anew' : `goes on from its last state, of ${sequence} readings,`;
    this.#options.warn?.(`net "${key}": ${lost.failure.message}; ${course} on ${executor.name}`);
    return kept;
  }

  /** Takes a net out and closes it, or lets it rest, once nobody uses it; never rejects. */
  #shut(key: string, entry: Entry): Promise<void> {
    this.#open.delete(key);
    return this.#track(this.#closing, key, this.#closeOrRest(key, entry));
  }

  /** Keeps in a map what closes a net until that is done, for others who want to open it. */
  #track(map: Map<string, Promise<void>>, key: string, close: Promise<void>): Promise<void> {
    const tracked: Promise<void> = close
      .catch((failure: Error) => this.#options.warn?.(failure.message))
      .finally(() => {
        if (map.get(key) === tracked) map.delete(key);
      });
    map.set(key, tracked);
    return tracked;
  }

  async #closeOrRest(key: string, entry: Entry): Promise<void> {
    const kept = await this.#unused(entry);
    if (kept !== undefined) this.#noteStanding(key, kept);
    if (kept?.unsaved !== true) {
      await kept?.close();
      if (!this.#lost.has(key)) this.#forget(key);
      return;
    }
    try {
      const bytes = await kept.rest(() => this.#leave(key, kept));
      this.#stateBytes = Math.max(this.#stateBytes, bytes);
    } catch (failure) {
      await kept.close();
      throw failure;
    }
    this.#keepResting(key, kept);
  }

  #noteStanding(key: string, { session }: KeptSession): void {
    if (!this.hasStores) return;
    const folder = folderName(key);
    this.#young.delete(folder);
    if (isEstablished(session)) return;
    this.#young.add(folder);
    if (this.#young.size > MOST_YOUNG) this.#young.delete(this.#young.keys().next().value!);
  }

  #keepResting(key: string, kept: KeptSession): void {
    this.#resting.set(key, kept);
    if (!kept.unsaved) this.#leave(key, kept);
  }

  /** Gives up a net that rests when there is nothing left to save. */
  #leave(key: string, kept: KeptSession): void {
    if (this.#resting.get(key) !== kept) return;
    this.#resting.delete(key);
    void this.#track(this.#leaving, key, kept.close());
  }

  /** Resolves when nobody uses it; undefined where it could not be opened. */
  async #unused(entry: Entry): Promise<KeptSession | undefined> {
    if (entry.users > 0) {
      await new Promise<void>((resolve) => {
        entry.idle = resolve;
      });
    }
    return entry.opening.catch(() => undefined); // whoever asked for it has been told
  }

  /** Saves and closes all nets. Rejects with the first failure after all were tried. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#pause.through(() => this.#close());
  }

  async #close(): Promise<void> {
    const results = await this.#closeNets();
    results.push(...(await Promise.allSettled([this.#stores?.close()])));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Saves and closes all nets, once nobody uses them. */
  async #closeNets(): Promise<PromiseSettledResult<unknown>[]> {
    const open = [...this.#open.values()];
    this.#open.clear();
    const closing = open.map(async (entry) => (await this.#unused(entry))?.close());
    const results = await Promise.allSettled<unknown>([
      ...closing,
      ...this.#closing.values(),
      ...this.#leaving.values(),
    ]);
    results.push(...(await Promise.allSettled([...this.#resting.values()].map((kept) => kept.close()))));
    this.#resting.clear();
    // One that was saved meanwhile has left by itself.
    await Promise.all(this.#leaving.values());
    return results;
  }
}

/**
 * Names that any key may have as a folder on any file system, also one that takes upper and lower case for the same.
 */
const PLAIN = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
/** What the name of any other key ends with, and so no plain name may. */
const HASHED = /-[0-9a-f]{16}$/;

/**
 * A folder name for any key, a different one for each: the key itself where it is plain, else its readable part and a
 * hash.
 */
export function folderName(key: string): string {
  if (PLAIN.test(key) && !HASHED.test(key)) return key;
  const readable = key
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, 40);
  return `${readable}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}
