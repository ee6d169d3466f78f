import { Cursor } from '../bytes/cursor.ts';
import type { FileBytes } from '../bytes/file-bytes.ts';

const OF_OBJECT = 128;
/** With its padding, whatever the width of lengths. */
const OBJECT_HEAD = 16;
const NOTHING = new Uint8Array(0);

/** The collections that hold what has a variable length (HDF5 File Format Specification, III.E). */
export class GlobalHeap {
  readonly file: FileBytes;
  /** Objects by index, of each collection by address. */
  readonly #collections = new Map<number, ReadonlyMap<number, Uint8Array>>();

  constructor(file: FileBytes) {
    this.file = file;
  }

  /** The text that an element of a dataset refers to: its length, and address and index of the object. */
  text(element: Uint8Array, where: string): Uint8Array {
    const cursor = new Cursor(element, where, this.file.widths);
    const length = cursor.uint(4);
    const address = cursor.address();
    const index = cursor.uint(4);
    if (length === 0 || address === undefined || address === 0) return NOTHING;
    const object = this.#collection(address, where).get(index);
    if (object === undefined || object.length < length) {
      return cursor.fail('refers to a text that its heap does not have');
    }
    return object.subarray(0, length);
  }

  #collection(address: number, where: string): ReadonlyMap<number, Uint8Array> {
    const known = this.#collections.get(address);
    if (known !== undefined) return known;
    const read = this.#read(address, where);
    this.#collections.set(address, read);
    return read;
  }

  #read(address: number, where: string): Map<number, Uint8Array> {
    const [VERSION, RESERVED] = [1, 3];
    const { length: lengthBytes } = this.file.widths;
    const headBytes = 4 + VERSION + RESERVED + lengthBytes;
    const head = this.file.part(address, headBytes, where);
    head.signature('GCOL');
    head.version('a global heap', 1);
    head.skip(RESERVED);
    const collection = this.file.part(address, head.length(), where);
    collection.skip(headBytes);
    collection.align();
    const objects = new Map<number, Uint8Array>();
    while (collection.left >= OBJECT_HEAD) {
      const index = collection.uint(2);
      // The rest is free.
      if (index === 0) break;
      this.file.memory.take(where, OF_OBJECT);
      collection.skip(6);
      const bytes = collection.length();
      collection.align();
      objects.set(index, collection.take(bytes));
      collection.align();
    }
    return objects;
  }
}
