import { resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { type FileSystem, nodeFileSystem, storeFailure, systemCode } from './file-system.ts';
import { Lock } from './lock.ts';
import { makeFolder } from './make-folder.ts';
import { machineProcessTable, type ProcessTable } from './process-table.ts';
import { sealSlot, slotImage } from './slot.ts';
import { type ForeignSlot, type Position, type QuarantinedFile, type Recovery, SlotFolder } from './slot-folder.ts';
import { moreUrgent, type Urgency } from './write-budget.ts';

export interface StoreOptions {
  /** SHA-256 of the base model that the states belong to, 64 lower-case hexadecimal digits. */
  readonly baseDigest: string;
  readonly fileSystem?: FileSystem;
  readonly processes?: ProcessTable;
  /** What the store shares with others of the same process, which holds the folder above them; see store-root.ts. */
  readonly shared?: Shared;
}

interface Shared {
  readonly lock: Lock;
  readonly gate: Gate;
  /** Called when the store is closed. */
  readonly leave: () => Promise<void>;
}

/** Does a write of so many bytes where that is allowed now, or rejects without having done anything. */
export type Gate = <T>(bytes: number, urgency: Urgency, write: () => Promise<T>) => Promise<T>;

/** A state as it was saved. */
export interface SavedState {
  readonly state: Uint8Array;
  readonly sequence: bigint;
}

/**
 * What to do about states of another base model, after an update has changed it: `keep` starts from the new base and
 * leaves them aside for the day their model returns; `reset` deletes them; `rebase` carries the newest over to this
 * base, saves the result and leaves the original aside; where it gives nothing, it is asked for the newest of the next
 * base, and where all give nothing, there is nothing to save. It is asked only for what is newer than any state of this
 * base, so that this can be done at every start.
 */
export type ForeignSlotPolicy =
  | 'keep'
  | 'reset'
  | {
      readonly rebase: Rebase;
      /**
       * Most files of other base models that stay aside after that: of the one carried over, then the newest; absent:
       * all.
       */
      readonly most?: number;
    };

type Rebased = Uint8Array | undefined;
type Rebase = (state: Uint8Array, foreign: ForeignSlot) => Rebased | Promise<Rebased>;

const REPORTED_FILES_KEPT = 16;

/** A state waiting to be written, and the promise shared by all whom it will satisfy. */
interface PendingSave {
  image: Uint8Array;
  urgency: Urgency;
  readonly durable: Promise<bigint>;
  readonly settle: (outcome: Promise<bigint>) => void;
}

/**
 * Keeps what a net has learned on this device through power failures, full disks and worn cards, in a folder of two
 * slots: a save replaces the older one and is reported only when it is durable, so that at any instant a complete state
 * is on the medium. One process holds the folder at a time.
 *
 * ```ts
 * const store = await Store.open('/var/lib/spikewire/pump', { baseDigest: model.digest });
 * const saved = await store.load();
 * if (saved) restore(net, saved.state);
 * await store.save(serialize(net));
 * await store.close();
 * ```
 *
 * Every failure is a SpikewireError with code `store`. After a failed save the previous state still loads and the store
 * goes on working as soon as the medium does.
 */
export class Store {
  readonly directory: string;
  readonly #slots: SlotFolder;
  readonly #lock: Lock;
  readonly #shared: Shared | undefined;
  readonly #sequences: Map<Position, bigint>;
  readonly #unreadable: Set<Position>;
  readonly #quarantined: QuarantinedFile[];
  #foreignSlots: ForeignSlot[];
  #nextSequence: bigint;
  /** Where the newest state is that is known to be durable; the other position takes the next save. */
  #durable: Position | undefined;
  #pending: PendingSave | undefined;
  #isWriting = false;
  #bytesWritten = 0;
  /** The tail of the operations on the folder, which run one after another. */
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    slots: SlotFolder,
    lock: Lock,
    shared: Shared | undefined,
    recovery: Recovery,
    quarantined: QuarantinedFile[],
  ) {
    this.directory = slots.path;
    this.#slots = slots;
    this.#lock = lock;
    this.#shared = shared;
    this.#sequences = recovery.sequences;
    this.#unreadable = recovery.unreadable;
    this.#foreignSlots = recovery.foreignSlots;
    this.#nextSequence = recovery.nextSequence;
    this.#quarantined = quarantined;
    this.#durable = newestFirst(recovery.sequences)[0];
  }

  /**
   * Takes the folder, made if it is missing, and brings it into order.
   *
   * @throws FolderInUseError if another process holds it (the message names its pid); SpikewireError `store` if it
   * cannot be used.
   */
  static async open(directory: string, options: StoreOptions): Promise<Store> {
    const { fileSystem = nodeFileSystem, processes = machineProcessTable(), shared } = options;
    const slots = slotsIn(directory, options);
    let own: Lock | undefined;
    try {
      await makeFolder(slots.path, fileSystem);
      if (shared === undefined) own = await Lock.take(slots.path, fileSystem, processes);
      else await Lock.expectFree(slots.path, fileSystem, processes);
      const quarantined: QuarantinedFile[] = [];
      const recovery = await slots.recover((file) => quarantined.push(file));
      return new Store(slots, shared?.lock ?? own!, shared, recovery, quarantined);
    } catch (failure) {
      await own?.release().catch(() => undefined); // the first failure is the one to report
      throw storeFailure(`store ${slots.path}`, 'open', failure);
    }
  }

  /**
   * The newest state of the base model that can be read from a folder which cannot be opened, as on a read-only medium.
   */
  static async peek(directory: string, options: Omit<StoreOptions, 'shared'>): Promise<SavedState | undefined> {
    return slotsIn(directory, options)
      .peek()
      .catch(() => undefined); // why it cannot be read is why it cannot be opened
  }

  /** Bytes of all saves handed to the file system since opening, failed ones included. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Damaged files found since opening, the latest sixteen. They are renamed, and the newest few of them kept. */
  get quarantined(): readonly QuarantinedFile[] {
    return this.#quarantined;
  }

  /** Whether a state of this base model is there. */
  get hasState(): boolean {
    return this.#durable !== undefined;
  }

  /** Whether the medium does not give back a slot that may be sound; it is put away when a save needs its place. */
  get hasUnreadable(): boolean {
    return this.#unreadable.size > 0;
  }

  /**
   * The newest state of this base model that is whole, or undefined if there is none. Rejects where the medium gives
   * back none.
   */
  async load(): Promise<SavedState | undefined> {
    this.#expectOpen();
    return this.#exclusively('load the state', () => this.#load());
  }

  /**
   * Saves a state; resolves with its sequence when it, or a newer one, is durable. The bytes are copied before this
   * returns. While one save is being written, later ones coalesce: the latest replaces the one that waits, and all of
   * their callers share its outcome, so that at most two states are in memory however slow the medium is. Where several
   * stores share a folder, a save may be told to wait ({@link HeldBackError}), the more urgent the less.
   */
  save(state: Uint8Array, { urgency = 'shutdown' }: { urgency?: Urgency } = {}): Promise<bigint> {
    try {
      this.#expectOpen();
      const image = slotImage(state, this.#pending?.image);
      if (this.#pending === undefined) this.#pending = pendingSave(image);
      else this.#pending.image = image;
      this.#pending.urgency = moreUrgent(this.#pending.urgency, urgency);
    } catch (failure) {
      return Promise.reject(failure);
    }
    const { durable } = this.#pending;
    if (!this.#isWriting) this.#writePending();
    return durable;
  }

  /** The states of other base models in this folder, newest first. */
  foreignSlots(): readonly ForeignSlot[] {
    return this.#foreignSlots;
  }

  /** The state of another base model. */
  async loadForeignSlot(foreign: ForeignSlot): Promise<Uint8Array> {
    this.#expectOpen();
    return this.#exclusively(`load ${foreign.name}`, async () => {
      const slot = await this.#slots.readForeignSlot(foreign, (file) => this.#reportDamage(file));
      if (slot === undefined) {
        this.#foreignSlots = this.#foreignSlots.filter((other) => other.name !== foreign.name);
        await this.#slots.sync();
        throw new SpikewireError('store', `store ${this.directory}`, `${foreign.name} is damaged or gone`, 'a slot');
      }
      return slot.state;
    });
  }

  /** Applies a policy to the states of other base models; resolves with the sequence of a rebased state, if any. */
  async settleForeignSlots(policy: ForeignSlotPolicy): Promise<bigint | undefined> {
    this.#expectOpen();
    if (policy === 'keep') return undefined;
    if (policy === 'reset')
      return this.#exclusively('discard states of other models', () => this.#discardForeignSlots());
    const own = newestFirst(this.#sequences)[0];
    const newer = newestOfEachModel(this.#foreignSlots).filter(
      ({ sequence }) => own === undefined || sequence > this.#sequences.get(own)!,
    );
    if (newer.length === 0) return undefined;
    const { rebased, source } = await this.#rebaseNewest(newer, policy.rebase);
    const sequence = rebased && (await this.save(rebased));
    const { most = Number.POSITIVE_INFINITY } = policy;
    await this.#exclusively('discard old states of other models', () => this.#discardForeignSlots(most, source));
    return sequence;
  }

  /** What the first of these states gives that gives something, and the model that it is of. */
  async #rebaseNewest(
    slots: readonly ForeignSlot[],
    rebase: Rebase,
  ): Promise<{ readonly rebased?: Uint8Array; readonly source?: string }> {
    for (const foreign of slots) {
      const rebased = await rebase(await this.loadForeignSlot(foreign), foreign);
      if (rebased !== undefined) return { rebased, source: foreign.baseDigest };
    }
    return {};
  }

  /** Keeps a loaded state that does not fit its net beside the slots, durably, and returns the name of its file. */
  async refuse({ sequence }: SavedState): Promise<string> {
    this.#expectOpen();
    return this.#exclusively(`put state ${sequence} aside`, async () => {
      const position = newestFirst(this.#sequences).find((position) => this.#sequences.get(position) === sequence);
      if (position === undefined) {
        throw new SpikewireError(
          'store',
          `store ${this.directory}`,
          `has no state ${sequence}`,
          'a state that was loaded',
        );
      }
      const name = await this.#slots.refuse(position, sequence);
      await this.#forget(position);
      return name;
    });
  }

  /** Waits for saves under way, then gives the folder free. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#drainAndRelease();
    return this.#closing;
  }

  async #load(): Promise<SavedState | undefined> {
    const unreadable = new Map<Position, unknown>();
    for (const position of newestFirst(this.#sequences)) {
      const slot = await this.#slots
        .read(position, (file) => this.#reportDamage(file))
        .catch((failure: unknown) => {
          if (systemCode(failure) !== 'EIO') throw failure;
          unreadable.set(position, failure);
          return undefined;
        });
      if (slot?.baseDigest === this.#slots.baseDigest) {
        for (const position of unreadable.keys()) await this.#passOver(position);
        return { state: slot.state, sequence: slot.sequence };
      }
      if (!unreadable.has(position)) await this.#forget(position);
    }
    if (unreadable.size > 0) throw [...unreadable.values()][0];
    return undefined;
  }

  /** After the medium did not give a slot back and the other one was loaded: the next save goes where it is. */
  async #passOver(position: Position): Promise<void> {
    this.#unreadable.add(position);
    await this.#forget(position);
  }

  /** After a slot was put away: the other one is now the state to preserve. */
  async #forget(position: Position): Promise<void> {
    this.#sequences.delete(position);
    this.#durable = newestFirst(this.#sequences)[0];
    await this.#slots.sync();
  }

  #writePending(): void {
    const save = this.#pending;
    this.#isWriting = save !== undefined;
    if (save === undefined) return;
    this.#pending = undefined;
    const written = this.#exclusively('save the state', () => this.#writeWhenAllowed(save));
    save.settle(written);
    written.then(
      () => this.#writePending(),
      () => this.#writePending(),
    );
  }

  #writeWhenAllowed({ image, urgency }: PendingSave): Promise<bigint> {
    const write = () => this.#write(image);
    return this.#shared === undefined ? write() : this.#shared.gate(image.byteLength, urgency, write);
  }

  async #write(image: Uint8Array): Promise<bigint> {
    const position = this.#durable === 'a' ? 'b' : 'a';
    const sequence = this.#nextSequence;
    sealSlot(image, this.#slots.baseDigest, sequence);
    this.#nextSequence++;
    this.#bytesWritten += image.byteLength;
    await this.#slots.write(position, image, async () => {
      await this.#lock.verify();
      if (this.#unreadable.has(position)) this.#reportDamage(await this.#slots.quarantineUnreadable(position));
      this.#unreadable.delete(position);
    });
    this.#sequences.set(position, sequence);
    await this.#slots.sync();
    this.#durable = position;
    return sequence;
  }

  /** All but the newest. */
  /** Keeps the newest, those of the model `source` before others. */
  async #discardForeignSlots(most = 0, source?: string): Promise<undefined> {
    const isOfSource = ({ baseDigest }: ForeignSlot) => baseDigest === source;
    const ranked = [...this.#foreignSlots].sort((one, other) => Number(isOfSource(other)) - Number(isOfSource(one)));
    const discarded = ranked.slice(most);
    if (discarded.length === 0) return;
    for (const foreign of discarded) await this.#slots.removeForeignSlot(foreign);
    await this.#slots.sync();
    this.#foreignSlots = this.#foreignSlots.filter((foreign) => !discarded.includes(foreign));
  }

  async #drainAndRelease(): Promise<void> {
    while (this.#isWriting) await this.#last;
    if (this.#shared !== undefined) await this.#shared.leave();
    else await this.#exclusively('release the lock', () => this.#lock.release());
  }

  #reportDamage(file: QuarantinedFile): void {
    this.#quarantined.push(file);
    if (this.#quarantined.length > REPORTED_FILES_KEPT) this.#quarantined.shift();
  }

  #expectOpen(): void {
    if (this.#closing !== undefined) {
      throw new SpikewireError('store', `store ${this.directory}`, 'is closed', 'an open store');
    }
  }

  async #exclusively<T>(task: string, operation: () => Promise<T>): Promise<T> {
    const outcome = this.#last.then(operation);
    this.#last = outcome.catch(() => undefined);
    try {
      return await outcome;
    } catch (failure) {
      throw storeFailure(`store ${this.directory}`, task, failure);
    }
  }
}

function pendingSave(image: Uint8Array): PendingSave {
  let settle!: (outcome: Promise<bigint>) => void;
  const durable = new Promise<bigint>((resolve) => {
    settle = resolve;
  });
  return { image, urgency: 'routine', durable, settle };
}

function slotsIn(directory: string, { baseDigest, fileSystem = nodeFileSystem }: StoreOptions): SlotFolder {
  if (/^[0-9a-f]{64}$/.test(baseDigest)) return new SlotFolder(resolve(directory), baseDigest, fileSystem);
  const given = JSON.stringify(baseDigest)?.slice(0, 80);
  throw new SpikewireError('parameter', 'baseDigest', `${given}`, '64 lower-case hexadecimal digits');
}

/** Of slots that are sorted so, the first of each model. */
function newestOfEachModel(slots: readonly ForeignSlot[]): ForeignSlot[] {
  return slots.filter(({ baseDigest }, k) => slots.findIndex((other) => other.baseDigest === baseDigest) === k);
}

function newestFirst(sequences: ReadonlyMap<Position, bigint>): Position[] {
  return [...sequences].sort(([, one], [, other]) => (one > other ? -1 : 1)).map(([position]) => position);
}
