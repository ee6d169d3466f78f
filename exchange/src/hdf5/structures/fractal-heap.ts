import { SpikewireError } from '@spikewire/models';
import type { Cursor } from '../bytes/cursor.ts';
import { type FileBytes, Visited } from '../bytes/file-bytes.ts';
import { lookup3 } from '../bytes/lookup3.ts';
import { RECORDS, recordsOf } from './b-tree-2.ts';

const [MANAGED, HUGE, TINY] = [0, 1, 2];
const CHECKSUM = 4;
/** A flag of the heap: its direct blocks have checksums. */
const HAS_CHECKSUMS = 2;
const OF_BLOCK = 128;

/** Where a heap has objects: its addresses of their own go from `start` on. */
interface DirectBlock {
  readonly start: number;
  readonly bytes: number;
  readonly address: number;
}

/** The heap of many links or attributes of an object (HDF5 File Format Specification, III.G). */
export class FractalHeap {
  readonly #file: FileBytes;
  readonly #where: string;
  readonly #idBytes: number;
  readonly #offsetBytes: number;
  readonly #lengthBytes: number;
  readonly #hasChecksums: boolean;
  readonly #hugeObjects: number | undefined;
  readonly #blocks: readonly DirectBlock[];
  #huge: ReadonlyMap<number, { address: number; bytes: number }> | undefined;

  constructor(file: FileBytes, address: number, where: string) {
    this.#file = file;
    this.#where = where;
    const { address: addressBytes, length: lengthBytes } = file.widths;
    const header = file.part(address, 22 + 12 * lengthBytes + 3 * addressBytes + CHECKSUM, where);
    header.signature('FRHP');
    header.version('a fractal heap', 0);
    this.#idBytes = header.uint(2);
    if (header.uint(2) !== 0) throw new SpikewireError('unsupported', where, 'has a heap with filters', 'one without');
    this.#hasChecksums = (header.uint(1) & HAS_CHECKSUMS) !== 0;
    const mostManaged = header.uint(4);
    header.length();
    this.#hugeObjects = header.address();
    header.length();
    header.address();
    for (let statistics = 0; statistics < 8; statistics++) header.length();
    const [width, start, largest, bits] = [header.uint(2), header.length(), header.length(), header.uint(2)];
    header.skip(2);
    const [root, rows] = [header.address(), header.uint(2)];
    header.checksum();
    if (![width, start, largest].every(isPowerOfTwo) || bits > 64 || rows > 64) {
      header.fail('has a fractal heap of an invalid form');
    }
    this.#offsetBytes = Math.ceil(bits / 8);
    this.#lengthBytes = Math.min(
      Math.ceil(Math.log2(largest) / 8),
      Math.floor(Math.log2(Math.max(1, mostManaged)) / 8) + 1,
    );
    this.#blocks = root === undefined ? [] : this.#directBlocks(root, rows, { width, start, largest });
  }

  /** The object of a heap ID (III.G, "Heap IDs"). */
  object(id: Cursor): Cursor {
    const first = id.uint(1);
    const kind = (first >> 4) & 3;
    if (first >> 6 !== 0) id.fail('has a heap ID of an unknown version');
    if (kind === MANAGED) return this.#managed(id.uint(this.#offsetBytes), id.uint(this.#lengthBytes));
    if (kind === HUGE) return this.#hugeObject(id);
    if (kind !== TINY) id.fail('has a heap ID of an unknown kind');
    // IDs of links and attributes have 7 and 8 bytes: too few for the longer form.
    return id.part((first & 15) + 1);
  }

  #managed(offset: number, bytes: number): Cursor {
    const block = blockOf(this.#blocks, offset);
    if (block === undefined || offset + bytes > block.start + block.bytes) {
      throw new SpikewireError(
        'file',
        this.#where,
        'refers to data that its heap does not have',
        'an undamaged HDF5 file',
      );
    }
    return this.#file.part(block.address + offset - block.start, bytes, this.#where);
  }

  /** Where an ID has room, it says address and length itself. */
  #hugeObject(id: Cursor): Cursor {
    const { address, length } = this.#file.widths;
    if (this.#idBytes > address + length) return this.#file.part(id.defined('object'), id.length(), this.#where);
    this.#huge ??= this.#readHuge();
    const found = this.#huge.get(id.uint(Math.min(length, this.#idBytes - 1)));
    if (found === undefined) return id.fail('refers to data that its heap does not have');
    return this.#file.part(found.address, found.bytes, this.#where);
  }

  #readHuge(): Map<number, { address: number; bytes: number }> {
    const huge = new Map<number, { address: number; bytes: number }>();
    if (this.#hugeObjects === undefined) return huge;
    for (const record of recordsOf(this.#file, this.#hugeObjects, RECORDS.hugeObjects, this.#where)) {
      this.#file.memory.take(this.#where, OF_BLOCK);
      const [address, bytes, id] = [record.defined('object'), record.length(), record.length()];
      huge.set(id, { address, bytes });
    }
    return huge;
  }

  /** All blocks of the doubling table, in the order of their addresses in the heap (III.G, "Doubling Table"). */
  #directBlocks(root: number, rows: number, table: { width: number; start: number; largest: number }): DirectBlock[] {
    const { width, start: smallest, largest } = table;
    const [file, where] = [this.#file, this.#where];
    const beforeEntries = 5 + file.widths.address + this.#offsetBytes;
    const visited = new Visited();
    const blocks: DirectBlock[] = [];
    const sizeOf = (row: number) => smallest * 2 ** Math.max(0, row - 1);

    const addDirect = (address: number, start: number, bytes: number) => {
      visited.add(address, where);
      file.memory.take(where, OF_BLOCK);
      const block = file.part(address, bytes, where);
      block.signature('FHDB');
      if (this.#hasChecksums) this.#checkBlock(block, beforeEntries);
      blocks.push({ start, bytes, address });
    };
    const addIndirect = (address: number, start: number, count: number) => {
      visited.add(address, where);
      const part = file.part(address, beforeEntries + count * width * file.widths.address + CHECKSUM, where);
      part.signature('FHIB');
      part.skip(beforeEntries - 4);
      const children = Array.from({ length: count * width }, () => part.address());
      part.checksum();
      let offset = start;
      for (const [k, child] of children.entries()) {
        const row = Math.floor(k / width);
        const bytes = sizeOf(row);
        if (child !== undefined) {
          if (bytes <= largest) addDirect(child, offset, bytes);
          else addIndirect(child, offset, Math.max(0, Math.log2(bytes / (smallest * width)) + 1));
        }
        offset += bytes;
      }
    };
    if (rows === 0) addDirect(root, 0, smallest);
    else addIndirect(root, 0, rows);
    return blocks;
  }

  /** The checksum of a direct block stands within it, and counts as zeros. */
  #checkBlock(block: Cursor, at: number): void {
    this.#file.memory.take(this.#where, block.bytes.length);
    block.skip(at - block.at);
    const found = block.uint(CHECKSUM);
    const bytes = new Uint8Array(block.bytes).fill(0, at, at + CHECKSUM);
    if (lookup3(bytes) !== found) block.fail('has a part whose checksum is wrong');
  }
}

const isPowerOfTwo = (value: number) => value >= 1 && Number.isInteger(Math.log2(value));

/** The last that begins at an offset or before it. */
function blockOf(blocks: readonly DirectBlock[], offset: number): DirectBlock | undefined {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle]!.start <= offset) low = middle + 1;
    else high = middle;
  }
  return blocks[low - 1];
}
