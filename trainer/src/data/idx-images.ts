import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';
import { readWholeFile } from 'spikewire/data';
import { readIdx } from './idx.ts';

const SIDE = 28;
/** Of a file without its compression: five times what the largest one has. */
const MOST_BYTES = 2 ** 28;
const EXPECTED = 'a file of the data set, as it is or with .gz';

/**
 * Images of 28×28 bytes from the four files that MNIST comes in, as they are or with .gz. Rejects with `file` where one
 * is missing or is not what the others say.
 */
export async function readIdxImages(name: string, folder: string, classes: readonly string[]): Promise<DataSet> {
  const [training, test] = await Promise.all([
    readPart(folder, 'train', classes.length),
    readPart(folder, 't10k', classes.length),
  ]);
  return { name, classes, shape: [1, SIDE, SIDE], ...test, training };
}

async function readPart(folder: string, part: 'train' | 't10k', classes: number): Promise<LabelledSamples> {
  const [images, labels] = await Promise.all([
    readFrom(folder, `${part}-images-idx3-ubyte`),
    readFrom(folder, `${part}-labels-idx1-ubyte`),
  ]);
  const [count] = labels.shape as [number];
  const refuse = ({ path }: { readonly path: string }, problem: string, expected: string) =>
    new SpikewireError('file', path, problem, expected);
  if (labels.shape.length !== 1 || count === 0) throw refuse(labels, `has labels of [${labels.shape}]`, 'one or more');
  if (images.shape.join() !== [count, SIDE, SIDE].join()) {
    throw refuse(images, `has images of [${images.shape}]`, `[${count}, ${SIDE}, ${SIDE}]`);
  }
  const foreign = labels.data.find((label) => label >= classes);
  if (foreign !== undefined) throw refuse(labels, `has the label ${foreign}`, `0 to ${classes - 1}`);
  const size = SIDE * SIDE;
  return {
    // Views of the file's bytes: as numbers of their own the images would take half a gigabyte.
    samples: Array.from({ length: count }, (_, k) => images.data.subarray(k * size, (k + 1) * size)),
    labels: Int32Array.from(labels.data),
  };
}

async function readFrom(folder: string, name: string) {
  const path = join(folder, name);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  const bytes = isThere ? await readWholeFile(path, MOST_BYTES, EXPECTED) : await readCompressed(path);
  return { path, ...readIdx(path, bytes) };
}

async function readCompressed(path: string): Promise<Uint8Array> {
  const packed = await readWholeFile(`${path}.gz`, MOST_BYTES, EXPECTED).catch((problem: SpikewireError) => {
    const isMissing = (problem.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    throw isMissing ? new SpikewireError('file', path, 'does not exist', EXPECTED, problem) : problem;
  });
  try {
    return gunzipSync(packed, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new SpikewireError('file', `${path}.gz`, (cause as Error).message, EXPECTED, cause);
  }
}
