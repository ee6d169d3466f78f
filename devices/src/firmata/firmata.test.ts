import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { SensorSettings } from 'spikewire/sensors';
import { describe, expect, it } from 'vitest';
import { firmataDriver } from '../sensors/firmata.ts';
import { FirmataBoard } from './board.ts';
import { checkOf, packMessage, unpackMessage } from './checked-message.ts';
import { type BoardEvent, EncoderFrames } from './encoder-frames.ts';
import { HeldSamples } from './held-samples.ts';
import { FirmataParser } from './parser.ts';

const seven = fc.integer({ min: 0, max: 127 });
const sysex = fc.array(seven, { maxLength: 40 }).map((data) => [0xf0, ...data, 0xf7]);
const short = fc.tuple(fc.constantFrom(0x90, 0x9f, 0xe0, 0xe5, 0xf9), seven, seven);

describe('messages of Firmata', () => {
  it('are found whole however they are cut', () => {
    const property = fc.property(fc.array(fc.oneof(sysex, short), { maxLength: 10 }), fc.nat(), (messages, seed) => {
      const bytes = messages.flat();
      const parser = new FirmataParser();
      const found = [];
      for (let at = 0, size = 1 + (seed % 7); at < bytes.length; at += size, size = 1 + ((size * 31 + seed) % 7)) {
        found.push(...parser.take(Uint8Array.from(bytes.slice(at, at + size))));
      }
      expect(found.map(({ first, data }) => [first, ...data, ...(first === 0xf0 ? [0xf7] : [])])).toEqual(messages);
      expect(parser.broken).toBe(0);
    });
    fc.assert(property);
  });

  it('are found behind any noise, which is counted', () => {
    const noise = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 3000 });
    const property = fc.property(noise, sysex, (bytes, message) => {
      const parser = new FirmataParser();
      parser.take(Uint8Array.from(bytes));
      const last = parser.take(Uint8Array.from(message)).at(-1);
      expect([...last!.data]).toEqual(message.slice(1, -1));
    });
    fc.assert(property);
    const parser = new FirmataParser();
    expect(parser.take(Uint8Array.of(1, 0xf7, 0xf1, 0xe0, 5, 0xf0, 3, 0x90, 1, 2))).toHaveLength(1);
    expect(parser.broken).toBe(3);
    parser.take(Uint8Array.of(0xf0, ...new Array<number>(100_000).fill(1)));
    expect(parser.take(Uint8Array.of(0xf7))).toEqual([]);
  });
});

describe('messages of the extension', () => {
  it('have the check of the catalogue', () => {
    expect(checkOf(new TextEncoder().encode('123456789'))).toBe(0x082d);
  });

  it('come back as they were packed, and not with another length or check', () => {
    const property = fc.property(seven, seven, fc.uint8Array({ max: 127, maxLength: 50 }), (kind, number, said) => {
      const packed = packMessage({ kind, number, said });
      const [message] = new FirmataParser().take(packed);
      expect(unpackMessage(message!.data)).toEqual({ kind, number, said });
      expect(unpackMessage(message!.data.subarray(0, -1))).toBeUndefined();
    });
    fc.assert(property);
  });
});

/** Frames as a board sends them. */
function frameOf(number: number, tick: number, entries: readonly number[]) {
  return { kind: 1, number: number & 127, said: Uint8Array.of(tick & 127, (tick >> 7) & 127, ...entries) };
}

describe('frames of the encoder', () => {
  it('go on counting where numbers and ticks begin anew', () => {
    const frames = new EncoderFrames('values');
    let lost = 0;
    for (let k = 0; k < 400; k++) {
      if (k % 100 === 50) lost++;
      else
        expect(frames.take(frameOf(k, 1 + 1000 * k, [0, 5]))!.events).toEqual([
          { tick: 1 + 1000 * k, channel: 0, value: 5 },
        ]);
    }
    expect(frames.lost).toBe(lost);
  });

  it('tell times within them by steps', () => {
    const { events, until } = new EncoderFrames('values').take(
      frameOf(0, 7, [0x0f, 0x7f, 0x7f, 0x40, 0x28, 0x01, 0x41]),
    )!;
    expect(events).toEqual<BoardEvent[]>([
      { tick: 7, channel: 1, value: 1023 },
      { tick: 72, channel: 5, value: 1 },
    ]);
    expect(until).toBe(74);
  });

  it.each([[[0x30, 1]], [[0x08]], [[0x3f]]])('that no encoder sends are none: %j', (entries) => {
    const frames = new EncoderFrames('values');
    expect(frames.take(frameOf(0, 1, entries))).toBeUndefined();
    expect(frames.strange).toBe(1);
    expect(frames.take({ kind: 1, number: 0, said: Uint8Array.of(5) })).toBeUndefined();
    expect(frames.take({ kind: 2, number: 0, said: Uint8Array.of(5, 0) })).toBeUndefined();
    expect(frames.strange).toBe(3);
    expect(frames.frames).toBe(0);
  });
});

it('knows no value that may have changed in a frame that was lost', () => {
  const held = new HeldSamples([3, 4]);
  const both = [3, 4].map((channel) => ({ tick: 1, channel, value: 9 }));
  held.take({ events: both, lost: 0, from: 1, until: 1 }, 100);
  const { values } = held.take({ events: [{ tick: 3, channel: 4, value: 8 }], lost: 1, from: 3, until: 3 }, 100);
  expect([...values]).toEqual([Number.NaN, Number.NaN, Number.NaN, 8]);
});

it('makes no more samples of a long silence than are wanted', () => {
  const held = new HeldSamples([3]);
  held.take({ events: [{ tick: 1, channel: 3, value: 9 }], lost: 0, from: 1, until: 1 }, 100);
  expect(held.take({ events: [], lost: 0, from: 1e9, until: 1e9 }, 3)).toEqual({
    first: 1e9 - 2,
    values: Float64Array.of(9, 9, 9),
  });
});

describe('a board', () => {
  const silent = () => new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });

  it('that says nothing, or is another one, is refused by name', async () => {
    const options = { name: '/dev/ttyACM0', timeout: 1 };
    const nobody = silent();
    await expect(FirmataBoard.open(nobody, options)).rejects.toThrow(/^\/dev\/ttyACM0: says nothing within/);
    const line = silent();
    const opened = FirmataBoard.open(line, options);
    line.push(Uint8Array.of(0xf0, 0x79, 2, 5, 0x53, 0, 0xf7));
    await expect(opened).rejects.toThrow('has the firmware "S"; expected "spikewire"');
    // Who tries again and again must not be left with lines.
    expect([nobody.closed, line.closed]).toEqual([true, true]);
  });

  it('may be unplugged at any time', async () => {
    const line = silent();
    const opened = FirmataBoard.open(line, { timeout: 1, tries: 2 });
    const name = Array.from('spikewire', (letter) => [letter.charCodeAt(0), 0]).flat();
    line.push(Uint8Array.of(0xf0, 0x79, 2, 5, ...name, 0xf7));
    const board = await opened;
    line.destroy(new Error('EIO: i/o error, read'));
    await expect(board.status()).rejects.toThrow('does not answer "status"');
    await board.close();
  });

  it.each([
    ['inputs', '0,0'],
    ['inputs', '6'],
    ['inputs', '0.5'],
    ['inputs', '-1'],
    ['threshold', '4.5'],
    ['gather', '0.5'],
  ])('has no %s=%s', async (setting, text) => {
    const settings = new SensorSettings('firmata:x', new Map([[setting, text]]));
    await expect(firmataDriver.open('x', settings)).rejects.toMatchObject({ code: 'usage' });
  });
});
