import { ByteWriter } from './byte-writer.ts';

const COLLECTION_HEAD = 16;
const OBJECT_HEAD = 16;
/** The library makes no smaller collection. */
const SMALLEST = 4096;

/**
 * The texts of variable length of a file, in collections of the global heap (HDF5 File Format Specification, III.E).
 * Each has its place in the file before it is full.
 */
export class TextHeap {
  readonly #file: ByteWriter;
  /** The collection that is being filled: where it is, its last object, and where the next one begins. */
  #address = 0;
  #index = 0;
  #next = 0;
  #end = 0;

  constructor(file: ByteWriter) {
    this.#file = file;
  }

  /** The elements that refer to texts, which are put into the heap. An empty text needs no object. */
  elements(texts: readonly string[]): Uint8Array {
    const elements = new ByteWriter();
    for (const text of texts) {
      const bytes = new TextEncoder().encode(text);
      if (bytes.length === 0) elements.zeros(16);
      else {
        this.#put(bytes);
        elements.uint(4, bytes.length).long(this.#address).uint(4, this.#index);
      }
    }
    return elements.finish();
  }

  #put(text: Uint8Array): void {
    const bytes = OBJECT_HEAD + Math.ceil(text.length / 8) * 8;
    if (bytes > this.#end - this.#next) this.#open(Math.max(SMALLEST, COLLECTION_HEAD + bytes));
    this.#index++;
    this.#file.replace(this.#next, objectOf(this.#index, text.length, text));
    this.#next += bytes;
    // What is free is object 0, where it has room for a head.
    const free = this.#end - this.#next;
    if (free >= OBJECT_HEAD) this.#file.replace(this.#next, objectOf(0, free));
  }

  #open(bytes: number): void {
    this.#address = this.#file.length;
    const head = new ByteWriter().signature('GCOL').uint(1, 1).zeros(3).long(bytes);
    this.#file.put(head.finish()).zeros(bytes - COLLECTION_HEAD);
    [this.#index, this.#next, this.#end] = [0, this.#address + COLLECTION_HEAD, this.#address + bytes];
  }
}

function objectOf(index: number, bytes: number, content: Uint8Array = new Uint8Array(0)): Uint8Array {
  const references = index === 0 ? 0 : 1;
  return new ByteWriter().uint(2, index).uint(2, references).zeros(4).long(bytes).put(content).finish();
}
