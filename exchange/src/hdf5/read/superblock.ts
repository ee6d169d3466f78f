import { SpikewireError } from '@spikewire/models';
import type { ReadingMemory } from '../../reading-memory.ts';
import { Cursor, type Widths } from '../bytes/cursor.ts';
import { FileBytes } from '../bytes/file-bytes.ts';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const WHERE = 'superblock';

/** Where a file begins (HDF5 File Format Specification, II.A). */
export interface Superblock {
  readonly file: FileBytes;
  /** The object header of the root group. */
  readonly root: number;
}

/** Whether bytes have an HDF5 file's signature, at their start or behind a user's block. */
export const isHdf5 = (bytes: Uint8Array) => startOf(bytes) !== undefined;

export function readSuperblock(bytes: Uint8Array, memory: ReadingMemory): Superblock {
  const start = startOf(bytes);
  if (start === undefined) throw new SpikewireError('file', WHERE, 'is not there', 'an HDF5 file');
  const content = bytes.subarray(start);
  const head = new Cursor(content, WHERE, { address: 8, length: 8 });
  head.skip(SIGNATURE.length);
  const version = head.version('the superblock', 0, 1, 2, 3);
  const isOld = version < 2;
  if (isOld) head.skip(4);
  const widths = readWidths(head);
  const rest = new Cursor(content, WHERE, widths);
  rest.skip(head.at);
  const root = isOld ? oldRoot(rest, version) : newRoot(rest);
  return { file: new FileBytes(content, widths, memory), root };
}

/** At byte 0, or behind a user's block: 512, 1024, 2048 and so on. */
function startOf(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + SIGNATURE.length <= bytes.length; at = at === 0 ? 512 : 2 * at) {
    if (SIGNATURE.every((byte, k) => bytes[at + k] === byte)) return at;
  }
  return undefined;
}

function readWidths(head: Cursor): Widths {
  const [address, length] = [head.uint(1), head.uint(1)];
  const known = (width: number) => width === 2 || width === 4 || width === 8;
  if (known(address) && known(length)) return { address, length };
  const problem = `has addresses of ${address} and lengths of ${length} bytes`;
  throw new SpikewireError('unsupported', WHERE, problem, '2, 4 or 8');
}

/** Versions 0 and 1. */
function oldRoot(cursor: Cursor, version: number): number {
  const [reserved, leafAndInternal, flags, ofChunks] = [1, 4, 4, 4];
  cursor.skip(reserved + leafAndInternal + flags + (version === 1 ? ofChunks : 0));
  for (let k = 0; k < 4; k++) cursor.address();
  const nameInHeap = cursor.widths.length;
  cursor.skip(nameInHeap);
  return cursor.defined('root group');
}

/** Versions 2 and 3. */
function newRoot(cursor: Cursor): number {
  const flags = 1;
  cursor.skip(flags);
  for (let k = 0; k < 3; k++) cursor.address();
  const root = cursor.defined('root group');
  cursor.checksum();
  return root;
}
