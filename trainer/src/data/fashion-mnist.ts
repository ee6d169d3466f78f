import { SpikewireError } from '@spikewire/models';
import type { DataSource } from 'spikewire/data';
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

/** Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 60,000 pieces of clothing to learn and 10,000 to test. */
export const fashionMnist: DataSource = {
  name: 'fashion-mnist',
  summary: 'fashion-mnist:FOLDER, 28×28 pieces of clothing',
  async load(folder = '') {
    if (folder !== '') return readIdxImages('fashion-mnist', folder, classes);
    const expected = 'fashion-mnist:FOLDER with its four files, such as train-images-idx3-ubyte.gz';
    throw new SpikewireError('usage', '--data fashion-mnist', 'names no folder', expected);
  },
};
