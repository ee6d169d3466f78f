import { SpikewireError } from '@spikewire/models';
import { xxHash32 } from './xxhash.ts';

const MAGIC = 0x184d2204;
/** Bytes of a block, at most, by three bits of the header. */
const BLOCK_SIZES: Readonly<Record<number, number>> = { 4: 2 ** 16, 5: 2 ** 18, 6: 2 ** 20, 7: 2 ** 22 };
const UNCOMPRESSED = 0x8000_0000;
const LEAST_MATCH = 4;
const FIRST_CAPACITY = 2 ** 16;

/**
 * What a frame of LZ4 holds (lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md), with its checksums. Throws
 * `file` where it is damaged, needs a dictionary or holds more than `most` bytes.
 */
export function decompressLz4(bytes: Uint8Array, most: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return new Frame(bytes, view, most).read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new SpikewireError('file', 'LZ4 frame', 'ends too early', 'all of its bytes', cause);
  }
}

class Frame {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #most: number;
  #at = 0;
  #output = new Uint8Array(0);
  #length = 0;

  constructor(bytes: Uint8Array, view: DataView, most: number) {
    this.#bytes = bytes;
    this.#view = view;
    this.#most = most;
  }

  read(): Uint8Array {
    const { blockBytes, hasBlockChecksums, hasChecksum, contentBytes } = this.#header();
    this.#output = new Uint8Array(Math.min(this.#most, contentBytes ?? FIRST_CAPACITY));
    for (let word = this.#word(); word !== 0; word = this.#word()) {
      const start = this.#at;
      this.#block(word, blockBytes);
      const block = this.#bytes.subarray(start, this.#at);
      if (hasBlockChecksums && this.#word() !== xxHash32(block)) throw damaged('has a block with a wrong checksum');
    }
    const content = this.#output.subarray(0, this.#length);
    if (hasChecksum && this.#word() !== xxHash32(content)) throw damaged('has content with a wrong checksum');
    if (contentBytes !== undefined && contentBytes !== this.#length) {
      throw damaged(`has ${this.#length} bytes, but its header says ${contentBytes}`);
    }
    return content;
  }

  #header() {
    if (this.#word() !== MAGIC) throw damaged('does not begin like an LZ4 frame');
    const [flags, sizes] = [this.#byte(), this.#byte()];
    const blockBytes = BLOCK_SIZES[(sizes >>> 4) & 7];
    if (flags >>> 6 !== 1 || (flags & 1) !== 0 || blockBytes === undefined) {
      throw new SpikewireError('file', 'LZ4 frame', 'is of an unknown kind', 'version 1 without a dictionary');
    }
    const contentBytes = (flags & 8) === 0 ? undefined : this.#contentBytes();
    if (this.#byte() !== ((xxHash32(this.#bytes.subarray(4, this.#at - 1)) >>> 8) & 0xff)) {
      throw damaged('has a header with a wrong checksum');
    }
    return { blockBytes, hasBlockChecksums: (flags & 16) !== 0, hasChecksum: (flags & 4) !== 0, contentBytes };
  }

  #contentBytes(): number {
    const size = Number(this.#view.getBigUint64(this.#at, true));
    this.#at += 8;
    if (size > this.#most) throw this.#tooLarge(size);
    return size;
  }

  #block(word: number, blockBytes: number): void {
    const size = (word & ~UNCOMPRESSED) >>> 0;
    const end = this.#at + size;
    if (size > blockBytes || end > this.#bytes.length) throw damaged(`has a block of ${size} bytes`);
    if ((word & UNCOMPRESSED) === 0) this.#decompress(end, this.#length + blockBytes);
    else this.#literals(size);
  }

  /** Sequences of bytes as they are, and of ones that were before; a block ends with the former. */
  #decompress(end: number, longest: number): void {
    while (this.#at < end) {
      const token = this.#byte();
      const literals = this.#count(token >>> 4, end);
      if (this.#at + literals > end) throw damaged('has literals beyond their block');
      this.#literals(literals);
      if (this.#at === end) break;
      const distance = this.#view.getUint16(this.#at, true);
      this.#at += 2;
      this.#repeat(distance, this.#count(token & 15, end) + LEAST_MATCH);
      if (this.#at > end || this.#length > longest) throw damaged('has a block that is too long');
    }
  }

  /** A count of four bits, which more bytes may make larger. */
  #count(first: number, end: number): number {
    let count = first;
    for (let byte = first === 15 ? 255 : 0; byte === 255; count += byte) {
      if (this.#at >= end) throw damaged('has a count beyond its block');
      byte = this.#byte();
    }
    return count;
  }

  #literals(count: number): void {
    this.#reserve(count);
    this.#output.set(this.#bytes.subarray(this.#at, this.#at + count), this.#length);
    this.#at += count;
    this.#length += count;
  }

  #repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.#length) throw damaged(`refers to ${distance} bytes before`);
    this.#reserve(count);
    for (let k = 0; k < count; k++, this.#length++) this.#output[this.#length] = this.#output[this.#length - distance]!;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#output.length) return;
    if (needed > this.#most) throw this.#tooLarge(needed);
    const grown = new Uint8Array(Math.min(this.#most, Math.max(needed, 2 * this.#output.length)));
    grown.set(this.#output.subarray(0, this.#length));
    this.#output = grown;
  }

  #tooLarge(size: number): SpikewireError {
    return new SpikewireError('file', 'LZ4 frame', `holds ${size} bytes or more`, `at most ${this.#most}`);
  }

  #byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  #word(): number {
    const word = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return word;
  }
}

function damaged(problem: string): SpikewireError {
  return new SpikewireError('file', 'LZ4 frame', problem, 'an undamaged frame');
}
