import { SpikewireError } from '@spikewire/models';
import type { ReadingMemory } from '../../reading-memory.ts';
import { Cursor, type Widths } from './cursor.ts';

/** Memory at most of what is kept of a part, beside its bytes. */
const OF_PART = 256;

/** The bytes of a file, by the addresses that it uses itself. */
export class FileBytes {
  readonly memory: ReadingMemory;
  readonly widths: Widths;
  /** From the superblock on, where addresses begin. */
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, widths: Widths, memory: ReadingMemory) {
    this.#bytes = bytes;
    this.widths = widths;
    this.memory = memory;
  }

  /**
   * A view of a part. Throws `file` where it is not within the file. Its bytes count as memory, as a measure of the
   * work that they make: reading the same ones again and again ends with `budget`.
   */
  part(address: number, bytes: number, where: string): Cursor {
    if (!(address + bytes <= this.#bytes.length)) {
      const problem = `has a part of ${bytes} bytes at byte ${address} of a file of ${this.#bytes.length}`;
      throw new SpikewireError('file', where, problem, 'a whole HDF5 file');
    }
    this.memory.take(where, OF_PART + bytes);
    return new Cursor(this.#bytes.subarray(address, address + bytes), where, this.widths);
  }

  /** As much as there is, up to these bytes, for parts that say their own size. */
  upTo(address: number, bytes: number, where: string): Cursor {
    return this.part(address, Math.max(0, Math.min(bytes, this.#bytes.length - address)), where);
  }
}

/** Places that were visited: each part of one structure stands in it once, so that none is its own part. */
export class Visited {
  readonly #addresses = new Set<number>();

  add(address: number, where: string): void {
    if (this.#addresses.has(address)) {
      throw new SpikewireError('file', where, `has the part at byte ${address} twice`, 'an undamaged HDF5 file');
    }
    this.#addresses.add(address);
  }
}
