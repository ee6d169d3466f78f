import { existsSync } from 'node:fs';
import type { DataSource } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';
import { readIdxImages } from './idx-images.ts';

const classes = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
] as const;

/** Where Debian's package `dataset-fashion-mnist` has them. */
const FOLDER_OF_PACKAGE = '/usr/share/datasets/fashion-mnist';

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), 60,000 pieces of clothing to learn and 10,000 to test, from the files
 * of Debian's package `dataset-fashion-mnist` or of a folder.
 */
export const fashionMnist: DataSource = {
  name: 'fashion-mnist',
  summary: 'fashion-mnist or fashion-mnist:FOLDER, 28×28 pieces of clothing',
  load: async (folder = folderOfPackage()) => readIdxImages('fashion-mnist', folder, classes),
};

function folderOfPackage(): string {
  if (existsSync(FOLDER_OF_PACKAGE)) return FOLDER_OF_PACKAGE;
  const expected = 'apt install dataset-fashion-mnist, or fashion-mnist:FOLDER with its four files';
  throw new SpikewireError('file', 'dataset-fashion-mnist', 'is not installed', expected);
}
