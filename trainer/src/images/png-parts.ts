import { inflateSync } from 'node:zlib';
import { SpikewireError } from '@spikewire/models';

/** What the head of a PNG file says of its picture. */
export interface PngHeader {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Bits of a number: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Numbers of a pixel: grey, or the index of a colour, 1; with alpha 2; red, green and blue 3; with alpha 4. */
  readonly channels: number;
  readonly isIndexed: boolean;
}

/** Of a picture, pixels times channels: as float32 256 MiB. */
export const MOST_NUMBERS = 2 ** 26;

/** Of 8 KiB each they hold the largest picture ten times. */
const MOST_CHUNKS = 2 ** 18;

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** Length, type and checksum. */
const AROUND = 12;
/** Channels and depths by the type of colour (PNG specification, 11.2.2). */
const COLOURS: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};
/** First column and row, and steps to the next, of the pictures that an interlaced one is divided into (8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

interface Chunk {
  readonly type: string;
  /** With what is around its data. */
  readonly whole: Buffer;
  readonly data: Buffer;
}

/**
 * The head of a PNG file, and the file with nothing in it but what its picture is made of: no texts, no colour profile.
 * Its numbers unpack to just the bytes that the head says, of which there are at most `MOST_NUMBERS`; so a decoder
 * takes no more memory. Throws `file`, naming the path, for what is no PNG file, cut off, too large, or damaged.
 */
export function pngParts(path: string, bytes: Buffer): { readonly header: PngHeader; readonly file: Buffer } {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    const problem = bytes.length === 0 ? 'is empty' : `is not a PNG file${isJpeg(bytes) ? ', but a JPEG file' : ''}`;
    throw new SpikewireError('file', path, problem, 'a PNG file, whatever its name');
  }
  const [head, ...others] = chunksOf(path, bytes);
  const { header, isInterlaced } = readHeader(path, head!);
  const needed = ['PLTE', 'tRNS', 'IDAT', 'IEND'].flatMap((name) => others.filter(({ type }) => type === name));
  if (header.isIndexed && needed[0]!.type !== 'PLTE') throw damaged(path, 'it has no palette');
  refuseLength(path, bytesIn(header, isInterlaced), needed);
  return { header, file: Buffer.concat([SIGNATURE, head!.whole, ...needed.map(({ whole }) => whole)]) };
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/** Up to the last of the picture. What follows is no part of it. */
function chunksOf(path: string, bytes: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at + AROUND <= bytes.length; ) {
    const end = at + AROUND + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    chunks.push({ type, whole: bytes.subarray(at, end), data: bytes.subarray(at + 8, end - 4) });
    if (type === 'IEND') return chunks;
    if (chunks.length === MOST_CHUNKS)
      throw new SpikewireError('file', path, `has more than ${MOST_CHUNKS} chunks`, 'the image saved again');
    at = end;
  }
  throw new SpikewireError(
    'file',
    path,
    `is damaged or cut off: it has ${bytes.length} bytes and no end`,
    'a whole file',
  );
}

function readHeader(path: string, { type, data }: Chunk): { header: PngHeader; isInterlaced: boolean } {
  if (type !== 'IHDR' || data.length !== 13) throw damaged(path, 'it does not begin with its size');
  const [width, height, depth, isInterlaced] = [data.readUInt32BE(0), data.readUInt32BE(4), data[8]!, data[12] === 1];
  const colour = COLOURS[data[9]!];
  if (width === 0 || height === 0 || colour === undefined || !colour.depths.includes(depth))
    throw damaged(path, `it has ${width} × ${height} pixels of type ${data[9]} and ${depth} bits`);
  const { channels } = colour;
  if (width * height * channels > MOST_NUMBERS) {
    const problem = `says that it has ${width} × ${height} pixels of ${channels} numbers`;
    throw new SpikewireError('file', path, problem, `${MOST_NUMBERS} numbers at most`);
  }
  if (isInterlaced && depth < 8)
    throw new SpikewireError(
      'file',
      path,
      `is interlaced, with ${depth} bits`,
      'the image saved again without interlacing',
    );
  return { header: { width, height, depth, channels, isIndexed: data[9] === 3 }, isInterlaced };
}

/** Of all rows as they are unpacked, a byte in front of each. */
function bytesIn({ width, height, depth, channels }: PngHeader, isInterlaced: boolean): number {
  let bytes = 0;
  for (const [left, top, across, down] of isInterlaced ? ADAM7 : WHOLE) {
    const [columns, rows] = [Math.ceil((width - left) / across), Math.ceil((height - top) / down)];
    if (columns > 0 && rows > 0) bytes += rows * (1 + Math.ceil((columns * channels * depth) / 8));
  }
  return bytes;
}

function refuseLength(path: string, wanted: number, chunks: readonly Chunk[]): void {
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  let found: number;
  try {
    found = inflateSync(packed, { maxOutputLength: wanted }).length;
  } catch (cause) {
    throw damaged(path, 'its pixels cannot be unpacked', cause);
  }
  if (found !== wanted) throw damaged(path, `its pixels unpack to ${found} bytes of ${wanted}`);
}

function damaged(path: string, what: string, cause?: unknown): SpikewireError {
  return new SpikewireError('file', path, `is damaged: ${what}`, 'a whole PNG file', cause);
}
