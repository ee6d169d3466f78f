import { CHUNK_NODES, leavesOf } from '../structures/b-tree.ts';
import { RECORDS, recordsOf } from '../structures/b-tree-2.ts';
import { type Chunk, type ChunkIndex, limited, placeOf } from './chunk.ts';

/** The one chunk of an array (HDF5 File Format Specification, VII.A). */
export const singleChunk =
  (address: number | undefined, filtered: { bytes: number; mask: number } | undefined): ChunkIndex =>
  ({ counts, chunkBytes }) =>
    address === undefined
      ? []
      : [{ place: counts.map(() => 0), address, bytes: filtered?.bytes ?? chunkBytes, mask: filtered?.mask ?? 0 }];

/** All chunks one behind the other (VII.B). */
export const implicitIndex = (address: number | undefined): ChunkIndex =>
  function* ({ file, where, chunkBytes, ...array }) {
    if (address === undefined) return;
    const counts = limited(array.counts, where);
    const total = counts.reduce((product, count) => product * count, 1);
    file.part(address, total * chunkBytes, where);
    for (let k = 0; k < total; k++) {
      yield { place: placeOf(k, counts), address: address + k * chunkBytes, bytes: chunkBytes, mask: 0 };
    }
  };

/** A B-tree of version 1 (III.A.1): keys have the size of a chunk, what was left out, and the first element's place. */
export const treeIndex = (address: number | undefined, chunk: readonly number[]): ChunkIndex =>
  function* ({ file, where }) {
    if (address === undefined) return;
    const keyBytes = 8 + 8 * (chunk.length + 1);
    for (const { key, child } of leavesOf(file, { address, type: CHUNK_NODES, keyBytes }, where)) {
      const [bytes, mask] = [key.uint(4), key.uint(4)];
      const place = chunk.map((size) => key.uint(8) / size);
      if (!place.every(Number.isInteger)) key.fail('has a chunk at an invalid place');
      yield { place, address: child, bytes, mask };
    }
  };

/** A B-tree of version 2 (VII.E), for arrays that grow in several dimensions. */
export const tree2Index = (address: number | undefined, rank: number): ChunkIndex =>
  function* ({ file, where, hasFilters, chunkBytes }): Generator<Chunk> {
    if (address === undefined) return;
    const [PLACE, MASK] = [8, 4];
    const type = hasFilters ? RECORDS.filteredChunks : RECORDS.chunks;
    for (const record of recordsOf(file, address, type, where)) {
      const at = record.defined('chunk');
      const sizeBytes = record.left - MASK - PLACE * rank;
      if (hasFilters && (sizeBytes < 1 || sizeBytes > 8)) record.fail('has chunks of invalid sizes');
      const bytes = hasFilters ? record.uint(sizeBytes) : chunkBytes;
      const mask = hasFilters ? record.uint(MASK) : 0;
      yield { place: Array.from({ length: rank }, () => record.uint(PLACE)), address: at, bytes, mask };
    }
  };
