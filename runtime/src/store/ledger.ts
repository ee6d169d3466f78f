import { join } from 'node:path';
import { type FileSystem, systemCode, unless, writeDurably } from './file-system.ts';
import { type BudgetRecord, parseBudgetRecord, WriteBudget } from './write-budget.ts';

/*
 * The budget of a day must outlive its process, or a restart loop would write as much as it likes. Noting every save
 * would cost as much as the saves, so bytes are claimed in blocks: before a block is used, it is noted as written. A
 * process that is killed loses the rest of its block, one that ends gives it back.
 */
const FILE = 'written.json';
const UNFINISHED = 'written.json.new';
const MAXIMUM_BYTES = 4096;
/** Blocks of a day: each costs a small file, and a killed process at most one block. */
const BLOCKS_PER_DAY = 256;
const LEAST_WRITES_PER_BLOCK = 4;
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
    const budget = new WriteBudget(bytesPerDay, clock, record === 'damaged' ? undefined : record);
    if (record === 'damaged') budget.reserve(bytesPerDay / 8); // what it may have said; a shutdown can still save
    return new Ledger(folder, fileSystem, budget);
  }

  /** Before bytes that were set aside are written: notes them, unless they are of a block that is noted. */
  async claim(bytes: number): Promise<void> {
    if (this.#claimed < bytes) {
      const block = Math.max(LEAST_WRITES_PER_BLOCK * bytes, this.#blockBytes);
      await this.#note({ reserved: block - bytes, written: block });
      this.#claimed = block;
    }
    this.#claimed -= bytes;
    this.budget.written(bytes);
  }

  /** Gives back what is noted and was not written. */
  async close(): Promise<void> {
    if (this.#claimed === 0) return;
    this.#claimed = 0;
    await this.#note({ reserved: 0, written: 0 });
  }

  async #note(ahead: { readonly reserved: number; readonly written: number }): Promise<void> {
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
