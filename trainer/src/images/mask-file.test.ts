import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maskAt } from './mask-file.ts';
import { npyOf } from './npy.test-data.ts';
import { chunk, pngOf } from './png.test-data.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-mask-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(name: string, bytes: Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return maskAt(path);
}

const size = { width: 3, height: 2 };
const wanted = [0, 1, 1, 0, 0, 1];
/** Black, white, and a red that has what is white in one of its channels. */
const palette = (...colours: number[][]) => ({ ...size, colour: 3, depth: 2, extra: [chunk('PLTE', colours.flat())] });
const [black, white, red] = [
  [0, 0, 0],
  [255, 255, 255],
  [255, 0, 0],
];

describe('a mask', () => {
  const times = (object: number, channels = 1) => wanted.flatMap((value) => new Array(channels).fill(object * value));

  it.each<[string, string, Uint8Array]>([
    ['0 and 1', 'a.npy', npyOf([2, 3], times(1))],
    ['0 and 255', 'a.npy', npyOf([2, 3], times(255))],
    ['0 and 1', 'a.png', pngOf(times(1), size)],
    ['0 and 255', 'a.png', pngOf(times(255), size)],
    ['1 bit', 'a.PNG', pngOf(times(1), { ...size, depth: 1 })],
    ['0 and 3 of 2 bits', 'a.png', pngOf(times(3), { ...size, depth: 2 })],
    ['0 and 1 of 16 bits', 'a.png', pngOf(times(1), { ...size, depth: 16 })],
    ['0 and 255 of 16 bits', 'a.png', pngOf(times(255), { ...size, depth: 16 })],
    ['0 and 65535', 'a.png', pngOf(times(65535), { ...size, depth: 16 })],
    ['black and white of three channels', 'a.png', pngOf(times(255, 3), { ...size, colour: 2 })],
    ['a palette', 'a.png', pngOf(wanted, palette(black!, white!))],
    [
      'a palette that begins with white',
      'a.png',
      pngOf(
        times(1).map((value) => 1 - value),
        palette(white!, black!),
      ),
    ],
  ])('may be %s in %s', async (_, name, bytes) => {
    expect(await read(name, bytes)).toEqual({ shape: [2, 3], values: Uint8Array.from(wanted) });
  });

  it('has an object for each channel of an array', async () => {
    const bytes = npyOf(
      [2, 1, 3],
      wanted.map((value) => 255 * value),
    );
    expect(await read('a.npy', bytes)).toEqual({ shape: [2, 1, 3], values: Uint8Array.from(wanted) });
  });

  it.each([0, 1])('may be all %i', async (value) => {
    const { values } = await read('a.png', pngOf(new Array(6).fill(255 * value), size));
    expect(Array.from(values)).toEqual(new Array(6).fill(value));
  });

  it.each<[string, string, Uint8Array, string]>([
    [
      'smoothed edges',
      'a.png',
      pngOf([0, 255, 200, 0, 128, 255], size),
      'a.png: has 200 beside 255 at x 2, y 0, and 1 more such numbers; expected 0 and 1, or 0 and 255, without smoothed',
    ],
    [
      'one grey',
      'a.npy',
      npyOf([2, 3], [0, 0, 0, 0, 128, 0]),
      'a.npy: has 128 at x 1, y 1; expected 0 and 1, or 0 and 255, without smoothed edges',
    ],
    ['shares', 'a.npy', npyOf([2, 3], [0, 1, 1, 0.5, 0, 0]), 'a.npy: has 0.5 beside 1 at x 0, y 1; expected 0 and 1'],
    ['classes', 'a.png', pngOf([0, 1, 2, 0, 0, 255], size), 'a.png: has 2 beside 1 at x 2, y 0, and 1 more such'],
    ['classes and none', 'a.png', pngOf([255, 1, 1, 0, 0, 0], size), 'a.png: has 1 beside 255 at x 1, y 0, and 1 more'],
    [
      'half of 16 bits',
      'a.png',
      pngOf([0, 65535, 65534, 0, 0, 0], { ...size, depth: 16 }),
      'a.png: has 65534 beside 65535 at x 2, y 0; expected 0 and 1, or 0 and 65535, without smoothed edges',
    ],
    [
      'another channel',
      'a.npy',
      npyOf([2, 1, 3], [0, 1, 1, 0, 2, 1]),
      'a.npy: has 2 beside 1 at x 1, y 0 of channel 1; expected 0 and 1, or 0 and 255',
    ],
    [
      'a colour',
      'a.png',
      pngOf([0, 1, 2, 0, 0, 1], palette(black!, white!, red!)),
      'a.png: has the colour 255, 0, 0 at x 2, y 0; expected black where there is no object and white where it is',
    ],
    [
      'a blue in its third channel',
      'a.png',
      pngOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], { ...size, colour: 2 }),
      'a.png: has the colour 0, 0, 1 at x 1, y 1; expected black',
    ],
  ])('is refused with %s in %s', async (_, name, bytes, line) => {
    await expect(read(name, bytes)).rejects.toThrow(line);
  });
});
