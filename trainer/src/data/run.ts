import type { DataSource, LabelledSamples } from '@spikewire/engine/data';
import { RandomGenerator, SpikewireError, shuffled } from '@spikewire/models';
import { RunFolder } from '../outcome/run-folder.ts';
import { readWindows } from '../recordings/read-windows.ts';
import { readingsAt } from '../samples/readings.ts';

/** What a training on recordings learned and was tested with, read and divided once more as its run folder says. */
export const runData: DataSource = {
  name: 'run',
  summary: 'run:FOLDER, the test samples of a training on recordings; FOLDER is the folder of train --run',
  async load(folder = '') {
    const { recordings, data } = await new RunFolder(folder).readConfiguration();
    if (recordings === undefined) {
      throw new SpikewireError('usage', `--data run:${folder}`, `was trained on ${data}`, 'a run on recordings');
    }
    const { windows, parts } = await readWindows(recordings);
    const { name, classes } = windows;
    // Parts stand class by class, and whoever takes the first few is to get all classes.
    const random = new RandomGenerator(0, 'order of windows');
    const [learned, tested] = [shuffled(parts.learned, random), shuffled(parts.tested, random)];
    return { name, classes, ...samplesAt(windows, tested), training: samplesAt(windows, learned) };
  },
};

function samplesAt(windows: LabelledSamples, indices: readonly number[]): LabelledSamples {
  const { readings, labels } = readingsAt(windows, indices);
  return { samples: readings, labels: Int32Array.from(labels) };
}
