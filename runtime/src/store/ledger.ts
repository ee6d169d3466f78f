import { join } from 'node:path';
import { type FileSystem, systemCode, unless, writeDurably } from './file-system.ts';
import { type BudgetRecord, halfSpent, parseBudgetRecord, WriteBudget } from './write-budget.ts';

/*
 * The budget of a day must outlive its process, or a restart loop would write as much as it likes. A note is a file of
 * its own, and costs as much as a small save, so bytes are claimed in blocks: before a block is used, it is noted as
 * written. A process that ends gives the rest of its block back; one that is killed loses it, so a block is at most a
 * quarter of what its process has written so far: the first saves are noted one by one, and a process that writes for
 * long needs few notes.
 */
const FILE = 'written.json';
const UNFINISHED = 'written.json.new';
const MAXIMUM_BYTES = 4096;
/** The largest block: so much of a day, or so many writes. */
const BLOCKS_PER_DAY = 256;
const WRITES_PER_BLOCK = 4;
const SHARE_AHEAD = 1 / 4;
/** What a medium writes at least. */
const PAGE_BYTES = 4096;
/** A note, its name and the file system's own note of both. */
const NOTE_BYTES = 4 * PAGE_BYTES;
/**
 * The folder and the file system's own note of a save: its name twice and its place, and all of it again in the
 * journal.
 */
const SAVE_BYTES = 4 * PAGE_BYTES;

/** What a save of so many bytes costs a medium. */
export function costOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES + SAVE_BYTES;
}

/**
 * The budget of a day, noted in a folder. Its methods are called one after another by the holder of the folder's lock.
 */
export class Ledger {
  readonly budget: WriteBudget;
  readonly #folder: string;
  readonly #fileSystem: FileSystem;
  readonly #blockBytes: number;
  /** Bytes that are noted as written and were not. */
  #claimed = 0;
  /** Bytes that this process has written. */
  #written = 0;

  private constructor(folder: string, fileSystem: FileSystem, budget: WriteBudget) {
    this.#folder = folder;
    this.#fileSystem = fileSystem;
    this.budget = budget;
    this.#blockBytes = budget.bytesPerDay / BLOCKS_PER_DAY;
  }

  /** @param clocks `now`: milliseconds since 1970, which may be wrong; `monotonic`: milliseconds, never going back */
  static async open(
    folder: string,
    fileSystem: FileSystem,
    bytesPerDay: number,
    { now, monotonic }: { now: () => number; monotonic: () => number },
  ): Promise<Ledger> {
    const record = await readRecord(join(folder, FILE), fileSystem);
    // A clock that was set back, or has no battery, gives no time; from here on none is skipped or counted twice.
    const start = Math.max(now(), record === 'damaged' ? 0 : (record?.time ?? 0)) - monotonic();
    const clock = () => start + monotonic();
    const left = record === 'damaged' ? halfSpent(bytesPerDay, clock()) : record;
    return new Ledger(folder, fileSystem, new WriteBudget(bytesPerDay, clock, left));
  }

  /**
   * Before bytes that were set aside are written: notes them, unless they are of a block that is noted.
   *
   * @param isLent whether the budget has lent them, which is noted in any case
   */
  async claim(bytes: number, isLent: boolean): Promise<void> {
    if (this.#claimed < bytes || isLent) {
      const most = Math.max(WRITES_PER_BLOCK * bytes, this.#blockBytes);
      const block = Math.max(bytes, Math.min(most, SHARE_AHEAD * this.#written));
      await this.#note(block);
      this.#claimed = block;
    }
    this.#claimed -= bytes;
    this.#written += bytes;
    this.budget.written(bytes);
  }

  /** Gives back what is noted and was not written. */
  async close(): Promise<void> {
    if (this.#claimed === 0) return;
    this.#claimed = 0;
    await this.#note(0);
  }

  /** @param ahead bytes to note as written already */
  async #note(ahead: number): Promise<void> {
    this.budget.reserve(NOTE_BYTES);
    this.budget.written(NOTE_BYTES);
    const record = this.budget.record(ahead);
    const unfinished = join(this.#folder, UNFINISHED);
    await unless('ENOENT', this.#fileSystem.remove(unfinished));
    await writeDurably(this.#fileSystem, unfinished, new TextEncoder().encode(`${JSON.stringify(record)}\n`));
    await this.#fileSystem.rename(unfinished, join(this.#folder, FILE));
    await this.#fileSystem.syncFolder(this.#folder);
  }
}

async function readRecord(path: string, fileSystem: FileSystem): Promise<BudgetRecord | 'damaged' | undefined> {
  try {
    const content = await fileSystem.read(path, MAXIMUM_BYTES);
    return parseBudgetRecord(new TextDecoder().decode(content)) ?? 'damaged';
  } catch (failure) {
    const code = systemCode(failure);
    if (code === 'ENOENT') return undefined;
    if (code === 'EFBIG' || code === 'EFTYPE') return 'damaged';
    throw failure;
  }
}
