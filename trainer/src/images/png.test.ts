import { deflateSync } from 'node:zlib';
import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk, type PngForm, pngAround, pngOf } from './png.test-data.ts';
import { readPng } from './png.ts';
import { MOST_NUMBERS } from './png-parts.ts';

const read = (bytes: Buffer) => readPng('a.png', bytes);

const forms = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ colour: 0, depth, channels: 1 })),
  ...[8, 16].flatMap((depth) => [
    { colour: 2, depth, channels: 3 },
    { colour: 4, depth, channels: 2 },
    { colour: 6, depth, channels: 4 },
  ]),
];

it('has the numbers that were written, in any size, depth and kind of colour', () => {
  const side = fc.integer({ min: 1, max: 19 });
  fc.assert(
    fc.property(fc.constantFrom(...forms), side, side, fc.infiniteStream(fc.nat()), (form, width, height, drawn) => {
      const most = 2 ** form.depth - 1;
      const hasAlpha = form.channels % 2 === 0;
      const kept = form.channels - Number(hasAlpha);
      const pixels = Array.from({ length: width * height }, () =>
        Array.from({ length: kept }, () => drawn.next().value % (most + 1)),
      );
      const bytes = pngOf(
        pixels.flatMap((own) => (hasAlpha ? [...own, most] : own)),
        { ...form, width, height },
      );
      const image = read(bytes);
      expect(image).toMatchObject({ most, shape: kept === 1 ? [height, width] : [3, height, width] });
      const planes = Array.from({ length: kept }, (_, channel) => pixels.map((own) => own[channel]));
      expect(Array.from(image.values)).toEqual(planes.flat());
    }),
  );
});

const size = { width: 2, height: 3 };
const plain = pngOf([1, 2, 3, 4, 5, 6], size);
const palette = chunk('PLTE', [10, 11, 12, 20, 21, 22]);
const paletted = { ...size, colour: 3, depth: 1 };

