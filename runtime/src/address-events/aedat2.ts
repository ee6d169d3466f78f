import type { AddressEvents, SensorSize } from './address-events.ts';
import { type AddressLayout, LAYOUTS, type LayoutName, layoutNamed } from './address-layout.ts';
import { EventColumns } from './event-columns.ts';
import { WrappedClock } from './wrapped-clock.ts';

/** Bytes of an event: an address, then microseconds, both big-endian in 32 bits. */
export const AEDAT2_EVENT_BYTES = 8;
const LINE_FEED = 0x0a;
const [NUMBER_SIGN, TAB, RETURN, FIRST_PRINTABLE, LAST_PRINTABLE] = [0x23, 0x09, 0x0d, 0x20, 0x7e];
const END_OF_HEADER = /^# ?End Of ASCII Header/i;
/** Columns and rows of the DAVIS family by the numbers in their names. */
const DAVIS_SIZES: Readonly<Record<string, SensorSize>> = {
  208: { width: 208, height: 192 },
  240: { width: 240, height: 180 },
  346: { width: 346, height: 260 },
  640: { width: 640, height: 480 },
};
/** A single row of so many neurons, of which nobody said how many there are. */
const ANY_ROW: SensorSize = { width: 65_536, height: 1 };

/**
 * AEDAT 2, as jAER writes it: lines of text that begin with #, then events of eight bytes. What the addresses mean is
 * said by the line `# AEChip:` (DVS128, DAVIS) or by the one that `aedat2Header` writes; else they count neurons. An
 * event that is not complete at the end was being written when somebody was interrupted, and is left out. 32 bits of
 * microseconds begin anew after 71 minutes; a pause of half of that is told from a step back.
 *
 * @param most events that there is memory for
 */
export function readAedat2(bytes: Uint8Array, most: number): AddressEvents {
  const { lines, end } = headerOf(bytes);
  const { layout, size, polarities } = meaningOf(lines);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const columns = new EventColumns(most);
  const clock = new WrappedClock();
  for (let at = end; at + AEDAT2_EVENT_BYTES <= bytes.length; at += AEDAT2_EVENT_BYTES) {
    const address = view.getUint32(at);
    const time = clock.at(view.getUint32(at + 4));
    if (layout.isSpike(address)) columns.push(time, layout.x(address), layout.y(address), layout.polarity(address));
  }
  return columns.finish(size, polarities);
}

/** The lines in front of the events of a recording of a sensor of this size. */
export function aedat2Header(layout: AddressLayout, { width, height }: SensorSize, polarities: 1 | 2): Uint8Array {
  const lines = [
    '#!AER-DAT2.0',
    '# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event',
    '# Timestamps tick is 1 us',
    `# spikewire: layout ${layout.name}, width ${width}, height ${height}, polarities ${polarities}`,
    '# End Of ASCII Header',
  ];
  return new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''));
}

/** Lines of printable text that begin with #; behind the last the events begin. */
function headerOf(bytes: Uint8Array): { lines: readonly string[]; end: number } {
  const lines: string[] = [];
  let at = 0;
  while (bytes[at] === NUMBER_SIGN) {
    const end = bytes.indexOf(LINE_FEED, at);
    if (end < 0 || !isPrintable(bytes, at, end)) break;
    lines.push(new TextDecoder().decode(bytes.subarray(at, end)).trimEnd());
    at = end + 1;
    if (END_OF_HEADER.test(lines.at(-1)!)) break;
  }
  return { lines, end: at };
}

function isPrintable(bytes: Uint8Array, from: number, to: number): boolean {
  for (let k = from; k < to; k++) {
    const byte = bytes[k]!;
    if ((byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE) && byte !== TAB && byte !== RETURN) return false;
  }
  return true;
}

interface Meaning {
  readonly layout: AddressLayout;
  readonly size: SensorSize | undefined;
  readonly polarities: 1 | 2;
}

const OWN_LINE = /^# spikewire: layout (\w+), width (\d{1,5}), height (\d{1,5}), polarities ([12])$/;

function meaningOf(lines: readonly string[]): Meaning {
  for (const line of lines) {
    const [, name, ...numbers] = OWN_LINE.exec(line) ?? [];
    const [width, height, polarities] = numbers.map(Number) as [number, number, 1 | 2];
    if (LAYOUTS.includes(name as LayoutName) && width > 0 && height > 0) {
      return meaning(name as LayoutName, { width, height }, polarities);
    }
    const chip = /^# ?AEChip: (.*)$/.exec(line)?.[1];
    if (chip !== undefined && /dvs128/i.test(chip)) return meaning('dvs128', { width: 128, height: 128 });
    if (chip !== undefined && /davis/i.test(chip)) {
      return meaning('davis', DAVIS_SIZES[/davis(\d+)/i.exec(chip)?.[1] ?? '']);
    }
  }
  return meaning('index', undefined, 1);
}

function meaning(name: LayoutName, size: SensorSize | undefined, polarities: 1 | 2 = 2): Meaning {
  return { layout: layoutNamed(name, size ?? ANY_ROW, polarities), size, polarities };
}
