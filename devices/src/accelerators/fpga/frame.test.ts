import { readFileSync } from 'node:fs';
import { RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.ts';
import { encodeFrame, type Frame, FrameParser } from './frame.ts';
import { ANSWER, ERROR, errors, NOTICE, notices, PROTOCOL_VERSION, requests } from './frame-types.ts';

const arbitraryFrame = fc.record({
  sequence: fc.nat(0xffff),
  type: fc.nat(0xff),
  // Flags and escapes on purpose.
  payload: fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => bytes.map((byte) => (byte % 3 === 0 ? 0x7d + (byte & 1) : byte))),
});

describe('a frame', () => {
  it('has the CRC-32 of the published check value, and the bytes of the text', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    const bytes = encodeFrame({ sequence: 0x7e01, type: 3, payload: Uint8Array.of(0x7d) });
    const [crc] = Uint32Array.of(crc32(Uint8Array.of(1, 0, 1, 0x7e, 3, 0x7d)));
    const check = [0, 8, 16, 24].map((shift) => (crc! >>> shift) & 0xff);
    expect(check.some((byte) => byte === 0x7d || byte === 0x7e)).toBe(false);
    expect([...bytes]).toEqual([0x7e, 1, 0, 1, 0x7d, 0x5e, 3, 0x7d, 0x5d, ...check, 0x7e]);
  });

  it('is read again, in pieces of any length', () => {
    const property = fc.property(fc.array(arbitraryFrame), fc.integer({ min: 1, max: 9 }), (frames, piece) => {
      const line = Buffer.concat(frames.map(encodeFrame));
      const parser = new FrameParser(40);
      const read: Frame[] = [];
      for (let at = 0; at < line.length; at += piece) read.push(...parser.take(line.subarray(at, at + piece)));
      expect(read).toEqual(frames);
      expect(parser.broken).toBe(0);
    });
    fc.assert(property);
  });

  it('is dropped where any byte of it is changed, lost or doubled, and the next one is taken', () => {
    const random = new RandomGenerator(1, 'frames');
    for (let round = 0; round < 2000; round++) {
      const payload = Uint8Array.from({ length: random.nextInteger(20) }, () => random.nextInteger(256));
      const good = encodeFrame({ sequence: round, type: 2, payload });
      const [at, kind] = [1 + random.nextInteger(good.length - 2), random.nextInteger(3)];
      const changed = [[good[at]! ^ (1 + random.nextInteger(255))], [], [good[at]!, good[at]!]][kind]!;
      const bad = Uint8Array.of(...good.subarray(0, at), ...changed, ...good.subarray(at + 1));
      const next = { sequence: 7, type: 1, payload: Uint8Array.of(9) };
      const parser = new FrameParser(504);
      expect(parser.take(Uint8Array.of(...bad, ...encodeFrame(next)))).toEqual([next]);
      expect(parser.broken).toBeGreaterThan(0);
    }
  });

  it('is dropped where it is longer than the limit', () => {
    const long = encodeFrame({ sequence: 0, type: 1, payload: new Uint8Array(41) });
    const parser = new FrameParser(40);
    expect(parser.take(long)).toEqual([]);
    expect(parser.broken).toBe(1);
  });
});

describe('the numbers of the link', () => {
  const text = readFileSync(new URL('../../../rtl/README.md', import.meta.url), 'utf8');
  /** The rows of the table that has this title in its first column: number, name. */
  const rowsOf = (title: string) => {
    const [, table = ''] = text.split(new RegExp(`\\| ${title} +\\|[^\n]*\n\\|[-| ]+\n`));
    const rows = table.split('\n\n')[0]!.matchAll(/^\| ([0-9A-F]{2}) +\| `?(\w+)/gm);
    return Object.fromEntries(Array.from(rows, ([, number, name]) => [name, Number.parseInt(number!, 16)]));
  };

  it('are those of the text', () => {
    expect(rowsOf('type')).toEqual({ ...requests, notice: NOTICE, error: ERROR });
    expect(rowsOf('notice')).toEqual(notices);
    expect(rowsOf('error')).toEqual(errors);
    expect(text).toContain(`version of this protocol: ${PROTOCOL_VERSION}`);
    expect(text).toContain(`the request plus ${ANSWER.toString(16)}.`);
  });
});
