import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatShape,
  type ParameterTable,
  type PlainParameters,
  RandomGenerator,
  type Shape,
  SpikewireError,
} from '@spikewire/models';
import { type NpyArray, readNpy } from 'spikewire';
import type { DataSource, LabelledSamples } from 'spikewire/data';
import { bytesOf, filesIn } from '../tasks/folder.ts';
import { folderAndChoices } from './folder-and-choices.ts';

const NAMES = /^([^.].*)\.npy$/;
/** Of all images and masks together, as they lie in memory. */
const MOST_BYTES = 2 ** 31;

const parameters = {
  test: { doc: 'share of the images that is for the test', form: 'number', default: 0.2, above: 0, below: 1 },
  seed: { doc: 'draws which', form: 'integer', default: 1, minimum: 0 },
} as const satisfies ParameterTable;

interface Masked {
  readonly image: string;
  readonly shape: Shape;
  readonly sample: Float32Array;
  readonly maskShape: Shape;
  readonly target: Uint8Array;
}

/**
 * Images with a mask each: NumPy arrays images/NAME.npy, [height, width] or [channels, height, width], all of one shape
 * and any finite numbers; and masks/NAME.npy, 0 or 1, of the same height and width, with a channel for each thing that
 * is to be found where there are several. A folder `test` with both tests; without one a share that is drawn by a seed.
 * Rejects with `file`, naming the file, for what is missing, damaged or does not fit.
 */
export const masks: DataSource = {
  name: 'masks',
  summary: 'masks:FOLDER or masks:FOLDER,test=0.2,seed=1, images/NAME.npy and their masks/NAME.npy',
  async load(argument = '') {
    const { folder, chosen } = folderAndChoices('masks', argument, parameters);
    const all = await maskedIn(folder);
    const own = await access(join(folder, 'test')).then(
      () => maskedIn(join(folder, 'test'), all[0]),
      () => undefined,
    );
    const [tested, learned] = own === undefined ? divided(folder, all, chosen) : [own, all];
    const [height, width] = all[0]!.shape.slice(-2) as [number, number];
    const shape = [all[0]!.sample.length / (height * width), height, width];
    return { name: `masks:${folder}`, classes: [], shape, ...samplesOf(tested), training: samplesOf(learned) };
  },
};

/** A share that is drawn, for the test, and the others, both in the order of their names. */
function divided(folder: string, all: readonly Masked[], { test, seed }: PlainParameters<typeof parameters>) {
  const count = Math.round(test * all.length);
  if (count === 0 || count === all.length) {
    const expected = 'one at least to learn from and one to test, or a folder "test"';
    throw new SpikewireError('input', folder, `has ${all.length} images, ${count} of them for the test`, expected);
  }
  const random = new RandomGenerator(seed, 'masks');
  const drawn = all.map((masked) => ({ masked, draw: random.nextUniform() })).sort((a, b) => a.draw - b.draw);
  const tested = new Set(drawn.slice(0, count).map(({ masked }) => masked));
  return [all.filter((masked) => tested.has(masked)), all.filter((masked) => !tested.has(masked))] as const;
}

function samplesOf(all: readonly Masked[]): LabelledSamples {
  return {
    samples: all.map(({ sample }) => sample),
    labels: new Int32Array(all.length),
    targets: all.map(({ target }) => target),
  };
}

/** Images of a folder with their masks, of the shapes that `like` has, or the first of them. */
async function maskedIn(folder: string, like?: Masked): Promise<readonly Masked[]> {
  // One after the other: what is wrong with both is said of the images.
  const images = await namesIn(join(folder, 'images'));
  const masks = await namesIn(join(folder, 'masks'));
  refuseLonely(join(folder, 'images'), images, join(folder, 'masks'), masks);
  refuseLonely(join(folder, 'masks'), masks, join(folder, 'images'), images);
  const found: Masked[] = [];
  let bytes = 0;
  for (const name of images) {
    const masked = await maskedAt(folder, name, like ?? found[0]);
    bytes += masked.sample.byteLength + masked.target.byteLength;
    if (bytes > MOST_BYTES) {
      throw new SpikewireError('input', folder, `takes more than ${MOST_BYTES} bytes`, 'fewer images, or smaller ones');
    }
    found.push(masked);
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const found = await filesIn(folder, NAMES, 'NAME.npy in images and the same in masks');
  return found.map(({ parts }) => `${parts[0]}.npy`);
}

function refuseLonely(folder: string, names: readonly string[], besides: string, others: readonly string[]): void {
  const known = new Set(others);
  const lonely = names.find((name) => !known.has(name));
  if (lonely === undefined) return;
  throw new SpikewireError('file', join(besides, lonely), 'does not exist', `it beside ${join(folder, lonely)}`);
}

async function maskedAt(folder: string, name: string, like: Masked | undefined): Promise<Masked> {
  const [image, mask] = [join(folder, 'images', name), join(folder, 'masks', name)];
  const { shape, values } = await arrayAt(image);
  if (like !== undefined) refuseShape(image, 'has the shape', shape, like.shape, like.image);
  refuseNumber(image, values, Number.isFinite, 'finite numbers');
  const wanted = await arrayAt(mask);
  refuseShape(mask, 'has the height and width', wanted.shape.slice(-2), shape.slice(-2), image);
  if (like !== undefined) refuseShape(mask, 'has the shape', wanted.shape, like.maskShape, `the mask of ${like.image}`);
  refuseNumber(mask, wanted.values, (value) => value === 0 || value === 1, '0 or 1');
  const [sample, target] = [Float32Array.from(values), Uint8Array.from(wanted.values)];
  return { image, shape, sample, maskShape: wanted.shape, target };
}

function refuseShape(path: string, has: string, found: Shape, wanted: Shape, as: string): void {
  if (formatShape(found) === formatShape(wanted)) return;
  throw new SpikewireError('file', path, `${has} ${formatShape(found)}`, `${formatShape(wanted)}, as ${as}`);
}

function refuseNumber(
  path: string,
  numbers: Float64Array,
  isRight: (value: number) => boolean,
  expected: string,
): void {
  const bad = numbers.findIndex((value) => !isRight(value));
  if (bad >= 0) throw new SpikewireError('file', path, `has ${numbers[bad]} as number ${bad}`, expected);
}

/** An array of two or three dimensions, none of which is empty. */
async function arrayAt(path: string): Promise<NpyArray> {
  const bytes = await bytesOf(path);
  let array: NpyArray;
  try {
    array = readNpy(bytes);
  } catch (cause) {
    throw new SpikewireError('file', path, `cannot be read (${(cause as Error).message})`, undefined, cause);
  }
  const { shape } = array;
  if ((shape.length === 2 || shape.length === 3) && array.values.length > 0) return array;
  const expected = '[height, width] or [channels, height, width]';
  throw new SpikewireError('file', path, `has the shape ${formatShape(shape)}`, expected);
}
