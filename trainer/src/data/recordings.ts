import type { DataSource } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';

/** Only a training says how recordings are cut and divided; whoever else names them is told where that stands. */
export const recordings: DataSource = {
  name: 'recordings',
  summary:
    'recordings:FOLDER, tables, WAV or npy files in a folder for each class; for train only; with eval, use ' +
    'run:FOLDER',
  async load(folder = '') {
    const problem = 'does not define windows and a split';
    const expected = 'run:FOLDER, the run folder of the training on them';
    throw new SpikewireError('usage', `--data recordings:${folder}`, problem, expected);
  },
};
