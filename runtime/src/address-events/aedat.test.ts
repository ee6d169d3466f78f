import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYOUTS, layoutNamed } from './address-layout.ts';
import { readAedat } from './aedat.ts';
import { aedat2Header } from './aedat2.ts';
import { EventColumns } from './event-columns.ts';
import { decompressLz4 } from './lz4.ts';
import { nMnistEvent, readNMnist } from './n-mnist.ts';
import { WrappedClock } from './wrapped-clock.ts';
import { xxHash32 } from './xxhash.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const size = { width: 30, height: 20 };
const place = fc.record({ x: fc.nat(29), y: fc.nat(19), polarity: fc.constantFrom(0, 1), pause: fc.nat(10 ** 9) });

describe('AEDAT 2', () => {
  it.each(LAYOUTS)('in layout %s says where and when events were, over the end of its clock, too', (name) => {
    const layout = layoutNamed(name, size);
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 40 }), fc.nat(2 ** 32 - 1), (events, start) => {
        let time = start;
        const times = events.map(({ pause }) => (time += pause));
        const words = events.flatMap(({ x, y, polarity }, k) => [layout.at(x, y, polarity) >>> 0, times[k]! % 2 ** 32]);
        const body = Buffer.alloc(4 * words.length);
        for (const [k, word] of words.entries()) body.writeUInt32BE(word, 4 * k);
        const read = readAedat(Buffer.concat([aedat2Header(layout, size, 2), body, Buffer.of(1, 2, 3)]));
        expect(read.size).toEqual(size);
        expect(Array.from(read.time, (seconds) => Math.round(1e6 * seconds))).toEqual(times.map((t) => t - times[0]!));
        const places = events.map((_, k) => [read.x[k], read.y[k], read.polarity[k]]);
        expect(places).toEqual(events.map(({ x, y, polarity }) => [x, y, polarity]));
      }),
    );
  });

  it('takes addresses for numbers of neurons where it says nothing else', () => {
    const read = readAedat(Buffer.concat([ascii('#!AER-DAT2.0\r\n'), Buffer.from('0000012c00000005', 'hex')]));
    expect([read.x[0], read.y[0], read.polarity[0], read.polarities, read.start]).toEqual([300, 0, 0, 1, 5]);
  });
});

describe('what is no recording', () => {
  it.each([
    ['', 'does not begin with #!AER-DAT; expected AEDAT 2.0, 3.1 or 4.0'],
    ['#!AER-DAT1.0\r\n', 'is AEDAT 1.0; expected AEDAT 2.0, 3.1 or 4.0'],
    ['#!AER-DAT3.1\r\n', 'header: has no end; expected a line #!END-HEADER'],
    ['#!AER-DAT3.1\r\n#Format: SerialTS\r\n#!END-HEADER\r\n', 'header: has the format SerialTS; expected RAW'],
    ['#!AER-DAT3.1\r\n#!END-HEADER\r\n1234', 'packet at byte 28: ends in its header; expected 28 bytes'],
    ['#!AER-DAT4.0\r\n', 'length at byte 14: is damaged'],
    ['#!AER-DAT4.0\r\n\xff\xff\xff\xff', 'header: ends at byte'],
  ])('%j', (text, message) => {
    expect(() => readAedat(Buffer.from(text, 'latin1'))).toThrow(message);
  });

  it('has more events than there is memory for', () => {
    const bytes = Buffer.concat([ascii('#!AER-DAT2.0\r\n'), Buffer.alloc(8 * 11)]);
    expect(readAedat(bytes, 64 * 11).time).toHaveLength(11);
    expect(() => readAedat(bytes, 64 * 10)).toThrow('recording: has more than 10 events; expected more --memory');
  });
});

