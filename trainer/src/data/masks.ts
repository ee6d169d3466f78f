import { access } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { DataSource, LabelledSamples } from '@spikewire/engine/data';
import {
  formatShape,
  type ParameterTable,
  type PlainParameters,
  RandomGenerator,
  type Shape,
  SpikewireError,
} from '@spikewire/models';
import { memoryOfMachine } from 'spikewire/data';
import { filesIn } from '../files/folder.ts';
import { imageAt } from '../images/image-file.ts';
import { imageEndings } from '../images/image-names.ts';
import { maskAt } from '../images/mask-file.ts';
import { folderAndChoices } from './folder-and-choices.ts';

/** What is no image lies there for other reasons. */
const IMAGES = new RegExp(`^([^.].*)\\.(npy|${imageEndings})$`, 'i');
const READ = /\.(png|npy)$/i;
const EXPECTED = 'NAME.png or NAME.npy in images and the same in masks';
/** Of all images and masks together, as they lie in memory; or half of the machine's, where that is less. */
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
 * Images with a mask each: images/NAME.png, or .npy, all of one ending and one shape, [height, width] or [channels,
 * height, width]; and masks/NAME.png of the same height and width, or masks/NAME.npy, which has a channel for each
 * thing that is to be found where there are several. A folder `test` with both tests; without one a share that is drawn
 * by a seed. Rejects with `file`, naming the file, for what is missing, damaged or does not fit.
 */
export const masks: DataSource = {
  name: 'masks',
  summary: 'masks:FOLDER or masks:FOLDER,test=0.2,seed=1, images/NAME.png and their masks/NAME.png (or .npy)',
  async load(argument = '') {
    const { folder, chosen } = folderAndChoices('masks', argument, parameters);
    const room = new Room(folder);
    const all = await maskedIn(folder, room);
    const own = await access(join(folder, 'test')).then(
      () => maskedIn(join(folder, 'test'), room, all[0]),
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

/** What images and masks may take together; counted before more than the first is read. */
class Room {
  readonly #folder: string;
  readonly #most = Math.min(MOST_BYTES, memoryOfMachine());
  #taken = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws `input` where so many more of one size are too many. */
  take(count: number, { sample, target }: Masked): void {
    this.#taken += count * (sample.byteLength + target.byteLength);
    if (this.#taken <= this.#most) return;
    const problem = `takes ${this.#taken} bytes or more`;
    const expected = `at most ${this.#most}: fewer images, or smaller ones`;
    throw new SpikewireError('input', this.#folder, problem, expected);
  }
}

/** Images of a folder with their masks, of the shapes that `like` has, or the first of them. */
async function maskedIn(folder: string, room: Room, like?: Masked): Promise<readonly Masked[]> {
  // One after the other: what is wrong with both is said of the images.
  const images = await filesByName(join(folder, 'images'));
  const masks = await filesByName(join(folder, 'masks'));
  refuseLonely(images, join(folder, 'masks'), masks);
  refuseLonely(masks, join(folder, 'images'), images);
  const found: Masked[] = [];
  if (like !== undefined) room.take(images.size, like);
  for (const [name, image] of images) {
    const masked = await maskedAt(image, masks.get(name)!, like ?? found[0]);
    // All others are as large as the first, or are refused.
    if (like === undefined && found.length === 0) room.take(images.size, masked);
    found.push(masked);
  }
  return found;
}

/** Paths by names without ending. */
async function filesByName(folder: string): Promise<ReadonlyMap<string, string>> {
  const byName = new Map<string, string>();
  for (const { path, parts } of await filesIn(folder, IMAGES, EXPECTED)) {
    if (!READ.test(path)) throw new SpikewireError('file', path, 'is in no format that is read', 'PNG');
    const twin = byName.get(parts[0]!);
    if (twin !== undefined) throw new SpikewireError('file', path, `has the name of ${twin}`, 'one of them');
    byName.set(parts[0]!, path);
  }
  return byName;
}

function refuseLonely(files: ReadonlyMap<string, string>, besides: string, others: ReadonlyMap<string, string>): void {
  for (const [name, path] of files) {
    if (others.has(name)) continue;
    const missing = join(besides, `${name}${extname(path)}`);
    throw new SpikewireError('file', missing, 'does not exist', `it beside ${path}`);
  }
}

async function maskedAt(image: string, mask: string, like: Masked | undefined): Promise<Masked> {
  if (like !== undefined) refuseEnding(image, like.image);
  const { shape, values: sample } = await imageAt(image);
  if (like !== undefined) refuseShape(image, 'has the shape', shape, like.shape, like.image);
  const { shape: maskShape, values: target } = await maskAt(mask);
  refuseShape(mask, 'has the height and width', maskShape.slice(-2), shape.slice(-2), image);
  if (like !== undefined) refuseShape(mask, 'has the shape', maskShape, like.maskShape, `the mask of ${like.image}`);
  return { image, shape, sample, maskShape, target };
}

/** Numbers of PNG are brought to 0…1, those of arrays are not. */
function refuseEnding(path: string, as: string): void {
  const [found, wanted] = [path, as].map((each) => extname(each).toLowerCase());
  if (found === wanted) return;
  throw new SpikewireError('file', path, `is a file of ${found}`, `${wanted}, as ${as}`);
}

function refuseShape(path: string, has: string, found: Shape, wanted: Shape, as: string): void {
  if (formatShape(found) === formatShape(wanted)) return;
  throw new SpikewireError('file', path, `${has} ${formatShape(found)}`, `${formatShape(wanted)}, as ${as}`);
}
