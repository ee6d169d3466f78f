import { readSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OWNERS_MODE = 0o600;

/**
 * Items in a file without a name, which can be read one by one as often as is wanted: what is computed of many needs
 * memory for one. When the process ends, however that happens, nothing is left.
 */
export class Spool<Item> implements Iterable<Item> {
  readonly #file: FileHandle;
  readonly #read: (bytes: Uint8Array) => Item;
  readonly #places: { readonly start: number; readonly length: number }[] = [];
  #end = 0;

  /** @param read what an item is, of its bytes */
  static async open<Item>(read: (bytes: Uint8Array) => Item): Promise<Spool<Item>> {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-spool-'));
    try {
      return new Spool(await open(join(folder, 'items'), 'wx+', OWNERS_MODE), read);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private constructor(file: FileHandle, read: (bytes: Uint8Array) => Item) {
    [this.#file, this.#read] = [file, read];
  }

  async add(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes, 0, bytes.byteLength, this.#end);
    this.#places.push({ start: this.#end, length: bytes.byteLength });
    this.#end += bytes.byteLength;
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (const { start, length } of this.#places) {
      const bytes = new Uint8Array(length);
      let got = 0;
      while (got < length) {
        const more = readSync(this.#file.fd, bytes, got, length - got, start + got);
        if (more === 0) throw new Error('the spool is shorter than it was written');
        got += more;
      }
      yield this.#read(bytes);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
