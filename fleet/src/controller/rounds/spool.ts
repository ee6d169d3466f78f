import { readSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OWNERS_MODE = 0o600;

/** Items in an open file of this process, which all of its threads can read. */
export interface Spooled {
  /** Number of the file. */
  readonly file: number;
  readonly places: readonly { readonly start: number; readonly length: number }[];
}

/**
 * Bytes in a file without a name, which can be read item by item as often as is wanted: what is computed of many needs
 * memory for one. When the process ends, however that happens, nothing is left.
 */
export class Spool {
  readonly #file: FileHandle;
  readonly #places: { readonly start: number; readonly length: number }[] = [];
  #end = 0;

  static async open(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-spool-'));
    try {
      return new Spool(await open(join(folder, 'items'), 'wx+', OWNERS_MODE));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(bytes: Uint8Array): Promise<void> {
    await this.#file.writeFile(bytes); // behind what was written before
    this.#places.push({ start: this.#end, length: bytes.byteLength });
    this.#end += bytes.byteLength;
  }

  /** Valid until it is closed. */
  get spooled(): Spooled {
    return { file: this.#file.fd, places: [...this.#places] };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** The items, of which one at a time is in memory. */
export function spooledItems<Item>({ file, places }: Spooled, read: (bytes: Uint8Array) => Item): Iterable<Item> {
  return {
    *[Symbol.iterator]() {
      for (const { start, length } of places) yield read(bytesAt(file, start, length));
    },
  };
}

function bytesAt(file: number, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let got = 0; got < length; ) {
    const more = readSync(file, bytes, got, length - got, start + got);
    if (more === 0) throw new Error('the spool is shorter than it was written');
    got += more;
  }
  return bytes;
}
