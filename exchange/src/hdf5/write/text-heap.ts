import { ByteWriter } from './byte-writer.ts';

const HEAD = 16;
const OBJECT_HEAD = 16;
/** The library makes no smaller collection. */
const SMALLEST = 4096;
/** After so many bytes or texts a collection ends; an index has 16 bits. */
const [FULL, MOST_TEXTS] = [65_536, 65_535];

/**
 * The texts of variable length of one array: collections of the global heap (HDF5 File Format Specification, III.E),
 * and the elements that refer to them. An empty text needs no object.
 */
export function textElements(texts: readonly string[], place: (collection: Uint8Array) => number): Uint8Array {
  const objects: { bytes: Uint8Array; collection: number; index: number }[] = [];
  const collections: Uint8Array[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > 0 && (size > FULL || collections.at(-1)!.length >= MOST_TEXTS)) {
      collections.push([]);
      size = HEAD;
    }
    if (bytes.length > 0) {
      collections.at(-1)!.push(bytes);
      size += OBJECT_HEAD + Math.ceil(bytes.length / 8) * 8;
    }
    objects.push({ bytes, collection: collections.length - 1, index: collections.at(-1)?.length ?? 0 });
  }
  const addresses = collections.map((each) => place(collectionOf(each)));
  const elements = new ByteWriter();
  for (const { bytes, collection, index } of objects) {
    const isEmpty = bytes.length === 0;
    elements
      .uint(4, bytes.length)
      .long(isEmpty ? 0 : addresses[collection]!)
      .uint(4, isEmpty ? 0 : index);
  }
  return elements.finish();
}

function collectionOf(texts: readonly Uint8Array[]): Uint8Array {
  const used = texts.reduce((sum, { length }) => sum + OBJECT_HEAD + Math.ceil(length / 8) * 8, HEAD);
  const size = Math.max(SMALLEST, used);
  const heap = new ByteWriter().signature('GCOL').uint(1, 1).zeros(3).long(size);
  texts.forEach((text, k) => {
    heap
      .uint(2, k + 1)
      .uint(2, 1)
      .zeros(4)
      .long(text.length)
      .put(text)
      .align();
  });
  const free = size - heap.length;
  // What is free is object 0, where it has room for a head.
  if (free >= OBJECT_HEAD)
    heap
      .uint(2, 0)
      .uint(2, 0)
      .zeros(4)
      .long(free)
      .zeros(free - OBJECT_HEAD);
  return heap.finish();
}
