import type { Cursor } from '../bytes/cursor.ts';
import { type FileBytes, Visited } from '../bytes/file-bytes.ts';
import { GROUP_NODES, leavesOf } from '../structures/b-tree.ts';
import { RECORDS, recordsOf } from '../structures/b-tree-2.ts';
import { FractalHeap } from '../structures/fractal-heap.ts';
import { type Link, readLink, softLink } from './link.ts';
import { MESSAGE, type ObjectHeader } from './object-header.ts';

/** Whether an object is a group, old or new. */
export const isGroup = (header: ObjectHeader) =>
  header.has(MESSAGE.symbolTable) || header.has(MESSAGE.linkInfo) || header.has(MESSAGE.link);

/** The links of a group, wherever it has them. */
export function* linksOf(file: FileBytes, header: ObjectHeader): Generator<Link> {
  const symbolTable = header.find(MESSAGE.symbolTable);
  if (symbolTable !== undefined) yield* linksOfTable(file, symbolTable);
  for (const message of header.all(MESSAGE.link)) yield readLink(message);
  const info = header.find(MESSAGE.linkInfo);
  if (info !== undefined) yield* denseLinks(file, info);
}

/** Symbol table, local heap and B-tree of an old group (HDF5 File Format Specification, III.B to III.D). */
function* linksOfTable(file: FileBytes, message: Cursor): Generator<Link> {
  const { where } = message;
  const tree = { address: message.defined('B-tree'), type: GROUP_NODES, keyBytes: file.widths.length } as const;
  const names = localHeap(file, message.defined('heap'), where);
  const visited = new Visited();
  for (const { child } of leavesOf(file, tree, where)) {
    visited.add(child, where);
    yield* symbolsOf(file, child, names);
  }
}

function localHeap(file: FileBytes, address: number, where: string): Cursor {
  const { address: addressBytes, length: lengthBytes } = file.widths;
  const head = file.part(address, 8 + 2 * lengthBytes + addressBytes, where);
  head.signature('HEAP');
  head.version('a local heap', 0);
  head.skip(3);
  const bytes = head.length();
  head.length();
  return file.part(head.defined('names'), bytes, where);
}

const IS_SOFT_LINK = 2;

function* symbolsOf(file: FileBytes, address: number, names: Cursor): Generator<Link> {
  const [HEAD, CACHE] = [8, 24];
  const head = file.part(address, HEAD, names.where);
  head.signature('SNOD');
  head.version('a symbol table', 1);
  head.skip(1);
  const count = head.uint(2);
  // The offset of a name is as wide as a length: so the library has it, whatever the specification says.
  const entryBytes = file.widths.length + file.widths.address + CACHE;
  const entries = file.part(address + HEAD, count * entryBytes, names.where);
  for (let k = 0; k < count; k++) {
    const name = nameAt(file, names, entries.length());
    const object = entries.address();
    const cache = entries.part(CACHE);
    const kind = cache.uint(4);
    cache.skip(4);
    if (kind === IS_SOFT_LINK) yield softLink(name, nameAt(file, names, cache.uint(4)));
    else yield { name, address: object ?? entries.fail('has a name without an object'), what: '' };
  }
}

function nameAt(file: FileBytes, names: Cursor, at: number): string {
  names.at = Math.min(at, names.bytes.length);
  const name = names.text();
  // Many entries may name the same long text.
  file.memory.take(names.where, names.at - at);
  return name;
}

/** Links in a heap, which the B-tree of their names lists (III.G and the Link Info message). */
function* denseLinks(file: FileBytes, info: Cursor): Generator<Link> {
  const [HASH, HAS_CREATION_ORDER] = [4, 1];
  info.version('the info on links', 0);
  if ((info.uint(1) & HAS_CREATION_ORDER) !== 0) info.skip(8);
  const [heapAddress, byName] = [info.address(), info.address()];
  if (heapAddress === undefined) return;
  if (byName === undefined) info.fail('has links without a B-tree of their names');
  const heap = new FractalHeap(file, heapAddress, info.where);
  for (const record of recordsOf(file, byName, RECORDS.linkNames, info.where)) {
    record.skip(HASH);
    yield readLink(heap.object(record));
  }
}
