import { deflateSync } from 'node:zlib';
import { SpikewireError } from '@spikewire/models';
import type { Hdf5Array, Hdf5Dataset, Hdf5Group, Hdf5Node } from '../tree.ts';
import { ByteWriter } from './byte-writer.ts';
import { elementBytes } from './elements.ts';
import {
  attribute,
  chunked,
  contiguous,
  dataspace,
  datatype,
  deflate,
  type Message,
  noFillValue,
  objectHeader,
  sizeOf,
  symbolTable,
} from './messages.ts';
import { INTERNAL_K, LEAF_K, placeSymbols } from './symbol-table.ts';
import { TextHeap } from './text-heap.ts';

/** How a file is written. */
export interface Hdf5WriteOptions {
  /** Level of gzip, 1 to 9, for datasets of numbers that are no scalar; absent: nothing is compressed. */
  readonly gzip?: number;
}

const SUPERBLOCK = 96;
/** A chunk's size has 32 bits. */
const LARGEST_CHUNK = 2 ** 32 - 1;

/**
 * The bytes of an HDF5 file with this tree, the same for the same tree. It has superblock 0, old groups and object
 * headers of version 1, which HDF5 before 2.0 writes unless it is told otherwise: HDF5 1.8 and every later version read
 * it. Throws `parameter` for an array that contradicts itself and for a name that a file cannot have, `unsupported` for
 * what is not written: other types, float16, and attributes of more than 64 KiB.
 */
export function writeHdf5(root: Hdf5Group, options: Hdf5WriteOptions = {}): Uint8Array {
  return new TreeWriter(options).file(root);
}

class TreeWriter {
  readonly #file = new ByteWriter().zeros(SUPERBLOCK);
  readonly #heap = new TextHeap(this.#file);
  readonly #gzip: number | undefined;

  constructor({ gzip }: Hdf5WriteOptions) {
    this.#gzip = gzip;
  }

  file(root: Hdf5Group): Uint8Array {
    const address = this.#group(root, '');
    this.#file.replace(0, superblock(address, this.#file.length));
    return this.#file.finish().slice();
  }

  #node(node: Hdf5Node, path: string): number {
    if (node.kind === 'group') return this.#group(node, path);
    if (node.kind === 'dataset') return this.#dataset(node, path);
    throw new SpikewireError('unsupported', `object "${path}"`, `is ${node.what}`, 'a group or a dataset');
  }

  #group({ attributes, children }: Hdf5Group, path: string): number {
    const symbols = [...children].map(([name, child]) => {
      checkName(name, path);
      return { name: new TextEncoder().encode(name), object: this.#node(child, `${path}/${name}`) };
    });
    const { tree, heap } = placeSymbols(symbols, this.#file);
    const where = `object "${path || '/'}"`;
    return this.#file.place(objectHeader([symbolTable(tree, heap), ...this.#attributes(attributes, where)], where));
  }

  #dataset(dataset: Hdf5Dataset, path: string): number {
    const where = `object "${path}"`;
    const { shape, type } = dataset;
    const kind = datatype(type, where);
    const bytes = elementBytes(dataset, this.#heap, where);
    const messages = [dataspace(shape, where), kind, noFillValue(), ...this.#layout(dataset, bytes)];
    return this.#file.place(objectHeader([...messages, ...this.#attributes(dataset.attributes, where)], where));
  }

  #layout({ shape, type }: Hdf5Dataset, bytes: Uint8Array): Message[] {
    const isCompressed =
      this.#gzip !== undefined &&
      type.class !== 'string' &&
      shape.length > 0 &&
      bytes.length > 0 &&
      bytes.length <= LARGEST_CHUNK;
    if (!isCompressed) return [contiguous(bytes.length === 0 ? undefined : this.#file.place(bytes), bytes.length)];
    const packed = deflateSync(bytes, { level: this.#gzip! });
    const tree = this.#file.place(chunkTree(shape, packed.length, this.#file.place(packed)));
    return [chunked(tree, shape, sizeOf(type)), deflate(this.#gzip!)];
  }

  #attributes(attributes: ReadonlyMap<string, Hdf5Array>, where: string): Message[] {
    return [...attributes].map(([name, array]) => {
      const place = `attribute "${name}" of ${where}`;
      if (name === '' || name.includes('\0'))
        throw new SpikewireError('parameter', place, 'has no such name', 'a text');
      return attribute(name, array.shape, array.type, elementBytes(array, this.#heap, place), place);
    });
  }
}

function checkName(name: string, path: string): void {
  if (name !== '' && name !== '.' && !/[/\0]|\p{Cs}/u.test(name)) return;
  const expected = 'a name without "/" and zero bytes';
  throw new SpikewireError('parameter', `object "${path || '/'}"`, `has a part with the name "${name}"`, expected);
}

/** Version 0 (HDF5 File Format Specification, II.A). */
function superblock(root: number, end: number): Uint8Array {
  const [WIDTHS, NO_FLAGS] = [8, 0];
  const bytes = new ByteWriter().put(Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)).zeros(5);
  bytes.uint(1, WIDTHS).uint(1, WIDTHS).zeros(1).uint(2, LEAF_K).uint(2, INTERNAL_K).uint(4, NO_FLAGS);
  bytes.long(0).long(undefined).long(end).long(undefined);
  return bytes.long(0).long(root).zeros(24).finish();
}

/** A B-tree with the one chunk of an array (III.A.1), as large as the library makes it. */
function chunkTree(shape: readonly number[], bytes: number, address: number): Uint8Array {
  const [CHUNKS, ENTRIES, K, ALL_FILTERS] = [1, 1, 32, 0];
  const keyBytes = 8 + 8 * (shape.length + 1);
  const node = new ByteWriter().signature('TREE').uint(1, CHUNKS).uint(1, 0).uint(2, ENTRIES);
  node
    .long(undefined)
    .long(undefined)
    .uint(4, bytes)
    .uint(4, ALL_FILTERS)
    .zeros(keyBytes - 8)
    .long(address);
  // The key behind the last: where the next chunk would begin.
  node.uint(4, 0).uint(4, ALL_FILTERS);
  for (const size of shape) node.long(size);
  return node
    .long(0)
    .zeros((2 * K - 1) * (keyBytes + 8))
    .finish();
}
