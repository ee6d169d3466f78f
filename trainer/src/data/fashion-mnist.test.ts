import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fashionMnist } from './fashion-mnist.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-images-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An IDX file of bytes, whose elements count up from `first`. */
function idx(shape: readonly number[], first = 0): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  const elements = shape.reduce((product, size) => product * size);
  return Buffer.concat([header, Buffer.from(Array.from({ length: elements }, (_, k) => (first + k) % 256))]);
}

const whole: Readonly<Record<string, Buffer>> = {
  'train-images-idx3-ubyte.gz': gzipSync(idx([3, 28, 28])),
  'train-labels-idx1-ubyte.gz': gzipSync(idx([3], 7)),
  't10k-images-idx3-ubyte': idx([2, 28, 28], 5),
  't10k-labels-idx1-ubyte': idx([2], 1),
};

async function loadWith(changes: Readonly<Record<string, Buffer | undefined>>) {
  for (const [name, bytes] of Object.entries({ ...whole, ...changes })) {
    if (bytes !== undefined) await writeFile(join(folder, name), bytes);
  }
  return fashionMnist.load(folder);
}

it('reads images and labels of both parts, compressed or not', async () => {
  const { classes, shape, samples, labels, training } = await loadWith({});
  expect([classes.length, classes[9], shape]).toEqual([10, 'ankle boot', [1, 28, 28]]);
  expect([[...labels], [...training!.labels]]).toEqual([
    [1, 2],
    [7, 8, 9],
  ]);
  // 784 bytes further on it counts on from 784 modulo 256.
  expect([samples[0]![0], samples[1]![0], training!.samples[2]![27]]).toEqual([5, 5 + 16, 32 + 27]);
  expect([samples.length, samples[0]!.length, training!.samples.length]).toEqual([2, 784, 3]);
});

it.each<[string, Record<string, Buffer | undefined>, RegExp]>([
  ['is missing', { 't10k-labels-idx1-ubyte': undefined }, /t10k-labels-idx1-ubyte: does not exist; expected a file/],
  ['is cut', { 't10k-images-idx3-ubyte': idx([2, 28, 28]).subarray(0, 900) }, /has 884 elements; expected 1568/],
  [
    'is not an archive',
    { 'train-labels-idx1-ubyte.gz': Buffer.from('x') },
    /ubyte\.gz: .*; expected a file of the data/,
  ],
  [
    'has other images',
    { 't10k-images-idx3-ubyte': idx([2, 20, 20]) },
    /has images of \[2,20,20\]; expected \[2, 28, 28/,
  ],
  ['has fewer labels', { 't10k-labels-idx1-ubyte': idx([1]) }, /has images of \[2,28,28\]; expected \[1, 28, 28\]/],
  ['has an eleventh class', { 't10k-labels-idx1-ubyte': idx([2], 9) }, /has the label 10; expected 0 to 9/],
  ['has no labels', { 't10k-labels-idx1-ubyte': idx([0]) }, /has labels of \[0\]; expected one or more/],
])('a file that %s is named in one line', async (_, changes, line) => {
  await expect(loadWith(changes)).rejects.toThrow(line);
  await expect(loadWith(changes)).rejects.toMatchObject({ code: 'file', message: expect.not.stringContaining('\n') });
});

it('reads the 70,000 images as they were published, or says how they come here', async () => {
  if (!existsSync('/usr/share/datasets/fashion-mnist')) {
    const line = /^dataset-fashion-mnist: is not installed; expected apt install dataset-fashion-mnist, or fashion-/;
    await expect(fashionMnist.load(undefined)).rejects.toThrow(line);
    return;
  }
  const { samples, labels, training, classes } = await fashionMnist.load(undefined);
  expect([...training!.labels.slice(0, 6)]).toEqual([9, 0, 0, 3, 0, 2]);
  expect([...labels.slice(0, 6)]).toEqual([9, 2, 1, 1, 6, 1]);
  for (const [part, count] of [[training!.labels, 6000] as const, [labels, 1000] as const]) {
    expect(classes.map((_, k) => part.filter((label) => label === k).length)).toEqual(classes.map(() => count));
  }
  // Mean and deviation by which its pixels are usually standardised: 0.2860 and 0.3530 of 255.
  expect(training!.samples.length + samples.length).toBe(70_000);
  let [sum, squares] = [0, 0];
  for (const image of training!.samples) {
    for (const pixel of image as Uint8Array) {
      sum += pixel;
      squares += pixel ** 2;
    }
  }
  const mean = sum / (60_000 * 784);
  expect(mean / 255).toBeCloseTo(0.286, 4);
  expect(Math.sqrt(squares / (60_000 * 784) - mean ** 2) / 255).toBeCloseTo(0.353, 4);
});
