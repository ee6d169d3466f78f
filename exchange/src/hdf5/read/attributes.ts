import { SpikewireError } from '@spikewire/models';
import type { Cursor } from '../bytes/cursor.ts';
import { textOf } from '../bytes/cursor.ts';
import type { FileBytes } from '../bytes/file-bytes.ts';
import { RECORDS, recordsOf } from '../structures/b-tree-2.ts';
import { FractalHeap } from '../structures/fractal-heap.ts';
import type { GlobalHeap } from '../structures/global-heap.ts';
import type { Hdf5Array } from '../tree.ts';
import { readDataspace } from './dataspace.ts';
import { readDatatype } from './datatype.ts';
import { MESSAGE, type ObjectHeader, sharedMessage } from './object-header.ts';
import { StoredArray } from './stored-array.ts';

/** Memory at most of an attribute. */
const OF_ATTRIBUTE = 1024;

/** The attributes of an object by name, wherever it has them. */
export function attributesOf(heap: GlobalHeap, header: ObjectHeader): ReadonlyMap<string, Hdf5Array> {
  const { file } = heap;
  const attributes = new Map<string, Hdf5Array>();
  const add = (message: Cursor) => {
    file.memory.take(header.where, OF_ATTRIBUTE);
    const { name, array } = readAttribute(heap, message);
    if (attributes.has(name)) message.fail(`has the attribute "${name}" twice`);
    attributes.set(name, array);
  };
  for (const message of header.all(MESSAGE.attribute)) add(message);
  const info = header.find(MESSAGE.attributeInfo);
  if (info !== undefined) for (const message of denseAttributes(file, info)) add(message);
  return attributes;
}

const [DATATYPE_IS_SHARED, DATASPACE_IS_SHARED] = [1, 2];

/** An attribute message (HDF5 File Format Specification, IV.A.2.m). */
function readAttribute(heap: GlobalHeap, message: Cursor): { name: string; array: Hdf5Array } {
  const { file } = heap;
  const version = message.version('an attribute', 1, 2, 3);
  const flags = message.uint(1);
  const [nameBytes, typeBytes, spaceBytes] = [message.uint(2), message.uint(2), message.uint(2)];
  if (version === 3) message.skip(1);
  const field = (bytes: number) => {
    const part = message.part(bytes);
    if (version === 1) message.align();
    return part;
  };
  const label = withoutEnd(field(nameBytes).bytes);
  // Each link to an object makes its names anew.
  file.memory.take(message.where, 2 * label.length);
  const name = textOf(label, message.where);
  const shared = (part: Cursor, flag: number, type: number) =>
    version > 1 && (flags & flag) !== 0 ? sharedMessage(file, part, type) : part;
  const datatype = readDatatype(shared(field(typeBytes), DATATYPE_IS_SHARED, MESSAGE.datatype));
  const dataspace = readDataspace(shared(field(spaceBytes), DATASPACE_IS_SHARED, MESSAGE.dataspace));
  const bytes = message.take(message.left);
  const where = `attribute "${name}" of ${message.where}`;
  return {
    name,
    array: new StoredArray(heap, { where, datatype, dataspace, bytes: (count) => bytes.subarray(0, count) }),
  };
}

const withoutEnd = (bytes: Uint8Array) => (bytes.includes(0) ? bytes.subarray(0, bytes.indexOf(0)) : bytes);

/** Many attributes, or large ones, in a heap, which the B-tree of their names lists (the Attribute Info message). */
function* denseAttributes(file: FileBytes, info: Cursor): Generator<Cursor> {
  const [HEAP_ID, HAS_CREATION_ORDER, IS_SHARED] = [8, 1, 2];
  info.version('the info on attributes', 0);
  if ((info.uint(1) & HAS_CREATION_ORDER) !== 0) info.skip(2);
  const [heapAddress, byName] = [info.address(), info.address()];
  if (heapAddress === undefined) return;
  if (byName === undefined) info.fail('has attributes without a B-tree of their names');
  const heap = new FractalHeap(file, heapAddress, info.where);
  for (const record of recordsOf(file, byName, RECORDS.attributeNames, info.where)) {
    const id = record.part(HEAP_ID);
    if ((record.uint(1) & IS_SHARED) !== 0) {
      throw new SpikewireError('unsupported', info.where, 'has attributes in a shared heap', 'attributes of its own');
    }
    yield heap.object(id);
  }
}