describe('what is beside the pixels', () => {
  it('changes nothing: texts, profiles, damaged ones too, and what follows the end', () => {
    const extra = [chunk('tEXt', [1]), chunk('iCCP', [65, 0, 0, 1, 2, 3])];
    const bytes = Buffer.concat([pngOf([1, 2, 3, 4, 5, 6], { ...size, extra }), Buffer.from('more')]);
    expect(Array.from(read(bytes).values)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is a palette of old screens, where pixels have colours of their own', () => {
    const bytes = pngOf([0, 1, 2, 3, 4, 5], { width: 2, height: 1, colour: 2, extra: [palette] });
    expect(Array.from(read(bytes).values)).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('is a palette: its colours count, not their order', () => {
    const image = read(pngOf([0, 1, 1, 1, 1, 0], { ...paletted, extra: [palette] }));
    expect(image).toMatchObject({ shape: [3, 3, 2], most: 255 });
    expect(Array.from(image.values.subarray(6, 12))).toEqual([11, 21, 21, 21, 21, 11]);
  });
});

describe('a pixel that is transparent', () => {
  const line = (place: string) =>
    `a.png: is transparent at ${place}; expected an image without an alpha channel, or opaque everywhere`;

  it.each<[string, Buffer, string]>([
    [
      'by an alpha channel',
      pngOf([0, 255, 1, 255, 2, 255, 3, 254, 4, 255, 5, 255], { ...size, colour: 4 }),
      'x 1, y 1',
    ],
    [
      'by its upper byte alone',
      pngOf([9, 65535, 9, 65535, 9, 65535, 9, 65535, 9, 255, 9, 65535], { ...size, colour: 4, depth: 16 }),
      'x 0, y 2',
    ],
    [
      'by the palette',
      pngOf([0, 0, 0, 0, 0, 1], { ...paletted, extra: [palette, chunk('tRNS', [255, 0])] }),
      'x 1, y 2',
    ],
    ['as its grey is', pngOf([7, 8, 9, 7, 8, 9], { ...size, extra: [chunk('tRNS', [0, 9])] }), 'x 0, y 1'],
    [
      'as its colour is',
      pngOf([1, 2, 4, 1, 2, 3, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], {
        ...size,
        colour: 2,
        extra: [chunk('tRNS', [0, 1, 0, 2, 0, 3])],
      }),
      'x 1, y 0',
    ],
  ])('%s is refused with its place', (_, bytes, place) => {
    expect(() => read(bytes)).toThrow(line(place));
  });

  it('is none where the colour that would be does not occur', () => {
    expect(read(pngOf([7, 8, 9, 7, 8, 9], { ...size, extra: [chunk('tRNS', [0, 10])] })).values).toHaveLength(6);
    const opaque = [palette, chunk('tRNS', [255, 0])];
    expect(read(pngOf([0, 0, 0, 0, 0, 0], { ...paletted, extra: opaque })).values).toHaveLength(18);
  });
});

const packed = deflateSync(Uint8Array.of(0, 1, 2, 0, 3, 4, 0, 5, 6));
const changed = (at: number) => {
  const bytes = Buffer.from(plain);
  bytes[at]! ^= 1;
  return bytes;
};
const claims = (form: PngForm) => pngAround(packed, form);

describe('a file that is not whole', () => {
  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'is empty; expected a PNG file'],
    ['text', Buffer.from('no picture at all'), 'is not a PNG file; expected a PNG file'],
    [
      'a JPEG file',
      Buffer.from('\xff\xd8\xff\xe0', 'latin1'),
      'is not a PNG file, but a JPEG file; expected a PNG file',
    ],
    ['another version of the signature', changed(6), 'is not a PNG file'],
    ['a changed size', changed(19), 'is damaged'],
    ['a changed byte of the pixels', changed(plain.length - 25), 'is damaged'],
    ['a changed checksum', changed(plain.length - 13), 'is damaged (CRC mismatch for chunk IDAT'],
    [
      'no head',
      Buffer.concat([plain.subarray(0, 8), plain.subarray(33)]),
      'is damaged: it does not begin with its size',
    ],
    [
      'no pixels',
      Buffer.concat([plain.subarray(0, 33), chunk('IEND', [])]),
      'is damaged: its pixels cannot be unpacked',
    ],
    ['pixels that are cut off', claims({ ...size, width: 3 }), 'is damaged: its pixels unpack to 9 bytes of 12'],
    ['too many pixels', claims({ ...size, height: 2 }), 'is damaged: its pixels cannot be unpacked'],
    ['half of the packed pixels', pngAround(packed.subarray(0, -5), size), 'is damaged: its pixels cannot be unpacked'],
    ['no pixel', claims({ ...size, width: 0 }), 'is damaged: it has 0 × 3 pixels'],
    ['colours of 4 bits', claims({ ...size, colour: 2, depth: 4 }), 'is damaged: it has 2 × 3 pixels of type 2 and 4'],
    ['an unknown kind of colour', claims({ ...size, colour: 5 }), 'is damaged: it has 2 × 3 pixels of type 5'],
    ['an unknown kind of interlacing', claims({ ...size, interlacing: 2 }), 'is damaged ('],
    ['no palette', claims({ ...size, colour: 3 }), 'is damaged: it has no palette'],
    [
      'a colour beyond the palette',
      claims({ ...size, colour: 3, extra: [palette] }),
      'it has colour 2 of a palette of 2',
    ],
  ])('is refused: %s', (_, bytes, line) => {
    expect(() => read(bytes)).toThrow(`a.png: ${line.startsWith('it ') ? `is damaged (${line}` : line}`);
  });

  it('is refused wherever it is cut off, and never crashes where a byte is changed', () => {
    for (let end = 0; end < plain.length - 4; end++) expect(() => read(plain.subarray(0, end))).toThrow(SpikewireError);
    for (let at = 0; at < plain.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Buffer.from(plain);
        bytes[at]! ^= 1 << bit;
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SpikewireError);
        }
      }
    }
  });
});

describe('a size that is claimed', () => {
  const limit = `expected ${MOST_NUMBERS} numbers at most`;

  it.each<[PngForm, string]>([
    [{ width: 100_000, height: 100_000 }, 'has 100000 × 100000 pixels of 1 numbers'],
    [{ width: 2 ** 32 - 1, height: 2 ** 32 - 1, colour: 6, depth: 16 }, 'pixels of 4 numbers'],
    [{ width: MOST_NUMBERS / 4, height: 4, colour: 2 }, 'pixels of 3 numbers'],
    [{ width: MOST_NUMBERS + 1, height: 1, depth: 1 }, 'pixels of 1 numbers'],
  ])('is refused before there is memory for it: %o', (form, problem) => {
    const before = process.memoryUsage().arrayBuffers;
    expect(() => read(claims(form))).toThrow(new RegExp(`^a.png: says that it .*${problem}; ${limit}$`));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  it('bounds what pixels and profiles unpack to', () => {
    const bomb = deflateSync(new Uint8Array(1e8));
    const before = process.memoryUsage().arrayBuffers;
    for (const interlacing of [0, 1])
      expect(() => read(pngAround(bomb, { ...size, interlacing }))).toThrow('its pixels cannot be unpacked');
    const profile = chunk('iCCP', [65, 0, 0, ...bomb]);
    expect(read(pngOf([1, 2, 3, 4, 5, 6], { ...size, extra: [profile] })).values).toHaveLength(6);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e7);
  });
});
