import { SpikewireError } from '@spikewire/models';
import type { Cursor } from '../bytes/cursor.ts';
import type { FileBytes } from '../bytes/file-bytes.ts';

/** Where a chunk of an array stands in the file. */
export interface Chunk {
  /** Of its first element, by dimension, in chunks. */
  readonly place: readonly number[];
  readonly address: number;
  /** As it is stored. */
  readonly bytes: number;
  /** A bit is set for each filter that was left out. */
  readonly mask: number;
}

/** What an index needs to know of the array that was cut into chunks. */
export interface ChunkedArray {
  readonly file: FileBytes;
  readonly where: string;
  /** Chunks by dimension, as many as its largest shape has; undefined without limit. */
  readonly counts: readonly (number | undefined)[];
  /** Of a chunk without filters. */
  readonly chunkBytes: number;
  readonly hasFilters: boolean;
}

/** The chunks that the file has of an array, in any order. */
export type ChunkIndex = (array: ChunkedArray) => Iterable<Chunk>;

/** What an index says of one chunk; undefined of one that is not there. */
export interface Entry {
  readonly address: number;
  readonly bytes: number;
  readonly mask: number;
}

/** An entry of a fixed or extensible array: an address, and with filters the size and what was left out. */
export function readEntry(
  part: Cursor,
  { hasFilters, chunkBytes }: ChunkedArray,
  entryBytes: number,
): Entry | undefined {
  const entry = part.part(entryBytes);
  const address = entry.address();
  const MASK = 4;
  const bytes = hasFilters ? entry.uint(entry.left - MASK) : chunkBytes;
  const mask = hasFilters ? entry.uint(MASK) : 0;
  return address === undefined ? undefined : { address, bytes, mask };
}

/** Bytes that entries may take. */
export function checkEntryBytes(part: Cursor, entryBytes: number, { file, hasFilters }: ChunkedArray): number {
  const [fewest, most] = hasFilters
    ? [file.widths.address + 5, file.widths.address + 12]
    : [file.widths.address, file.widths.address];
  if (entryBytes < fewest || entryBytes > most) part.fail(`has ${entryBytes} bytes for each chunk`, `${fewest}`);
  return entryBytes;
}

/** Chunks by dimension of an array that has a limit in each. Throws `file` where it has none. */
export function limited(counts: readonly (number | undefined)[], where: string): number[] {
  return counts.map((count) => {
    if (count !== undefined) return count;
    throw new SpikewireError('file', where, 'has an index that does not suit its shape', 'an undamaged HDF5 file');
  });
}

/** The place of the chunk with a number, where the last dimension counts first, and the first has no limit. */
export function placeOf(number: number, counts: readonly number[]): number[] {
  const place: number[] = [];
  let rest = number;
  for (let k = counts.length - 1; k > 0; k--) {
    const count = counts[k]!;
    place[k] = rest % count;
    rest = Math.floor(rest / count);
  }
  place[0] = rest;
  return place;
}
