import { SpikewireError } from '@spikewire/models';
import type { DataSource } from 'spikewire/data';
import { RunFolder } from '../outcome/run-folder.ts';
import { readWindows } from '../recordings/read-windows.ts';
import { readingsAt } from './readings.ts';

/** What a training on recordings was tested with, read and divided once more as its run folder says. */
export const runData: DataSource = {
  name: 'run',
  summary: 'run:FOLDER, what a training on recordings was tested with',
  async load(folder = '') {
    const { recordings, data } = await new RunFolder(folder).readConfiguration();
    if (recordings === undefined) {
      throw new SpikewireError('usage', `--data run:${folder}`, `was trained on ${data}`, 'a run on recordings');
    }
    const { windows, parts } = await readWindows(recordings);
    const { readings, labels } = readingsAt(windows, parts.tested);
    return { name: windows.name, classes: windows.classes, samples: readings, labels: Int32Array.from(labels) };
  },
};
