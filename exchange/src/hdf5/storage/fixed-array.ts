import {
  type Chunk,
  type ChunkedArray,
  type ChunkIndex,
  checkEntryBytes,
  limited,
  placeOf,
  readEntry,
} from './chunk.ts';

const CHECKSUM = 4;

/**
 * An entry for each chunk that the largest shape has, in pages where they are many (HDF5 File Format Specification,
 * VII.C). A page that was never written has nothing.
 */
export const fixedArray = (address: number | undefined): ChunkIndex =>
  function* (array) {
    if (address === undefined) return;
    const { file, where } = array;
    const header = file.part(address, 8 + file.widths.length + file.widths.address + CHECKSUM, where);
    header.signature('FAHD');
    header.version('a fixed array', 0);
    header.skip(1);
    const entryBytes = checkEntryBytes(header, header.uint(1), array);
    const inPage = 2 ** header.uint(1);
    const [count, block] = [header.length(), header.address()];
    header.checksum();
    const counts = limited(array.counts, where);
    if (block !== undefined) yield* entriesOf(array, block, { entryBytes, inPage, count, counts });
  };

interface Form {
  readonly entryBytes: number;
  readonly inPage: number;
  readonly count: number;
  /** Chunks by dimension. */
  readonly counts: readonly number[];
}

function* entriesOf(array: ChunkedArray, address: number, form: Form): Generator<Chunk> {
  const { file, where } = array;
  const { entryBytes, inPage, count, counts } = form;
  const isPaged = count > inPage;
  const pages = isPaged ? Math.ceil(count / inPage) : 1;
  const bitmapBytes = isPaged ? Math.ceil(pages / 8) : 0;
  const prefixBytes = 6 + file.widths.address + bitmapBytes;
  const prefix = file.part(address, prefixBytes + (isPaged ? CHECKSUM : count * entryBytes + CHECKSUM), where);
  prefix.signature('FADB');
  prefix.version('a block of a fixed array', 0);
  prefix.skip(1 + file.widths.address);
  const bitmap = prefix.take(bitmapBytes);
  if (isPaged) prefix.checksum();
  for (let page = 0; page < pages; page++) {
    const size = Math.min(inPage, count - page * inPage);
    if (isPaged && (bitmap[page >> 3]! & (0x80 >> (page & 7))) === 0) continue;
    const at = address + prefixBytes + CHECKSUM + page * (inPage * entryBytes + CHECKSUM);
    const part = isPaged ? file.part(at, size * entryBytes + CHECKSUM, where) : prefix;
    for (let k = 0; k < size; k++) {
      const entry = readEntry(part, array, entryBytes);
      if (entry !== undefined) yield { place: placeOf(page * inPage + k, counts), ...entry };
    }
    part.checksum();
  }
}
