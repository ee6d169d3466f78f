import * as zlib from 'node:zlib';
import { SpikewireError } from '@spikewire/models';
import type { AddressEvents, SensorSize } from './address-events.ts';
import { EventColumns } from './event-columns.ts';
import { Flatbuffer } from './flatbuffer.ts';
import { decompressLz4 } from './lz4.ts';

const VERSION_BYTES = 14;
const [HEADER, EVENTS] = ['IOHE', 'EVTS'];
/** Bytes of a packet, decompressed: of events 4 million. */
const MOST_OF_PACKET = 2 ** 26;
/** Of the header, of which a few thousand are usual. */
const MOST_OF_HEADER = 2 ** 22;
const EVENT_BYTES = 16;
/** How packets are compressed: by numbers of the header. */
const [NONE, LZ4, LZ4_HIGH, ZSTD, ZSTD_HIGH] = [0, 1, 2, 3, 4];

/**
 * AEDAT 4, as DV writes it: a line with the version, a FlatBuffers table with how packets are compressed, where the
 * last ends and, as XML, which streams there are, then packets of a stream, its length, and a compressed FlatBuffers
 * table (iniVation, dv-processing: include/dv-processing/data, ioheader.fbs and event.fbs). Events of the first stream
 * of events are read. Throws `file` where the bytes are something else, `unsupported` for Zstandard before Node 22.15.
 *
 * @param most events that there is memory for
 */
export function readAedat4(bytes: Uint8Array, most: number): AddressEvents {
  const end = VERSION_BYTES + 4 + lengthAt(bytes, VERSION_BYTES);
  if (end > MOST_OF_HEADER)
    throw new SpikewireError('file', 'header', `ends at byte ${end}`, `at most ${MOST_OF_HEADER}`);
  const { compression, last, stream, size } = within('header', () => headerOf(bytes.subarray(VERSION_BYTES, end)));
  const columns = new EventColumns(most);
  const stop = last < 0 ? bytes.length : last;
  if (stop > bytes.length || stop < end) {
    throw new SpikewireError('file', 'header', `says that packets end at byte ${stop}`, `${end} to ${bytes.length}`);
  }
  for (let at = end; at < stop; ) {
    const length = lengthAt(bytes, at + 4);
    if (at + 8 + length > stop) {
      throw new SpikewireError('file', `packet at byte ${at}`, `has ${length} bytes`, `at most ${stop - at - 8}`);
    }
    if (lengthAt(bytes, at) === stream) {
      const packet = decompress(bytes.subarray(at + 8, at + 8 + length), compression);
      within(`packet at byte ${at}`, () => takePacket(packet, columns));
    }
    at += 8 + length;
  }
  return columns.finish(size);
}

function headerOf(bytes: Uint8Array) {
  const table = new Flatbuffer(bytes);
  if (table.identifier !== HEADER) throw new RangeError(`is a table ${JSON.stringify(table.identifier)}`);
  const streams = streamsOf(table.text(table.root, 2));
  const found = streams.find(({ type }) => type === EVENTS);
  if (found === undefined) {
    const types = streams.map(({ type }) => type).join(', ') || 'none';
    throw new SpikewireError('file', 'recording', `has streams of ${types}`, EVENTS);
  }
  const last = Number(table.int64(table.root, 1, -1n));
  return { compression: table.int32(table.root, 0, NONE), last, stream: found.number, size: found.size };
}

/** The streams that the XML speaks of: what is said behind the path of one and before that of the next. */
function streamsOf(xml: string): { number: number; type: string | undefined; size: SensorSize | undefined }[] {
  const [, ...parts] = xml.split(/path="[^"]*\/outInfo\/(\d{1,9})\/"/);
  return parts.flatMap((number, k) => {
    if (k % 2 === 1) return [];
    const textOf = (key: string) => new RegExp(`<attr key="${key}"[^<>]*>([^<]*)</attr>`).exec(parts[k + 1]!)?.[1];
    const [width, height] = [Number(textOf('sizeX')), Number(textOf('sizeY'))];
    const isSize = width > 0 && width <= 65_536 && height > 0 && height <= 65_536;
    return [{ number: Number(number), type: textOf('typeIdentifier'), size: isSize ? { width, height } : undefined }];
  });
}

function takePacket(bytes: Uint8Array, columns: EventColumns): void {
  const table = new Flatbuffer(bytes);
  if (table.identifier !== EVENTS) throw new RangeError(`is a table ${JSON.stringify(table.identifier)}`);
  const { start, length } = table.vector(table.root, 0, EVENT_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let k = 0, at = start; k < length; k++, at += EVENT_BYTES) {
    const time = Number(view.getBigInt64(at, true));
    const [x, y] = [view.getInt16(at + 8, true), view.getInt16(at + 10, true)];
    if (x < 0 || y < 0) throw new SpikewireError('file', `event ${k}`, `is at x ${x}, y ${y}`, 'neither below 0');
    columns.push(time, x, y, view.getUint8(at + 12) === 0 ? 0 : 1);
  }
}

function decompress(bytes: Uint8Array, compression: number): Uint8Array {
  if (compression === NONE) return bytes;
  if (compression === LZ4 || compression === LZ4_HIGH) return decompressLz4(bytes, MOST_OF_PACKET);
  if (compression === ZSTD || compression === ZSTD_HIGH) return decompressZstandard(bytes);
  throw new SpikewireError('file', 'header', `has compression ${compression}`, '0 to 4');
}

type Decompress = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

function decompressZstandard(bytes: Uint8Array): Uint8Array {
  const { zstdDecompressSync } = zlib as unknown as { readonly zstdDecompressSync?: Decompress };
  if (zstdDecompressSync === undefined) {
    const expected = 'LZ4, or Node.js 22.15 or later';
    throw new SpikewireError('unsupported', 'recording', `Node.js ${process.versions.node} has no Zstandard`, expected);
  }
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: MOST_OF_PACKET });
  } catch (cause) {
    throw new SpikewireError('file', 'packet', 'cannot be decompressed', `Zstandard of ${MOST_OF_PACKET} bytes`, cause);
  }
}

/** A whole number of four bytes; those that it counts are there. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return within(`length at byte ${at}`, () => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return view.getUint32(at, true);
  });
}

/** What is read beyond the bytes is damaged. */
function within<Read>(where: string, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new SpikewireError('file', where, `is damaged (${cause.message})`, 'what AEDAT 4 says', cause);
  }
}
