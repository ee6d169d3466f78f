import { SpikewireError } from '@spikewire/models';
import type { Cursor } from '../bytes/cursor.ts';
import type { ChunkIndex } from './chunk.ts';
import { extensibleArray } from './extensible-array.ts';
import { fixedArray } from './fixed-array.ts';
import { implicitIndex, singleChunk, tree2Index, treeIndex } from './simple-indexes.ts';

/** How a dataset keeps its elements (HDF5 File Format Specification, IV.A.2.i). */
export type Layout =
  | { readonly class: 'compact'; readonly bytes: Uint8Array }
  /** Nothing was written where there is no address. */
  | { readonly class: 'contiguous'; readonly address: number | undefined }
  | {
      readonly class: 'chunked';
      /** Elements of a chunk, by dimension. */
      readonly chunk: readonly number[];
      readonly index: ChunkIndex;
      /** Whether chunks that reach beyond the array go through the filters. */
      readonly filtersEdges: boolean;
    };

const [COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL] = [0, 1, 2, 3];

export function readLayout(message: Cursor): Layout {
  const version = message.version('a layout', 1, 2, 3, 4, 5);
  if (version < 3) return oldLayout(message);
  const kind = message.uint(1);
  if (kind === COMPACT) return { class: 'compact', bytes: message.take(message.uint(2)) };
  if (kind === CONTIGUOUS) return { class: 'contiguous', address: message.address() };
  if (kind === CHUNKED) return version === 3 ? chunksInTree(message) : chunksWithIndex(message);
  const problem = kind === VIRTUAL ? 'has its elements in other datasets' : `has a layout of class ${kind}`;
  throw new SpikewireError('unsupported', message.where, problem, 'elements of its own');
}

/** Versions 1 and 2. */
function oldLayout(message: Cursor): Layout {
  const [rank, kind] = [message.uint(1), message.uint(1)];
  message.skip(5);
  const address = kind === COMPACT ? undefined : message.address();
  const sizes = Array.from({ length: rank }, () => message.uint(4));
  if (kind === COMPACT) return { class: 'compact', bytes: message.take(message.uint(4)) };
  if (kind === CONTIGUOUS) return { class: 'contiguous', address };
  return chunked(message, sizes.slice(0, -1), (chunk) => treeIndex(address, chunk));
}

function chunksInTree(message: Cursor): Layout {
  const rank = message.uint(1);
  const address = message.address();
  const chunk = Array.from({ length: rank }, () => message.uint(4)).slice(0, -1);
  return chunked(message, chunk, () => treeIndex(address, chunk));
}

const [LEAVES_EDGES, HAS_FILTERED_SIZE] = [1, 2];
const [SINGLE, IMPLICIT, FIXED_ARRAY, EXTENSIBLE_ARRAY, TREE_2] = [1, 2, 3, 4, 5];

/** Versions 4 and 5, which differ in the bytes of sizes in the index; each index finds these from its entries. */
function chunksWithIndex(message: Cursor): Layout {
  const [flags, rank, width] = [message.uint(1), message.uint(1), message.uint(1)];
  if (width < 1 || width > 8) message.fail('has chunks of invalid sizes');
  const chunk = Array.from({ length: rank }, () => message.uint(width)).slice(0, -1);
  const index = indexOf(message, flags, chunk.length);
  return chunked(message, chunk, () => index, (flags & LEAVES_EDGES) === 0);
}

function indexOf(message: Cursor, flags: number, rank: number): ChunkIndex {
  const kind = message.uint(1);
  switch (kind) {
    case SINGLE: {
      const filtered =
        (flags & HAS_FILTERED_SIZE) === 0 ? undefined : { bytes: message.length(), mask: message.uint(4) };
      return singleChunk(message.address(), filtered);
    }
    case IMPLICIT:
      return implicitIndex(message.address());
    case FIXED_ARRAY:
      message.skip(1);
      return fixedArray(message.address());
    case EXTENSIBLE_ARRAY:
      message.skip(5);
      return extensibleArray(message.address());
    case TREE_2:
      message.skip(6);
      return tree2Index(message.address(), rank);
    default:
      throw new SpikewireError('unsupported', message.where, `has an index of type ${kind}`, 'type 1 to 5');
  }
}

function chunked(
  message: Cursor,
  chunk: readonly number[],
  indexFor: (chunk: readonly number[]) => ChunkIndex,
  filtersEdges = true,
): Layout {
  if (chunk.length === 0 || chunk.includes(0)) message.fail('has chunks without elements');
  return { class: 'chunked', chunk, index: indexFor(chunk), filtersEdges };
}
