import { SpikewireError } from '@spikewire/models';
import type { AddressEvents } from './address-events.ts';
import { EventColumns } from './event-columns.ts';

const HEADER_BYTES = 28;
const POLARITY_EVENT = 1;
const POLARITY_BYTES = 8;
/** Microseconds after which the counter of overflows goes on. */
const OVERFLOW = 2 ** 31;
const END_OF_HEADER = '#!END-HEADER';
/** The lines of text take no more. */
const LONGEST_HEADER = 65_536;

/**
 * AEDAT 3.1, as cAER writes it: lines of text, then packets of events, little-endian, with a header of 28 bytes
 * (libcaer, events/common.h and events/polarity.h). Packets of other events than those of polarity are passed over.
 * Throws `file` where the bytes are something else.
 *
 * @param most events that there is memory for
 */
export function readAedat3(bytes: Uint8Array, most: number): AddressEvents {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const columns = new EventColumns(most);
  for (let at = endOfHeader(bytes); at < bytes.length; ) {
    const packet = packetAt(view, at);
    const first = at + HEADER_BYTES;
    if (packet.type === POLARITY_EVENT) takePacket(view, first, packet, columns);
    at = first + packet.size * packet.count;
  }
  return columns.finish();
}

interface Packet {
  readonly type: number;
  /** Bytes of an event, and of those of its time stamp those before it. */
  readonly size: number;
  readonly stamp: number;
  readonly overflow: number;
  readonly count: number;
}

function packetAt(view: DataView, at: number): Packet {
  const refuse = (problem: string, expected: string) =>
    new SpikewireError('file', `packet at byte ${at}`, problem, expected);
  if (at + HEADER_BYTES > view.byteLength) throw refuse('ends in its header', `${HEADER_BYTES} bytes`);
  const [type, size] = [view.getInt16(at, true), view.getInt32(at + 4, true)];
  const [stamp, overflow] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true)];
  const [capacity, count] = [view.getInt32(at + 16, true), view.getInt32(at + 20, true)];
  if (type < 0 || size < 1 || overflow < 0 || count < 0) {
    throw refuse(`has type ${type}, size ${size}, overflow ${overflow}, ${count} events`, 'none below 0');
  }
  if (capacity !== count) throw refuse(`has room for ${capacity} events and contains ${count}`, 'as many as it holds');
  if (type === POLARITY_EVENT && (size !== POLARITY_BYTES || stamp !== 4)) {
    throw refuse(`has events of ${size} bytes with times at ${stamp}`, `${POLARITY_BYTES} bytes with times at 4`);
  }
  if (at + HEADER_BYTES + size * count > view.byteLength) {
    throw refuse(`has ${count} events of ${size} bytes`, 'as many as the file has bytes for');
  }
  return { type, size, stamp, overflow, count };
}

function takePacket(view: DataView, first: number, { overflow, count }: Packet, columns: EventColumns): void {
  for (let k = 0; k < count; k++) {
    const at = first + POLARITY_BYTES * k;
    const data = view.getUint32(at, true);
    const isValid = (data & 1) === 1;
    const time = overflow * OVERFLOW + view.getInt32(at + 4, true);
    if (isValid) columns.push(time, data >>> 17, (data >>> 2) & 0x7fff, (data >>> 1) & 1);
  }
}

/** The place behind the lines of text. Throws `file` where the events are written in another way. */
function endOfHeader(bytes: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST_HEADER));
  const mark = text.indexOf(END_OF_HEADER);
  const end = mark < 0 ? -1 : text.indexOf('\n', mark);
  if (end < 0) throw new SpikewireError('file', 'header', 'has no end', `a line ${END_OF_HEADER}`);
  const format = /^#Format: *(\S+)/m.exec(text.slice(0, end))?.[1] ?? 'RAW';
  if (format !== 'RAW') throw new SpikewireError('file', 'header', `has the format ${format}`, 'RAW');
  return end + 1;
}