it('events that are not in order are put so, those of a moment as they came, and counted', () => {
  const columns = new EventColumns(9);
  for (const [time, x] of [
    [5, 0],
    [9, 1],
    [7, 2],
    [5, 3],
    [9, 4],
  ] as const) {
    columns.push(time, x, 0, 1);
  }
  const { time, x, disordered, start } = columns.finish();
  expect([Array.from(x), Array.from(time, (t) => Math.round(1e6 * t)), disordered, start]).toEqual([
    [0, 3, 2, 1, 4],
    [0, 0, 2, 4, 4],
    2,
    5,
  ]);
});

it('a clock of 32 bits goes on over its end, and back over it', () => {
  const clock = new WrappedClock();
  const stamps = [2 ** 32 - 10, 2 ** 32 - 4, 6, 2 ** 32 - 1, 2 ** 31 - 2, 2 ** 31];
  const expected = [-10, -4, 6, -1, 2 ** 31 - 2, 2 ** 31].map((time) => time + 2 ** 32);
  expect(stamps.map((stamp) => clock.at(stamp))).toEqual(expected);
});

// Of the test vectors in xxHash's own tests.
it.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('the hash of %j', (text, hash) => {
  expect(xxHash32(ascii(text))).toBe(hash);
});

it('a recording with places of more than 16 bits is refused', () => {
  const event = (address: number) => Buffer.from(`${address.toString(16).padStart(8, '0')}00000005`, 'hex');
  const read = (address: number) => readAedat(Buffer.concat([ascii('#!AER-DAT2.0\r\n'), event(address)]));
  expect(read(65_535).x[0]).toBe(65_535);
  expect(() => read(65_536)).toThrow('event 0: is at x 65536, y 0; expected x and y of at most 65535');
  expect(() => read(69_999)).toThrow(SpikewireError);
});

describe('LZ4', () => {
  const [magic, flags] = ['04224d18', '6040'];
  const check = ((xxHash32(Buffer.from(flags, 'hex')) >>> 8) & 0xff).toString(16).padStart(2, '0');
  const frame = (block: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(block.length / 2);
    return Buffer.from(`${magic}${flags}${check}${length.toString('hex')}${block}00000000`, 'hex');
  };

  it('repeats what has just been written, by the block format: "ab" once, 5 more of it, then "c"', () => {
    expect(Buffer.from(decompressLz4(frame('21616202001063'), 100)).toString()).toBe('abababac');
  });

  it.each([
    ['2161620300', 'refers to 3 bytes before'],
    ['2161620000', 'refers to 0 bytes before'],
    ['f0ff', 'has a count beyond its block'],
    ['5061', 'has literals beyond their block'],
    [`1f610100${'ff'.repeat(300)}00`, 'holds 101 bytes or more; expected at most 100'],
  ])('damaged or too large: %s', (block, message) => {
    expect(() => decompressLz4(frame(block), 100)).toThrow(message.startsWith('holds') ? /at most 100/ : message);
  });
});

it('events of N-MNIST are read as they were written; those that it cannot hold are not', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(239), fc.nat(1), fc.nat(2 ** 23 - 1), (x, y, polarity, time) => {
      const read = readNMnist(nMnistEvent(x, y, polarity, time)!);
      expect([read.x[0], read.y[0], read.polarity[0], read.time[0]]).toEqual([x, y, polarity, time / 1e6]);
    }),
  );
  expect([nMnistEvent(256, 0, 0, 0), nMnistEvent(0, 240, 0, 0), nMnistEvent(0, 0, 0, 2 ** 23)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('any bytes are a recording or a typed error', () => {
  const begins = ['#!AER-DAT2.0\r\n', '#!AER-DAT3.1\r\n#!END-HEADER\r\n', '#!AER-DAT4.0\r\n', ''].map(ascii);
  fc.assert(
    fc.property(fc.constantFrom(...begins), fc.uint8Array({ maxLength: 200 }), (begin, bytes) => {
      try {
        expect(readAedat(Buffer.concat([begin, bytes])).time.length).toBeLessThanOrEqual(25);
      } catch (error) {
        expect(error).toBeInstanceOf(SpikewireError);
      }
    }),
    { numRuns: 1000 },
  );
});
