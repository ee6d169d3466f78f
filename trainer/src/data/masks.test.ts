import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { overlapOf, RandomGenerator, readParameters } from '@spikewire/models';
import type { NumbersEvaluation } from 'spikewire/data';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { npyOf } from '../images/npy.test-data.ts';
import { pngOf } from '../images/png.test-data.ts';
import { stbp } from '../methods/stbp.ts';
import { RunFolder } from '../outcome/run-folder.ts';
import { train } from '../outcome/train.ts';
import { masks } from './masks.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-masks-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function write(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

const flat = npyOf([2, 3], [0, 1, 2, 3, 4, 5]);
const left = npyOf([2, 3], [1, 0, 0, 1, 0, 0]);

/** Images that are told apart by their first number. */
async function several(count: number, below = ''): Promise<void> {
  for (let k = 1; k <= count; k++) {
    const image = npyOf([2, 3], [k, 1, 2, 3, 4, 5]);
    await write({ [`${below}images/${k}.npy`]: image, [`${below}masks/${k}.npy`]: left });
  }
}

const firstOf = ({ samples }: { readonly samples: readonly ArrayLike<number>[] }) =>
  samples.map((sample) => sample[0]!);

describe('a folder of images with masks', () => {
  it('is divided by a seed, each image with its own mask, and nothing is on both sides', async () => {
    await several(10);
    await write({ 'masks/7.npy': npyOf([2, 3], [0, 0, 0, 0, 0, 1]) });
    const set = await masks.load(folder);
    expect(set).toMatchObject({ classes: [], shape: [1, 2, 3] });
    const parts = [set, set.training!];
    expect(parts.map(({ samples }) => samples.length)).toEqual([2, 8]);
    expect(parts.flatMap(firstOf).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { samples, targets } of parts) {
      for (const [k, sample] of samples.entries()) {
        expect(Array.from(targets![k]!)).toEqual(sample[0] === 7 ? [0, 0, 0, 0, 0, 1] : [1, 0, 0, 1, 0, 0]);
      }
    }
    expect(firstOf(await masks.load(folder))).toEqual(firstOf(set));
    const others = await Promise.all([2, 3, 4, 5].map((seed) => masks.load(`${folder},seed=${seed}`)));
    expect(new Set([set, ...others].map((each) => firstOf(each).join())).size).toBeGreaterThan(2);
    expect((await masks.load(`${folder},test=0.5`)).samples).toHaveLength(5);
  });

  it('is tested with the folder "test" where there is one', async () => {
    await several(3);
    await several(2, 'test/');
    const set = await masks.load(folder);
    expect([firstOf(set), firstOf(set.training!)]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it('has channels of images and of masks', async () => {
    const [image, mask] = [npyOf([2, 1, 3], [1, 2, 3, 4, 5, 6]), npyOf([3, 1, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])];
    for (const name of ['a', 'b']) await write({ [`images/${name}.npy`]: image, [`masks/${name}.npy`]: mask });
    const set = await masks.load(`${folder},test=0.5`);
    expect(set.shape).toEqual([2, 1, 3]);
    expect(Array.from(set.targets![0]!)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it.each<[string, string, Uint8Array | undefined, string]>([
    ['an image without a mask', 'images/9.npy', flat, 'masks/9.npy: does not exist; expected it beside'],
    ['a mask without an image', 'masks/9.npy', left, 'images/9.npy: does not exist; expected it beside'],
    [
      'a mask of another size',
      'masks/2.npy',
      npyOf([3, 2], [1, 0, 0, 1, 0, 0]),
      'masks/2.npy: has the height and width [3, 2]; expected [2, 3], as',
    ],
    [
      'a mask of more channels',
      'masks/2.npy',
      npyOf([2, 2, 3], new Array(12).fill(1)),
      'masks/2.npy: has the shape [2, 2, 3]; expected [2, 3], as the mask of',
    ],
    [
      'an image of another size',
      'images/2.npy',
      npyOf([3, 2], [1, 0, 0, 1, 0, 0]),
      'images/2.npy: has the shape [3, 2]; expected [2, 3], as',
    ],
    [
      'an image that is not a number',
      'images/2.npy',
      npyOf([2, 3], [0, Number.NaN, 0, 0, 0, 0]),
      'images/2.npy: has NaN as number 1; expected finite numbers',
    ],
    [
      'a mask that is not a number',
      'masks/2.npy',
      npyOf([2, 3], [0, 0, 0, 0, Number.NaN, 0]),
      'masks/2.npy: has NaN at x 1, y 1; expected 0 and 1, or 0 and 255',
    ],
    [
      'a mask of greys',
      'masks/2.npy',
      npyOf([2, 3], [0, 254, 0, 0, 0, 0]),
      'masks/2.npy: has 254 at x 1, y 0; expected 0 and 1, or 0 and 255',
    ],
    [
      'a row in place of an image',
      'images/1.npy',
      npyOf([6], [0, 1, 2, 3, 4, 5]),
      'images/1.npy: has the shape [6]; expected [height, width]',
    ],
    [
      'an empty image',
      'images/1.npy',
      npyOf([0, 3], []),
      'images/1.npy: has the shape [0, 3]; expected [height, width]',
    ],
    [
      'half an image',
      'images/1.npy',
      flat.subarray(0, -4),
      'images/1.npy: cannot be read (NumPy array: has 20 bytes of numbers',
    ],
  ])('refuses %s, and names the file', async (_, name, bytes, line) => {
    await several(3);
    if (bytes !== undefined) await write({ [name]: bytes });
    await expect(masks.load(folder)).rejects.toThrow(line);
  });

  it('has images and masks of PNG, the images on 0…1 whatever their depth', async () => {
    const [size, grey] = [{ width: 3, height: 2 }, [0, 51, 102, 153, 204, 255]];
    await write({
      'images/a.png': pngOf(grey, size),
      'images/b.PNG': pngOf(
        grey.map((value) => 257 * value),
        { ...size, depth: 16 },
      ),
      'masks/a.png': pngOf([255, 0, 0, 255, 0, 0], size),
      'masks/b.png': pngOf([1, 0, 0, 0, 1, 0], { ...size, depth: 1 }),
      'images/Thumbs.db': Buffer.from('nothing'),
    });
    const set = await masks.load(`${folder},test=0.5`);
    expect(set.shape).toEqual([1, 2, 3]);
    for (const { samples } of [set, set.training!])
      expect(samples).toEqual([Float32Array.from([0, 0.2, 0.4, 0.6, 0.8, 1])]);
    const targets = [...set.targets!, ...set.training!.targets!].map((target) => Array.from(target).join(''));
    expect(targets.toSorted()).toEqual(['100010', '100100']);
  });

  it('has channels of red, green and blue, and several masks beside PNG', async () => {
    const size = { width: 2, height: 1, colour: 2 };
    for (const name of ['a', 'b']) {
      await write({ [`images/${name}.png`]: pngOf([255, 0, 51, 0, 255, 0], size) });
      await write({ [`masks/${name}.npy`]: npyOf([2, 1, 2], [0, 255, 255, 0]) });
    }
    const set = await masks.load(`${folder},test=0.5`);
    expect(set.shape).toEqual([3, 1, 2]);
    expect(set.samples[0]).toEqual(Float32Array.from([1, 0, 0, 1, 0.2, 0]));
    expect(Array.from(set.targets![0]!)).toEqual([0, 1, 1, 0]);
  });

  const png = (...numbers: number[]) => pngOf(numbers, { width: 3, height: 2 });

  it.each<[string, string, Uint8Array, string]>([
    ['cut off', 'images/2.png', png(0, 1, 2, 3, 4, 5).subarray(0, 60), 'images/2.png: is damaged or cut off'],
    ['cut off', 'masks/2.png', png(0, 1, 1, 0, 0, 0).subarray(0, 60), 'masks/2.png: is damaged or cut off'],
    [
      'of another size than its image',
      'masks/2.png',
      pngOf([0, 1, 1, 0, 0, 0], { width: 2, height: 3 }),
      'masks/2.png: has the height and width [3, 2]; expected [2, 3], as',
    ],
    [
      'in colours where others are grey',
      'images/2.png',
      pngOf(new Array(18).fill(7), { width: 3, height: 2, colour: 2 }),
      'images/2.png: has the shape [3, 2, 3]; expected [2, 3], as',
    ],
    ['of smoothed edges', 'masks/2.png', png(0, 255, 90, 0, 0, 0), 'masks/2.png: has 90 beside 255 at x 2, y 0'],
    [
      'a photograph',
      'images/4.jpg',
      Buffer.from([0xff, 0xd8]),
      'images/4.jpg: is in no format that is read; expected PNG',
    ],
    ['a photograph', 'masks/4.TIF', Buffer.from('II'), 'masks/4.TIF: is in no format that is read; expected PNG'],
    ['there twice', 'images/2.npy', npyOf([2, 3], new Array(6).fill(0)), 'has the name of'],
    ['alone', 'images/4.png', png(0, 1, 2, 3, 4, 5), 'masks/4.png: does not exist; expected it beside'],
  ])('of PNG refuses what is %s: %s', async (_, name, bytes, line) => {
    for (const k of [1, 2, 3])
      await write({ [`images/${k}.png`]: png(k, 1, 2, 3, 4, 5), [`masks/${k}.png`]: png(0, 255, 0, 0, 0, 0) });
    await write({ [name]: bytes });
    await expect(masks.load(folder)).rejects.toThrow(line);
  });

  it('refuses arrays among PNG images, whose numbers are others', async () => {
    await several(2);
    await write({ 'images/3.png': png(0, 1, 2, 3, 4, 5), 'masks/3.png': png(0, 1, 1, 0, 0, 0) });
    await expect(masks.load(folder)).rejects.toThrow('images/3.png: is a file of .png; expected .npy, as');
  });

  it('refuses more images than memory holds, those for the test included, before more than the first is read', async () => {
    // Half of it is for 10 images of 6 numbers with their masks.
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(2 * 10 * 6 * (4 + 1));
    await several(5);
    await several(5, 'test/');
    expect((await masks.load(folder)).samples).toHaveLength(5);
    await several(6);
    await write({ 'test/images/1.npy': Buffer.from('nothing') });
    const line = `${folder}: takes 330 bytes or more; expected at most 300: fewer images, or smaller ones`;
    await expect(masks.load(folder)).rejects.toThrow(line);
    await several(11);
    await write({ 'images/2.npy': Buffer.from('nothing') });
    await expect(masks.load(folder)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('takes 330'),
    });
  });

  it('refuses a folder without images or masks, and too few of them', async () => {
    await expect(masks.load('')).rejects.toThrow('--data masks: names no folder');
    await expect(masks.load(folder)).rejects.toThrow('images: cannot be read');
    await several(1);
    await expect(masks.load(folder)).rejects.toThrow('has 1 images, 0 of them for the test; expected one at least');
    await rm(join(folder, 'masks', '1.npy'));
    await expect(masks.load(folder)).rejects.toThrow('masks: has none of the files');
  });
});

it('a small net learns masks better than the mean mask says', async () => {
  const [side, random] = [8, new RandomGenerator(1, 'squares')];
  for (let k = 0; k < 150; k++) {
    const [top, left] = [random.nextInteger(5), random.nextInteger(5)];
    const mask = Float32Array.from({ length: side * side }, (_, pixel) => {
      const [row, column] = [Math.floor(pixel / side) - top, (pixel % side) - left];
      return Number(row >= 0 && row < 4 && column >= 0 && column < 4);
    });
    const image = mask.map((value) => 100 + 60 * value + 10 * random.nextNormal());
    await write({ [`images/${k}.npy`]: npyOf([side, side], image), [`masks/${k}.npy`]: npyOf([side, side], mask) });
  }
  const data = await masks.load(folder);
  const { targets } = data.training!;
  const mean = Array.from({ length: side * side }, (_, pixel) => {
    return targets!.reduce((sum, target) => sum + target[pixel]!, 0) / targets!.length - 0.5;
  });
  const guessed = data.targets!.reduce((sum, target) => sum + overlapOf(mean, target), 0) / data.targets!.length;

  const given = {
    arch: '4C3=-1C1=',
    neuron: 'relu',
    loss: 'pixels',
    steps: 1,
    batch: 10,
    epochs: 15,
    learningRate: 0.05,
  };
  const outcome = await train({
    folder: new RunFolder(join(folder, 'net.run')),
    configuration: {
      method: 'stbp',
      parameters: readParameters('stbp', given, stbp.parameters),
      data: `masks:${folder}`,
      seed: 1,
      out: join(folder, 'net.spike'),
    },
    data,
    backend: onnxRuntime(1),
    resume: false,
  });
  const { overlap } = outcome!.evaluation as NumbersEvaluation;
  expect(guessed).toBeLessThan(0.6);
  expect(overlap).toBeGreaterThan(guessed + 0.2);
});
