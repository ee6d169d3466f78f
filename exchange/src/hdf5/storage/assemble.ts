import { SpikewireError } from '@spikewire/models';
import type { FileBytes } from '../bytes/file-bytes.ts';
import type { ChunkIndex } from './chunk.ts';
import { type Filter, withoutFilters } from './filters.ts';

const OF_CHUNK = 256;

/** An array in chunks. */
export interface Chunked {
  readonly where: string;
  readonly shape: readonly number[];
  readonly maximum: readonly (number | undefined)[];
  readonly elementBytes: number;
  readonly chunk: readonly number[];
  readonly index: ChunkIndex;
  readonly filters: readonly Filter[];
  readonly filtersEdges: boolean;
}

/** Puts the chunks that the file has into the bytes of the whole array, which it returns. */
export function assembleChunks(file: FileBytes, whole: Uint8Array, array: Chunked): Uint8Array {
  const { where, shape, maximum, elementBytes, chunk, filters } = array;
  if (chunk.length !== shape.length) {
    throw new SpikewireError('file', where, `has chunks of ${chunk.length} dimensions`, `${shape.length}`);
  }
  if (whole.length === 0) return whole;
  const chunkBytes = chunk.reduce((product, size) => product * size, elementBytes);
  const counts = maximum.map((size, k) => (size === undefined ? undefined : Math.max(1, Math.ceil(size / chunk[k]!))));
  const seen = new Set<string>();
  // What a chunk is while its filters are taken away.
  file.memory.take(where, chunkBytes * filters.length);
  for (const { place, address, bytes, mask } of array.index({
    file,
    where,
    counts,
    chunkBytes,
    hasFilters: filters.length > 0,
  })) {
    file.memory.take(where, OF_CHUNK);
    const origin = place.map((number, k) => number * chunk[k]!);
    if (origin.some((start, k) => start >= shape[k]!)) continue;
    const extent = origin.map((start, k) => Math.min(chunk[k]!, shape[k]! - start));
    // What is decompressed beyond the array is work too, and so are many chunks at one place.
    const within = extent.reduce((product, size) => product * size, elementBytes);
    const key = place.join();
    file.memory.take(where, chunkBytes - within + (seen.has(key) ? chunkBytes : 0));
    seen.add(key);
    const stored = file.part(address, bytes, where);
    const isLeftAlone = !array.filtersEdges && within < chunkBytes;
    const content = isLeftAlone ? [] : filters;
    const plain = withoutFilters(stored.bytes, { filters: content, mask, bytes: chunkBytes }, where);
    copyChunk(plain, whole, { chunk, shape, origin, extent, elementBytes });
  }
  return whole;
}

interface Copy {
  readonly chunk: readonly number[];
  readonly shape: readonly number[];
  readonly origin: readonly number[];
  /** How much of the chunk is within the array. */
  readonly extent: readonly number[];
  readonly elementBytes: number;
}

/** Copies what lies together in both at once: the last dimensions, as far as chunk and array have them whole. */
function copyChunk(from: Uint8Array, to: Uint8Array, { chunk, shape, origin, extent, elementBytes }: Copy): void {
  let run = elementBytes;
  let outer = chunk.length;
  do {
    outer--;
    run *= extent[outer]!;
  } while (outer > 0 && chunk[outer] === shape[outer]);
  const fromStrides = strides(chunk, elementBytes);
  const toStrides = strides(shape, elementBytes);
  const start = origin.reduce((sum, place, k) => sum + place * toStrides[k]!, 0);

  const copy = (dimension: number, source: number, target: number) => {
    if (dimension === outer) {
      if (run < 32) for (let k = 0; k < run; k++) to[target + k] = from[source + k]!;
      else to.set(from.subarray(source, source + run), target);
      return;
    }
    for (let k = 0; k < extent[dimension]!; k++) {
      copy(dimension + 1, source + k * fromStrides[dimension]!, target + k * toStrides[dimension]!);
    }
  };
  copy(0, 0, start);
}

/** Bytes from one element to the next, by dimension. */
function strides(shape: readonly number[], elementBytes: number): number[] {
  const found: number[] = [];
  let stride = elementBytes;
  for (let k = shape.length - 1; k >= 0; k--) {
    found[k] = stride;
    stride *= shape[k]!;
  }
  return found;
}
