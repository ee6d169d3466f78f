import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readPng } from '../../trainer/src/images/png.ts';

type Picture = (x: number, y: number, channel: number) => number;

const [WIDTH, HEIGHT] = [11, 7];
const grey =
  (most: number): Picture =>
  (x, y) =>
    (37 * x + 91 * y + 7 * x * y * y) % (most + 1);
const steps: Picture = (x, y) => Math.floor((20 * x * x + 30 * y * y) / (1 + ((x + y) % 3))) % 256;
const colour: Picture = (x, y, c) => (37 * x + 91 * y + 53 * c + 7 * x * y * y) % 256;
const deep: Picture = (x, y, c) => (4099 * x + 30011 * y + 20021 * c + 257 * x * y) % 65536;
const ofColours =
  (count: number): Picture =>
  (x, y, c) =>
    (41 * c + 4 * ((5 * x + 3 * y) % count)) % 256;

const read = async (name: string) => {
  const path = `${name}.png`;
  return readPng(path, await readFile(new URL(`data/png/${path}`, import.meta.url)));
};

describe('PNG files of ImageMagick', () => {
  it.each<[string, 1 | 3, number, Picture]>([
    ['filters-0123', 1, 255, steps],
    ['filters-014', 1, 255, grey(255)],
    ['grey-1', 1, 1, grey(1)],
    ['grey-2', 1, 3, grey(3)],
    ['grey-4', 1, 15, grey(15)],
    ['grey-16', 1, 65535, deep],
    ['rgb-8', 3, 255, colour],
    ['rgb-8-interlaced', 3, 255, colour],
    ['rgb-16-interlaced', 3, 65535, deep],
    ['rgba-8', 3, 255, colour],
    ['grey-alpha-16', 1, 65535, deep],
    ['palette-1', 3, 255, ofColours(2)],
    ['palette-2', 3, 255, ofColours(4)],
    ['palette-4', 3, 255, ofColours(14)],
    ['palette-8', 3, 255, ofColours(60)],
  ])('%s has the numbers that it was made of', async (name, channels, most, of) => {
    const image = await read(name);
    const wanted = Array.from({ length: channels * HEIGHT * WIDTH }, (_, k) =>
      of(k % WIDTH, Math.floor(k / WIDTH) % HEIGHT, Math.floor(k / (HEIGHT * WIDTH))),
    );
    expect(image).toMatchObject({ most, shape: channels === 1 ? [HEIGHT, WIDTH] : [3, HEIGHT, WIDTH] });
    expect(Array.from(image.values)).toEqual(wanted);
  });

  it('is refused where it is interlaced with less than a byte for a number', async () => {
    await expect(read('grey-1-interlaced')).rejects.toThrow(
      'grey-1-interlaced.png: is interlaced, with 1 bits; expected the image saved again without interlacing',
    );
  });
});
