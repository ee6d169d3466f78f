import { join, resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { type FileSystem, nodeFileSystem, storeFailure, systemCode } from './file-system.ts';
import { costOf, Ledger } from './ledger.ts';
import { type LimitNames, OPTION_NAMES } from './limit-names.ts';
import { Lock } from './lock.ts';
import { makeFolder } from './make-folder.ts';
import { machineProcessTable, type ProcessTable } from './process-table.ts';
import { EMPTY_FOLDER, type Footprint, measure, NOTHING, Space, withSave } from './space.ts';
import { type Gate, type SavedState, Store } from './store.ts';
import type { Urgency } from './write-budget.ts';

export interface StoreRootOptions {
  /** Bytes that all stores together may take. Default 512 MiB: a single net of the largest state, three times. */
  readonly quotaBytes?: number;
  /**
   * Bytes that may be written in 24 hours, whatever is learned. Default 512 MiB: 1.9 TB in ten years, what a card of 32
   * GB takes.
   */
  readonly bytesPerDay?: number;
  /** What these limits are called where they are set; as here where absent. */
  readonly names?: LimitNames;
  readonly fileSystem?: FileSystem;
  readonly processes?: ProcessTable;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds from any origin, never going back. */
  readonly monotonic?: () => number;
}

/** What the stores of a process take together. */
export interface StoreUse {
  readonly bytes: number;
  /** Files and folders. */
  readonly files: number;
  readonly quota: { readonly bytes: number; readonly files: number };
  /** Bytes in this hour of the clock and the 23 before it, and what may be written in a day. */
  readonly day: { readonly written: number; readonly budget: number };
  /** Saves that had to wait for the day's budget, and those for which there was no room, since this process began. */
  readonly heldBack: number;
  readonly refused: number;
}

const MIB = 2 ** 20;

/** A save that the day's budget does not allow yet. */
export class HeldBackError extends SpikewireError {
  /** After which it will. */
  readonly milliseconds: number;

  constructor(directory: string, bytesPerDay: number, milliseconds: number, name: string) {
    const seconds = Math.ceil(milliseconds / 1000);
    const wait = `must wait ${seconds} s, because at most ${bytesPerDay} bytes a day may be written`;
    super('store', `store ${directory}`, wait, `fewer or smaller nets, or a larger ${name}`);
    this.milliseconds = milliseconds;
  }
}

interface Held {
  readonly lock: Lock;
  readonly space: Space;
  readonly ledger: Ledger;
  readonly names: LimitNames;
}

/**
 * The folder in which the stores of all nets of a process lie: held by one process at a time, bounded in what it takes
 * and in what is written to it in a day, also over restarts. Writes go one after another, as one medium does them
 * anyway.
 *
 *   lock.<generation>    see lock.ts
 *   written.json         see ledger.ts
 *   <net>/               a store, see slot-folder.ts
 */
export class StoreRoot {
  readonly directory: string;
  readonly #options: StoreRootOptions;
  readonly #fileSystem: FileSystem;
  readonly #processes: ProcessTable;
  readonly #monotonic: () => number;
  #opening: Promise<Held> | undefined;
  #held: Held | undefined;
  /** The tail of the writes. */
  #last: Promise<unknown> = Promise.resolve();
  #heldBack = 0;
  #refused = 0;
  /** Names of the stores in it, as many at most as the quota lets there be. */
  readonly #names = new Set<string>();

  constructor(directory: string, options: StoreRootOptions = {}) {
    this.directory = resolve(directory);
    this.#options = options;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.#processes = options.processes ?? machineProcessTable();
    this.#monotonic = options.monotonic ?? (() => performance.now());
  }

  /**
   * Takes the folder, made if it is missing, unless that is done. After a rejection it may be tried again.
   *
   * @throws FolderInUseError if another process holds it (the message names its pid); SpikewireError `store` if it
   * cannot be used.
   */
  async open(): Promise<void> {
    await this.#take();
  }

  #take(): Promise<Held> {
    this.#opening ??= this.#takeFolder().then(
      (held) => {
        this.#held = held;
        return held;
      },
      (failure) => {
        this.#opening = undefined;
        throw storeFailure(`store ${this.directory}`, 'open', failure);
      },
    );
    return this.#opening;
  }

  async #takeFolder(): Promise<Held> {
    const { directory } = this;
    const { quotaBytes = 512 * MIB, bytesPerDay = 512 * MIB, names = OPTION_NAMES, now = Date.now } = this.#options;
    await this.#makeFolder();
    const lock = await Lock.take(directory, this.#fileSystem, this.#processes);
    try {
      const { all } = await measure(directory, this.#fileSystem);
      for (const name of await this.#fileSystem.list(directory)) if (isStoreName(name)) this.#names.add(name);
      const clocks = { now, monotonic: this.#monotonic };
      const ledger = await Ledger.open(directory, this.#fileSystem, bytesPerDay, clocks);
      return { lock, space: new Space(quotaBytes, names.quotaBytes, all), ledger, names };
    } catch (failure) {
      await lock.release().catch(() => undefined); // the first failure is the one to report
      throw failure;
    }
  }

  async #makeFolder(): Promise<void> {
    try {
      await makeFolder(this.directory, this.#fileSystem);
    } catch (failure) {
      if (systemCode(failure) !== 'ENOENT') throw failure; // below /proc, for example, no folder can be made
      const expected = 'a folder on a writable disk';
      throw new SpikewireError('store', `store ${this.directory}`, 'cannot be created', expected, failure);
    }
  }

  /** Opens the store of a net, in a folder of that name. A new one needs room. */
  async openStore(name: string, baseDigest: string): Promise<Store> {
    const held = await this.#take();
    const directory = join(this.directory, name);
    const tenant = new Tenant(directory, held, this.#fileSystem, this.#monotonic);
    const gate: Gate = (bytes, urgency, write) => this.#pass(tenant, bytes, urgency, write);
    const shared = { lock: held.lock, gate, leave: () => tenant.leave() };
    return this.#exclusively(async () => {
      await this.#counted(() => tenant.expectPlace());
      const store = await Store.open(directory, {
        baseDigest,
        fileSystem: this.#fileSystem,
        processes: this.#processes,
        shared,
      });
      await tenant.measure();
      this.#names.add(name);
      return store;
    }).catch((failure) => {
      throw storeFailure(`store ${directory}`, 'open', failure);
    });
  }

  /** Whether it has a store of that name, as far as this process has seen since it took the folder. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** What can be read of a store that cannot be opened. */
  async peek(name: string, baseDigest: string): Promise<SavedState | undefined> {
    return Store.peek(join(this.directory, name), { baseDigest, fileSystem: this.#fileSystem });
  }

  /** Undefined while the folder is not held. */
  get use(): StoreUse | undefined {
    if (this.#held === undefined) return undefined;
    const { space, ledger } = this.#held;
    const { budget } = ledger;
    return {
      bytes: space.used.bytes,
      files: space.used.entries,
      quota: { bytes: space.quota.bytes, files: space.quota.entries },
      day: { written: budget.writtenInLastDay, budget: budget.bytesPerDay },
      heldBack: this.#heldBack,
      refused: this.#refused,
    };
  }

  /** Gives the folder free; the stores in it must be closed. It may be opened again. */
  async close(): Promise<void> {
    const held = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    this.#held = undefined;
    if (held === undefined) return;
    await this.#exclusively(async () => {
      await held.ledger.close().catch(() => undefined); // counts what it does not give back as written
      await held.lock.release();
    }).catch((failure) => {
      throw storeFailure(`store ${this.directory}`, 'release the lock', failure);
    });
  }

  /** Lets a write through when there is room for it and the day's budget allows it. */
  #pass<T>(tenant: Tenant, bytes: number, urgency: Urgency, write: () => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const settle = await this.#counted(() => tenant.admit(bytes, urgency));
      const outcome = await write();
      settle();
      return outcome;
    });
  }

  async #counted<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (failure) {
      if (failure instanceof HeldBackError) this.#heldBack++;
      else if (failure instanceof SpikewireError) this.#refused++;
      throw failure;
    }
  }

  #exclusively<T>(task: () => Promise<T>): Promise<T> {
    const outcome = this.#last.then(task);
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }
}

