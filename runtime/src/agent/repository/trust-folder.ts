import { join } from 'node:path';
import { replaceDurably } from '../../store/durable-file.ts';
import { type FileSystem, nodeFileSystem, storeFailure, systemCode } from '../../store/file-system.ts';
import { LARGEST, type Role } from './metadata.ts';

const TIME_FILE = 'last-time';
const LARGEST_TIME = 64;

/**
 * What a device trusts of a repository, in a folder: the last file of each role, and the latest time that it has known.
 * Each file is replaced whole and durably. Failures reject with `store`.
 */
export class TrustFolder {
  readonly #folder: string;
  readonly #fileSystem: FileSystem;

  constructor(folder: string, fileSystem: FileSystem = nodeFileSystem) {
    this.#folder = folder;
    this.#fileSystem = fileSystem;
  }

  /** The kept file of a role; undefined where there is none. */
  read(role: Role): Promise<Uint8Array | undefined> {
    return this.#read(`${role}.json`, LARGEST[role]);
  }

  write(role: Role, bytes: Uint8Array): Promise<void> {
    return this.#write(`${role}.json`, bytes);
  }

  /** The latest time that was kept, in milliseconds since 1970; 0 where none was. */
  async readTime(): Promise<number> {
    const bytes = await this.#read(TIME_FILE, LARGEST_TIME);
    const time = bytes === undefined ? Number.NaN : Date.parse(Buffer.from(bytes).toString('latin1'));
    return Number.isNaN(time) ? 0 : time;
  }

  writeTime(time: number): Promise<void> {
    return this.#write(TIME_FILE, Buffer.from(new Date(time).toISOString()));
  }

  async #read(name: string, most: number): Promise<Uint8Array | undefined> {
    const path = join(this.#folder, name);
    try {
      return await this.#fileSystem.read(path, most);
    } catch (failure) {
      if (systemCode(failure) === 'ENOENT') return undefined;
      throw storeFailure(path, 'read it', failure);
    }
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    await replaceDurably(path, bytes, this.#fileSystem).catch((failure: unknown) => {
      throw storeFailure(path, 'write it', failure);
    });
  }
}

/** What is trusted of a repository, in the folder of updates or configurations. */
export function trustIn(folder: string): TrustFolder {
  return new TrustFolder(join(folder, 'trust'));
}
