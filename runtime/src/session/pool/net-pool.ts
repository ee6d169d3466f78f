import { Exclusive, type ExecutorSource } from '@spikewire/engine/executor';
import { isUnsoundLearning, type Model, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import { memoryOfMachine } from '../../memory-limit.ts';
import { type LimitNames, OPTION_NAMES, type StoreRootOptions, type StoreUse } from '../../store/index.ts';
import type { KeptSession } from '../kept/kept-session.ts';
import { type NetModel, type NetShape, netShape, readNetModel } from '../net-model.ts';
import { ClosingNets } from './closing-nets.ts';
import { GivingWay, type OpenNet } from './giving-way.ts';
import { LostNets } from './lost-nets.ts';
import { NetOpener, type NetOptions } from './net-opener.ts';
import { NetStores } from './net-stores.ts';
import { Pause } from './pause.ts';
import { RestingNets } from './resting-nets.ts';
import { Room } from './room.ts';

export interface NetPoolOptions extends NetOptions {
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
}

const DEFAULT_CAPACITY = 2 ** 14;
const DEFAULT_RESTING_BYTES = 1 << 24;
/** One in so many places where nets rest is for established nets only. */
const REST_RESERVED = 4;

/** How one model takes the place of another. */
export interface Replacement {
  /**
   * Is told what the new model takes and gives when that has been tried; nobody waits until it has resolved. Where it
   * rejects, the former model runs on.
   */
  readonly prepare?: (shape: NetShape) => void | Promise<void>;
  /**
   * Makes the replacement final: called when all that nets of the former model have learned is saved and they are
   * closed, before one of the new model opens. Where it rejects, the former model goes on with what was saved.
   */
  readonly commit?: () => void | Promise<void>;
  /** What becomes of what was learned, from then on; absent: as before. */
  readonly onNewModel?: NetOptions['onNewModel'];
}

/** A net with those who use it now; it is closed only when nobody does. */
interface Entry extends OpenNet {
  readonly opening: Promise<KeptSession>;
  kept: KeptSession | undefined;
  users: number;
  idle: () => void;
}

/**
 * One net per key (a topic, a machine) from one model: opened when first needed, a bounded number at a time. A net that
 * has to make room is closed when its last user is done, and the one that takes its room opens only then. What it has
 * learned since its last save rests in memory until the next is due, so that many keys write no more often than few;
 * where no more may rest, new nets are refused. A net whose executor failed is given up, so that the next use opens it
 * anew from its last saved state. Who gives way to whom is in `giving-way.ts`, how many fit in `room.ts`.
 */
export class NetPool {
  #netModel: NetModel;
  readonly #options: NetPoolOptions;
  readonly #stores: NetStores;
  readonly #memory: number;
  readonly #names: LimitNames;
  /** A board that holds no net beyond a number. */
  readonly #board: { readonly name: string; readonly nets: number } | undefined;
  readonly #room: Room;
  readonly #givingWay: GivingWay;
  #shape: NetShape | undefined;
  /** In order of use, the least recent first. */
  readonly #open = new Map<string, Entry>();
  readonly #closing: ClosingNets;
  readonly #resting: RestingNets;
  readonly #lost: LostNets;
  readonly #opener: NetOpener;
  readonly #forgottenObservers = new Set<(key: string) => void>();
  readonly #closingObservers = new Set<(key: string, kept: KeptSession) => void>();
  /** While one model takes the place of another. */
  readonly #pause = new Pause();
  readonly #replacements = new Exclusive();
  readonly #replacedObservers = new Set<() => void>();
  #forgot = false;
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
    this.#netModel = readNetModel(modelBytes, this.#memory, options.keepLessons);
    this.#options = options;
    this.#names = options.limitNames ?? OPTION_NAMES;
    const warn = (line: string) => options.warn?.(line);
    const { clock = () => performance.now() * 1000, capacity = DEFAULT_CAPACITY } = options;
    this.#stores = new NetStores(options.directory, { names: this.#names, ...options.storeLimits });
    const restingBytes = options.restingBytes ?? DEFAULT_RESTING_BYTES;
    const [memory, names, copies] = [this.#memory, this.#names, !this.#stores.any];
    this.#board = boardOf(source);
    this.#room = new Room({ capacity, memory, restingBytes, copies, names, board: this.#board }, warn);
    this.#givingWay = new GivingWay(this.#stores.any, () => clock() / 1000);
    this.#closing = new ClosingNets(warn);
    this.#resting = new RestingNets(warn);
    this.#lost = new LostNets(capacity, (key) => this.#forget(key));
    const { directory: _, storeLimits: __, limitNames: ___, selfTest = true, ...ofNets } = options;
    const known = { stores: this.#stores, lost: this.#lost, room: this.#room };
    this.#opener = new NetOpener(this.#netModel, source, selfTest, ofNets, known);
    this.#warnOfGraph();
  }

  #warnOfGraph(): void {
    for (const line of this.graph.warnings) this.#options.warn?.(line);
  }

  /** Of the model's file. */
  get bytes(): Uint8Array {
    return this.#netModel.bytes;
  }

  get model(): Model {
    return this.#netModel.model;
  }

  get graph(): ResolvedGraph {
    return this.#netModel.graph;
  }

  /** SHA-256 of the model, which saved states belong to. */
  get digest(): string {
    return this.#netModel.digest;
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
    this.#shape ??= netShape(this.#netModel);
    return this.#shape;
  }

  /**
   * Does something at once, or, while another model takes the place of the one that runs, when it has. What the task
   * asks of `model`, `shape` and nets before it first waits, is all of one model.
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
   * as `prepare` and `commit` do, and where what a net has learned cannot be saved; the former one goes on then, as if
   * nothing had been asked. Weights that are no finite numbers hinder nothing: those of the net's newest state take
   * their place. Where it is the model that runs, all is done likewise, but its nets run on.
   */
  replaceModel(bytes: Uint8Array, replacement: Replacement = {}): Promise<void> {
    return this.#replacements.run(async () => {
      const netModel = readNetModel(bytes, this.#memory, this.#options.keepLessons);
      const shape = netShape(netModel);
      const stateBytes = await this.#opener.tryOutModel(netModel, this.#options.selfTest ?? true, this.#boardIsFull);
      await replacement.prepare?.(shape);
      this.#expectOpen('');
      await this.#pause.during(() => this.#replaceBy(netModel, shape, stateBytes, replacement));
      this.#warnOfGraph();
    });
  }

  async #replaceBy(
    netModel: NetModel,
    shape: NetShape,
    stateBytes: number,
    { commit = () => {}, onNewModel }: Replacement,
  ): Promise<void> {
    await this.#saveNets();
    const isAnother = netModel.digest !== this.digest;
    if (isAnother && this.hasStores) await this.#closeFormerNets();
    await commit();
    // Without a store, what a net has learned ends with it: until now the former model may have to go on.
    if (isAnother && !this.hasStores) await this.#closeFormerNets();
    this.#opener.replaceBy(isAnother ? netModel : this.#netModel, onNewModel);
    if (!isAnother) return;
    this.#netModel = netModel;
    this.#shape = shape;
    this.#lost.clear();
    this.#room.beginAnew(stateBytes);
    for (const observer of this.#replacedObservers) observer();
  }

  async #closeFormerNets(): Promise<void> {
    for (const result of await this.#closeNets())
      if (result.status === 'rejected') this.#options.warn?.((result.reason as Error).message);
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
      return this.knows(key) || this.#stores.has(key);
    });
  }

  /**
   * Whether a reading of the key would open a net that is not known: one that has none, or whose net was closed before
   * it was established. What the store has from earlier processes is known.
   */
  isNewcomer(key: string): boolean {
    if (this.#open.has(key) || this.#lost.has(key)) return false;
    return this.#stores.isNewcomer(key, this.#resting.has(key));
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

  /** Calls the observer with each net before it is closed, or rests: the last moment to look at it. */
  observeClosing(observer: (key: string, kept: KeptSession) => void): () => void {
    this.#closingObservers.add(observer);
    return () => this.#closingObservers.delete(observer);
  }

  /** Whether there is surely a net for the key, without a look at the store. */
  knows(key: string): boolean {
    return !this.#closing.has(key) && [this.#open, this.#resting, this.#lost].some((nets) => nets.has(key));
  }

  /**
   * Takes the folder of the stores, which the first net would do else. Rejects where another process holds it; where it
   * cannot be used only if a store is required, and else says so.
   */
  takeStores(): Promise<void> {
    const { requireStore = false, warn = () => {} } = this.#options;
    return this.#stores.take(requireStore, warn);
  }

  get hasStores(): boolean {
    return this.#stores.any;
  }

  /** What the stores take; undefined where there are none, or none can be used. */
  get storeUse(): StoreUse | undefined {
    return this.#stores.use;
  }

  /** The newest state that a net has left on another model, as far as it can be read; undefined: none. */
  async savedOn(key: string, digest: string): Promise<Uint8Array | undefined> {
    return (await this.#stores.of(key)?.peek(digest))?.state;
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
      const kept = await entry.opening;
      try {
        return await task(kept);
      } finally {
        this.#room.sawState(kept.remembered?.length ?? 0);
        if (kept.session.failure !== undefined) this.#giveUp(key, entry);
      }
    } finally {
      entry.users--;
      if (entry.users === 0) entry.idle();
    }
  }

  /** Opens a net that nothing keeps, and closes it. Rejects with the reason for which no net of this model can run. */
  tryOut(): Promise<void> {
    return this.#opener.tryOut();
  }

  #entryOf(key: string): Entry {
    const entry = this.#open.get(key) ?? this.#start(key);
    this.#open.delete(key);
    this.#open.set(key, entry);
    return entry;
  }

  #start(key: string): Entry {
    const isNewcomer = this.isNewcomer(key);
    // Without a store a lost net takes a place, for the copy of its state, and gives it up first: nobody has used it.
    if (!this.hasStores) this.#lost.makeRoomFor(key, this.mostOpen - this.#open.size - 1);
    const room: Promise<void>[] = [];
    if (this.#open.size >= this.mostOpen) this.#room.sayFull(key, this.mostOpen, this.#open.keys());
    while (this.#open.size >= this.mostOpen) room.push(this.#evictFor(key, isNewcomer));
    const opening = Promise.all([...room, this.#closing.get(key)]).then(() => this.#openOrWake(key));
    const entry: Entry = { opening, isNewcomer, kept: undefined, users: 0, idle: () => {} };
    opening.then(
      (kept) => {
        entry.kept = kept;
        this.#room.sawNet(kept.session.bytes);
      },
      () => {
        if (this.#open.get(key) === entry) this.#open.delete(key); // whoever asked for it is told
      },
    );
    return entry;
  }

  async #openOrWake(key: string): Promise<KeptSession> {
    return (await this.#resting.wake(key)) ?? this.#opener.open(key);
  }

  /** Closes the first net that gives way to the key and may be closed now. Throws `budget` where there is none. */
  #evictFor(key: string, isNewcomer: boolean): Promise<void> {
    const mayRest = this.#mayRest(key, isNewcomer);
    for (const [other, entry] of this.#givingWay.inOrder(this.#open, isNewcomer)) {
      if (!mayRest && entry.kept?.unsaved !== false) continue;
      this.#givingWay.count(entry, isNewcomer);
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
    const { mostResting } = this.#room;
    const reserved = isNewcomer ? Math.floor(mostResting / REST_RESERVED) : 0;
    return this.#resting.size + this.#closing.size < mostResting - reserved;
  }

  /**
   * Nets that number and memory let be open at the same time. Before the first is open, what it may take is what the
   * model demands.
   */
  get mostOpen(): number {
    return this.#room.mostOpen(this.#netModel.demand);
  }

  /** Whether a board holds as many nets as it can, and not one on trial. */
  get #boardIsFull(): boolean {
    return this.#open.size + this.#closing.size >= (this.#board?.nets ?? Number.POSITIVE_INFINITY);
  }

  /** Tells that a net is gone, where there is no store. */
  #forget(key: string): void {
    if (this.hasStores) return;
    for (const observer of this.#forgottenObservers) observer(key);
    if (this.#forgot) return;
    this.#forgot = true;
    const why = 'closed to make room for another net; what it had learned is lost, because there is no store';
    this.#options.warn?.(`net "${key}": ${why}`);
  }

  #giveUp(key: string, entry: Entry): void {
    if (this.#open.get(key) !== entry) return;
    this.failed++;
    this.#lost.note(key, entry.kept);
    void this.#shut(key, entry);
  }

  /** Takes a net out and closes it, or lets it rest, once nobody uses it; never rejects. */
  #shut(key: string, entry: Entry): Promise<void> {
    this.#open.delete(key);
    return this.#closing.track(key, this.#closeOrRest(key, entry));
  }

  async #closeOrRest(key: string, entry: Entry): Promise<void> {
    const kept = await this.#toClose(key, entry);
    if (kept !== undefined) this.#stores.noteStanding(key, kept.session);
    if (kept?.unsaved !== true) {
      await kept?.close();
      if (!this.#lost.has(key)) this.#forget(key);
      return;
    }
    this.#room.sawState(await this.#resting.lay(key, kept));
  }

  /** The net, once nobody uses it any more; tells that it is going to be closed. */
  async #toClose(key: string, entry: Entry): Promise<KeptSession | undefined> {
    const kept = await this.#unused(entry);
    if (kept !== undefined) for (const observer of this.#closingObservers) observer(key, kept);
    return kept;
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
    results.push(...(await Promise.allSettled([this.#stores.close()])));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /**
   * Saves all nets, once nobody uses them. Rejects with the first failure after all were tried, but of nets whose
   * weights are no numbers all else is saved, which is said.
   */
  async #saveNets(): Promise<void> {
    const unsound: (() => Promise<void>)[] = [];
    const saving = [...this.#open].map(async ([key, entry]) => {
      const kept = await this.#unused(entry);
      if (kept?.unsaved !== true) return;
      await kept.save().catch((failure: unknown) => {
        if (!isUnsoundLearning(failure)) throw failure;
        unsound.push(() => this.#saveSound(key, kept, failure));
      });
    });
    const open = await Promise.allSettled(saving);
    await this.#closing.all();
    const resting = await Promise.allSettled([...this.#resting.nets].map(async (kept) => kept.unsaved && kept.save()));
    const failed = [...open, ...resting].find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    for (const save of unsound) await save();
  }

  async #saveSound(key: string, kept: KeptSession, { message }: Error): Promise<void> {
    const sequence = await kept.saveSound();
    const instead = sequence === undefined ? 'what its model knows' : `what its state ${sequence} had learned`;
    this.#options.warn?.(`net "${key}": ${message}; ${instead} is saved instead`);
  }

  /** Saves and closes all nets, once nobody uses them. */
  async #closeNets(): Promise<PromiseSettledResult<unknown>[]> {
    const open = [...this.#open];
    this.#open.clear();
    const closing = open.map(async ([key, entry]) => (await this.#toClose(key, entry))?.close());
    const results = await Promise.allSettled<unknown>([...closing, this.#closing.all(), this.#resting.left()]);
    return [...results, ...(await this.#resting.close())];
  }
}

function boardOf({ name, abilities: { nets }, overflows = false }: ExecutorSource) {
  return nets === undefined || overflows ? undefined : { name, nets };
}