/** The files beside the stores have a dot in their names. */
function isStoreName(name: string): boolean {
  return !name.includes('.');
}

/** One of the stores of a folder, as to what it takes and may write. */
class Tenant {
  readonly directory: string;
  readonly #held: Held;
  readonly #fileSystem: FileSystem;
  readonly #monotonic: () => number;
  #known: Footprint = NOTHING;
  #slots: Footprint = NOTHING;
  /** What is set aside for its next write, and when that may be. */
  #reserved: { readonly bytes: number; readonly due: number } | undefined;

  constructor(directory: string, held: Held, fileSystem: FileSystem, monotonic: () => number) {
    this.directory = directory;
    this.#held = held;
    this.#fileSystem = fileSystem;
    this.#monotonic = monotonic;
  }

  /** Throws `store` where there is no room for a new one. */
  async expectPlace(): Promise<void> {
    const { all } = await measure(this.directory, this.#fileSystem, 1);
    this.#known = all; // it was there when all were measured, or its former opening has left it so
    if (all.entries === 0) this.#held.space.expectRoom(`store ${this.directory}`, NOTHING, EMPTY_FOLDER);
  }

  async measure(): Promise<void> {
    const { all, slots } = await measure(this.directory, this.#fileSystem, 1);
    this.#held.space.change(this.#known, all);
    this.#known = all;
    this.#slots = slots;
  }

  /**
   * Throws {@link HeldBackError}, or `store` where there is no room; else the bytes count as written. To be settled
   * after the write.
   */
  async admit(bytes: number, urgency: Urgency): Promise<() => void> {
    const { space, ledger } = this.#held;
    await this.measure();
    const after = withSave(this.#known, this.#slots, bytes);
    space.expectRoom(`store ${this.directory}`, this.#known, after, bytes);
    const isLent = this.#reserve(costOf(bytes), urgency);
    this.#reserved = { bytes: costOf(bytes), due: 0 }; // and stays so where it cannot be noted
    await ledger.claim(costOf(bytes), isLent);
    this.#reserved = undefined;
    return () => {
      space.change(this.#known, after);
      this.#known = after;
    };
  }

  /**
   * Sets bytes aside, unless that was done for a write that had to wait, and throws {@link HeldBackError} where they may
   * not be written yet. Says whether they are lent.
   */
  #reserve(bytes: number, urgency: Urgency): boolean {
    const { names, ledger } = this.#held;
    const { budget } = ledger;
    if (this.#reserved?.bytes !== bytes) this.#cancel();
    const wait = Math.min(this.#waitFor(bytes), budget.waitFor(bytes, urgency));
    if (wait <= 0) return false;
    const waitForLoan = urgency === 'command' ? budget.lend(bytes) : wait;
    if (waitForLoan === 0) return true;
    throw new HeldBackError(this.directory, budget.bytesPerDay, Math.min(wait, waitForLoan), names.bytesPerDay);
  }

  #waitFor(bytes: number): number {
    const now = this.#monotonic();
    this.#reserved ??= { bytes, due: now + this.#held.ledger.budget.reserve(bytes) };
    return this.#reserved.due - now;
  }

  async leave(): Promise<void> {
    this.#cancel();
    await this.measure().catch(() => undefined); // the next opening of the folder looks again
  }

  #cancel(): void {
    if (this.#reserved !== undefined) this.#held.ledger.budget.cancel(this.#reserved.bytes);
    this.#reserved = undefined;
  }
}
