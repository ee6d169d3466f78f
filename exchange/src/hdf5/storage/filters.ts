import { inflateSync } from 'node:zlib';
import { SpikewireError } from '@spikewire/models';
import type { Cursor } from '../bytes/cursor.ts';
import { fletcher32 } from './fletcher32.ts';
import { decompressLzf } from './lzf.ts';

/** What was done with the bytes of a chunk, in this order (HDF5 File Format Specification, IV.A.2.l). */
export interface Filter {
  readonly id: number;
  readonly parameters: readonly number[];
}

const [DEFLATE, SHUFFLE, FLETCHER32, LZF] = [1, 2, 3, 32_000];
const NAMES = new Map([
  [4, 'szip'],
  [5, 'nbit'],
  [6, 'scaleoffset'],
  [32_001, 'blosc'],
  [32_008, 'bitshuffle'],
  [32_013, 'zfp'],
  [32_015, 'zstd'],
]);
const MOST_FILTERS = 32;
const FIRST_WITH_NAME = 256;
const CHECKSUM = 4;
/** That zlib takes. */
const SMALLEST_ROOM = 64;

export function readFilters(message: Cursor): Filter[] {
  const version = message.version('a list of filters', 1, 2);
  const count = message.uint(1);
  if (count > MOST_FILTERS) message.fail(`has ${count} filters`, `at most ${MOST_FILTERS}`);
  if (version === 1) message.skip(6);
  return Array.from({ length: count }, () => {
    const id = message.uint(2);
    const nameBytes = version === 1 || id >= FIRST_WITH_NAME ? message.uint(2) : 0;
    message.skip(2);
    const parameters = message.uint(2);
    message.skip(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes);
    const filter = { id, parameters: Array.from({ length: parameters }, () => message.uint(4)) };
    if (version === 1 && parameters % 2 === 1) message.skip(4);
    return filter;
  });
}

/**
 * The bytes of a chunk as they were before the filters. In `mask` a bit is set for each filter that was left out. Makes
 * nothing that is larger than the chunk with its checksums.
 */
export function withoutFilters(
  stored: Uint8Array,
  { filters, mask, bytes: expected }: { filters: readonly Filter[]; mask: number; bytes: number },
  where: string,
): Uint8Array {
  const most = expected + CHECKSUM * filters.length;
  let bytes = stored;
  for (let k = filters.length - 1; k >= 0; k--) {
    if (Math.floor(mask / 2 ** k) % 2 === 0) bytes = undo(filters[k]!, bytes, most, where);
  }
  if (bytes.length === expected) return bytes;
  throw new SpikewireError('file', where, `has a chunk of ${bytes.length} bytes`, `${expected}`);
}

function undo({ id, parameters }: Filter, bytes: Uint8Array, most: number, where: string): Uint8Array {
  if (id === DEFLATE) return inflated(bytes, most, where);
  if (id === SHUFFLE) return unshuffled(bytes, parameters[0] ?? 1);
  if (id === FLETCHER32) return checked(bytes, where);
  if (id === LZF) return decompressLzf(bytes, most, where);
  const name = NAMES.get(id);
  const problem = `uses the HDF5 filter ${id}${name === undefined ? '' : ` (${name})`}`;
  throw new SpikewireError('unsupported', where, problem, 'gzip, lzf, shuffle or fletcher32');
}

function inflated(bytes: Uint8Array, most: number, where: string): Uint8Array {
  try {
    // Room for all at once and a byte more, or zlib makes parts and then a copy of them.
    return inflateSync(bytes, { chunkSize: Math.max(SMALLEST_ROOM, most + 1), maxOutputLength: Math.max(1, most) });
  } catch (cause) {
    const problem = `has a chunk that does not decompress to ${most} bytes`;
    throw new SpikewireError('file', where, problem, 'an undamaged HDF5 file', cause);
  }
}

/** First bytes of all elements, then second bytes, and so on, back to elements. What is no whole element stays. */
function unshuffled(bytes: Uint8Array, size: number): Uint8Array {
  const count = Math.floor(bytes.length / size);
  if (size <= 1 || count <= 1) return bytes;
  const elements = new Uint8Array(bytes);
  for (let place = 0; place < size; place++) {
    for (let k = 0; k < count; k++) elements[k * size + place] = bytes[place * count + k]!;
  }
  return elements;
}

function checked(bytes: Uint8Array, where: string): Uint8Array {
  const end = bytes.length - CHECKSUM;
  const content = bytes.subarray(0, Math.max(0, end));
  const found = end < 0 ? undefined : new DataView(bytes.buffer, bytes.byteOffset + end).getUint32(0, true);
  if (found === fletcher32(content)) return content;
  throw new SpikewireError('file', where, 'has a chunk whose checksum is wrong', 'an undamaged HDF5 file');
}
