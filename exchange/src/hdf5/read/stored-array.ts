import { SpikewireError } from '@spikewire/models';
import type { GlobalHeap } from '../structures/global-heap.ts';
import type { Hdf5Array, Hdf5Dataset, Hdf5Numbers, Hdf5Type } from '../tree.ts';
import type { Dataspace } from './dataspace.ts';
import type { Datatype } from './datatype.ts';
import { decodeValues } from './values.ts';

/** Where an array stands in the file. */
export interface Storage {
  /** For errors. */
  readonly where: string;
  readonly datatype: Datatype;
  readonly dataspace: Dataspace;
  /** The bytes of the elements, of which there must be so many. */
  bytes(count: number): Uint8Array;
}

/** An array whose elements are decoded when they are asked for. */
export class StoredArray implements Hdf5Array {
  readonly #heap: GlobalHeap;
  readonly #storage: Storage;
  #values: Hdf5Numbers | readonly string[] | undefined;

  constructor(heap: GlobalHeap, storage: Storage) {
    this.#heap = heap;
    this.#storage = storage;
  }

  get shape(): readonly number[] {
    return this.#storage.dataspace.shape;
  }

  get type(): Hdf5Type {
    return this.#storage.datatype.type;
  }

  get values(): Hdf5Numbers | readonly string[] {
    this.#values ??= this.#read();
    return this.#values;
  }

  #read(): Hdf5Numbers | readonly string[] {
    const { where, datatype } = this.#storage;
    const wanted = this.shape.reduce((product, size) => product * size, datatype.size);
    // What a file claims, before anything is made of it.
    this.#heap.file.memory.take(where, wanted);
    const bytes = this.#storage.bytes(wanted);
    if (bytes.length !== wanted) {
      throw new SpikewireError('file', where, `has ${bytes.length} bytes of elements`, `${wanted}`);
    }
    return decodeValues(datatype, bytes, this.#heap, where);
  }
}

export class StoredDataset extends StoredArray implements Hdf5Dataset {
  readonly kind = 'dataset';
  readonly attributes: ReadonlyMap<string, Hdf5Array>;

  constructor(heap: GlobalHeap, storage: Storage, attributes: ReadonlyMap<string, Hdf5Array>) {
    super(heap, storage);
    this.attributes = attributes;
  }
}
