import type { Cursor } from '../bytes/cursor.ts';
import { type FileBytes, Visited } from '../bytes/file-bytes.ts';

/** Types of records (HDF5 File Format Specification, III.A.2). */
export const RECORDS = { hugeObjects: 1, linkNames: 5, attributeNames: 8, chunks: 10, filteredChunks: 11 } as const;

const PREFIX = 6;
const CHECKSUM = 4;
const MOST_DEPTH = 64;

/** The records of a B-tree of version 2, in their order. */
export function* recordsOf(file: FileBytes, address: number, type: number, where: string): Generator<Cursor> {
  const HEADER = PREFIX + 10 + 2 + CHECKSUM + file.widths.address + file.widths.length;
  const header = file.part(address, HEADER, where);
  header.signature('BTHD');
  header.version('a B-tree', 0);
  if (header.uint(1) !== type) header.fail('has a B-tree of another kind');
  const [nodeBytes, recordBytes, depth] = [header.uint(4), header.uint(2), header.uint(2)];
  const [split, merge] = [1, 1];
  header.skip(split + merge);
  const [root, count] = [header.address(), header.uint(2)];
  header.length();
  header.checksum();
  if (root === undefined) return;
  if (depth > MOST_DEPTH || recordBytes === 0) header.fail('has a B-tree of an invalid form');
  const widths = countWidths(nodeBytes, recordBytes, depth, file.widths.address);
  const visited = new Visited();
  yield* recordsBelow(root, count, depth);

  function* recordsBelow(at: number, records: number, level: number): Generator<Cursor> {
    visited.add(at, where);
    const { own, total } = widths[level]!;
    const pointer = level === 0 ? 0 : file.widths.address + own + total;
    const children = level === 0 ? 0 : records + 1;
    const node = file.part(at, PREFIX + records * recordBytes + children * pointer + CHECKSUM, where);
    node.signature(level === 0 ? 'BTLF' : 'BTIN');
    node.version('a node of a B-tree', 0);
    if (node.uint(1) !== type) node.fail('has a B-tree of another kind');
    const ownRecords = Array.from({ length: records }, () => node.part(recordBytes));
    const pointers = Array.from({ length: children }, () => {
      const child = { address: node.defined('B-tree'), records: node.uint(own) };
      node.skip(total);
      return child;
    });
    node.checksum();
    for (let k = 0; k < Math.max(records, children); k++) {
      const child = pointers[k];
      if (child !== undefined) yield* recordsBelow(child.address, child.records, level - 1);
      const record = ownRecords[k];
      if (record !== undefined) yield record;
    }
  }
}

/** Of a node's pointers, by its level, the bytes of a child's number of records and of all below it. */
interface CountWidths {
  readonly own: number;
  readonly total: number;
}

/** They follow from what fits into a node. Below a leaf's parent, the second is left out. */
function countWidths(nodeBytes: number, recordBytes: number, depth: number, addressBytes: number): CountWidths[] {
  const room = nodeBytes - PREFIX - CHECKSUM;
  let most = Math.max(0, Math.floor(room / recordBytes));
  const own = bytesFor(most);
  const widths = [{ own, total: 0 }];
  let total = 0;
  for (let level = 1; level <= depth; level++) {
    widths.push({ own, total });
    const pointer = addressBytes + own + total;
    const records = Math.max(0, Math.floor((room - pointer) / (recordBytes + pointer)));
    most = (records + 1) * most + records;
    total = bytesFor(most);
  }
  return widths;
}

/** Bytes that hold a number up to this one. */
const bytesFor = (most: number) => Math.floor(Math.log2(Math.max(1, most)) / 8) + 1;
