import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { replaceDurably } from '../../store/durable-file.ts';
import { type FileSystem, nodeFileSystem, storeFailure, systemCode, unless } from '../../store/file-system.ts';

/** More than any model file. */
const LARGEST_BASE = 2 ** 31;
const BASE_NAME = /^[0-9a-f]{64}(\.part)?$/;

/** Files of base models in a folder, each under the SHA-256 of its content. Failures reject with `store`. */
export class Bases {
  readonly folder: string;
  readonly #files: FileSystem;

  constructor(folder: string, fileSystem: FileSystem = nodeFileSystem) {
    this.folder = folder;
    this.#files = fileSystem;
  }

  /** The content, compared with its name; `store` where it is missing or damaged. */
  async read(sha256: string): Promise<Uint8Array> {
    const path = join(this.folder, sha256);
    const bytes = await this.#files.read(path, LARGEST_BASE).catch((failure: unknown) => {
      throw storeFailure(path, 'read it', failure);
    });
    const found = sha256Of(bytes);
    if (found === sha256) return bytes;
    throw new SpikewireError('store', path, `is damaged: its SHA-256 is ${found}`, 'that of its name');
  }

  /** Keeps a file durably, and returns its SHA-256. */
  async keep(bytes: Uint8Array): Promise<string> {
    const sha256 = sha256Of(bytes);
    const isKept = await this.read(sha256).then(
      () => true,
      () => false,
    );
    const path = join(this.folder, sha256);
    if (isKept) return sha256;
    await replaceDurably(path, bytes, this.#files).catch((failure: unknown) => {
      throw storeFailure(path, 'write it', failure);
    });
    return sha256;
  }

  /** Removes what is not needed any more, also unfinished downloads. */
  async removeAllBut(needed: readonly string[]): Promise<void> {
    const names = await this.#files.list(this.folder).catch((failure: unknown) => {
      if (systemCode(failure) === 'ENOENT') return [];
      throw storeFailure(this.folder, 'list it', failure);
    });
    const isNeeded = (name: string) => needed.some((sha256) => name === sha256 || name === `${sha256}.part`);
    for (const name of names.filter((name) => BASE_NAME.test(name) && !isNeeded(name))) {
      await unless('ENOENT', this.#files.remove(join(this.folder, name))).catch((failure: unknown) => {
        throw storeFailure(join(this.folder, name), 'remove it', failure);
      });
    }
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
