import type { Cursor } from '../bytes/cursor.ts';
import { type FileBytes, Visited } from '../bytes/file-bytes.ts';
import {
  type Chunk,
  type ChunkedArray,
  type ChunkIndex,
  checkEntryBytes,
  limited,
  placeOf,
  readEntry,
} from './chunk.ts';

const CHECKSUM = 4;

/**
 * Entries of an array that grows in one dimension (HDF5 File Format Specification, VII.D): the first in an index block,
 * the next in data blocks that it names, the rest in data blocks that super blocks name, larger and larger. Large data
 * blocks have pages.
 */
export const extensibleArray = (address: number | undefined): ChunkIndex =>
  function* (array) {
    if (address === undefined) return;
    // The dimension that grows counts last.
    const growing = Math.max(0, array.counts.indexOf(undefined));
    const others = limited(
      array.counts.filter((_, k) => k !== growing),
      array.where,
    );
    for (const { number, ...entry } of new ExtensibleArray(array, address).entries()) {
      const [along, ...rest] = placeOf(number, [Number.POSITIVE_INFINITY, ...others]);
      yield { place: [...rest.slice(0, growing), along!, ...rest.slice(growing)], ...entry };
    }
  };

type Numbered = Omit<Chunk, 'place'> & { readonly number: number };

class ExtensibleArray {
  readonly #array: ChunkedArray;
  readonly #file: FileBytes;
  readonly #where: string;
  readonly #visited = new Visited();
  readonly #entryBytes: number;
  readonly #numberBytes: number;
  readonly #bits: number;
  readonly #inIndex: number;
  readonly #fewestInBlock: number;
  readonly #fewestPointers: number;
  readonly #inPage: number;
  readonly #index: number | undefined;

  constructor(array: ChunkedArray, address: number) {
    this.#array = array;
    this.#file = array.file;
    this.#where = array.where;
    const { widths } = array.file;
    const header = array.file.part(address, 12 + 6 * widths.length + widths.address + CHECKSUM, array.where);
    header.signature('EAHD');
    header.version('an extensible array', 0);
    header.skip(1);
    this.#entryBytes = checkEntryBytes(header, header.uint(1), array);
    this.#bits = header.uint(1);
    this.#inIndex = header.uint(1);
    this.#fewestInBlock = header.uint(1);
    this.#fewestPointers = header.uint(1);
    this.#inPage = 2 ** header.uint(1);
    for (let statistics = 0; statistics < 6; statistics++) header.length();
    this.#index = header.address();
    header.checksum();
    this.#numberBytes = Math.ceil(this.#bits / 8);
    const isPower = (value: number) => value > 0 && Number.isInteger(Math.log2(value));
    if (!isPower(this.#fewestInBlock) || !isPower(this.#fewestPointers) || this.#bits > 64) {
      header.fail('has an extensible array of an invalid form');
    }
  }

  *entries(): Generator<Numbered> {
    if (this.#index === undefined) return;
    const { widths } = this.#file;
    const superBlocks = 1 + this.#bits - Math.log2(this.#fewestInBlock);
    const firstSuperBlock = 2 * Math.log2(this.#fewestPointers);
    const named = Math.max(0, 2 * (this.#fewestPointers - 1));
    const pointers = named + Math.max(0, superBlocks - firstSuperBlock);
    const prefixBytes = 6 + widths.address;
    const bytes = prefixBytes + this.#inIndex * this.#entryBytes + pointers * widths.address + CHECKSUM;
    const block = this.#file.part(this.#index, bytes, this.#where);
    this.#open(block, 'EAIB', widths.address);
    yield* this.#read(block, this.#inIndex, 0);
    const addresses = Array.from({ length: pointers }, () => block.address());
    block.checksum();
    let number = this.#inIndex;
    let next = 0;
    for (let k = 0; k < superBlocks; k++) {
      const blocks = 2 ** Math.floor(k / 2);
      const size = 2 ** Math.floor((k + 1) / 2) * this.#fewestInBlock;
      if (k < firstSuperBlock) {
        for (let b = 0; b < blocks; b++) {
          yield* this.#dataBlock(addresses[next++], number + b * size, size, () => true);
        }
      } else yield* this.#superBlock(addresses[next++], number, { blocks, size });
      number += blocks * size;
    }
  }

  *#superBlock(
    address: number | undefined,
    first: number,
    form: { blocks: number; size: number },
  ): Generator<Numbered> {
    if (address === undefined) return;
    this.#visited.add(address, this.#where);
    const { blocks, size } = form;
    const { widths } = this.#file;
    const pages = size > this.#inPage ? size / this.#inPage : 0;
    const bitmapBytes = blocks * Math.ceil(pages / 8);
    const bytes = 6 + widths.address + this.#numberBytes + bitmapBytes + blocks * widths.address + CHECKSUM;
    const block = this.#file.part(address, bytes, this.#where);
    this.#open(block, 'EASB', widths.address + this.#numberBytes);
    const bitmap = block.take(bitmapBytes);
    const addresses = Array.from({ length: blocks }, () => block.address());
    block.checksum();
    for (const [k, at] of addresses.entries()) {
      const isWritten = (page: number) => {
        const bit = k * pages + page;
        return (bitmap[bit >> 3]! & (0x80 >> (bit & 7))) !== 0;
      };
      yield* this.#dataBlock(at, first + k * size, size, isWritten);
    }
  }

  *#dataBlock(
    address: number | undefined,
    first: number,
    size: number,
    isWritten: (page: number) => boolean,
  ): Generator<Numbered> {
    if (address === undefined) return;
    this.#visited.add(address, this.#where);
    const { widths } = this.#file;
    const isPaged = size > this.#inPage;
    const prefixBytes = 6 + widths.address + this.#numberBytes;
    const bytes = prefixBytes + (isPaged ? 0 : size * this.#entryBytes) + CHECKSUM;
    const block = this.#file.part(address, bytes, this.#where);
    this.#open(block, 'EADB', widths.address + this.#numberBytes);
    if (!isPaged) {
      yield* this.#read(block, size, first);
      block.checksum();
      return;
    }
    block.checksum();
    const pageBytes = this.#inPage * this.#entryBytes + CHECKSUM;
    for (let page = 0; page < size / this.#inPage; page++) {
      if (!isWritten(page)) continue;
      const part = this.#file.part(address + bytes + page * pageBytes, pageBytes, this.#where);
      yield* this.#read(part, this.#inPage, first + page * this.#inPage);
      part.checksum();
    }
  }

  /** Signature, version and the kind of entries, and behind them so many bytes. */
  #open(block: Cursor, signature: string, bytes: number): void {
    block.signature(signature);
    block.version('a block of an extensible array', 0);
    block.skip(1 + bytes);
  }

  *#read(part: Cursor, count: number, first: number): Generator<Numbered> {
    for (let k = 0; k < count; k++) {
      const entry = readEntry(part, this.#array, this.#entryBytes);
      if (entry !== undefined) yield { number: first + k, ...entry };
    }
  }
}
