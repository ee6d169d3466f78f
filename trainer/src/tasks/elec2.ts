import { SpikewireError } from '@spikewire/models';
import { classTask } from './class-task.ts';
import { filesIn, numbersOf } from './folder.ts';
import { fromTheStart } from './from-the-start.ts';

/** Columns 0, the date, and 3, the price that the class was made of, are not to be used. */
const COLUMNS = [1, 2, 4, 5, 6, 7];

/**
 * Whether the price of electricity in New South Wales is above its mean of a day, every half hour (Harries 1999). Trap:
 * neighbours are alike, and repeating the last label is right in 85.3 %. All labels come here, so the one before is a
 * feature, for everybody (Žliobaitė et al. 2015).
 */
export const elec2 = classTask({
  name: 'elec2',
  summary: 'price of electricity up or down, all labels (Harries 1999)',
  data: 'elec2',
  labels: 1,
  needsAllLabels: 'the label before is a feature',
  metric: 'accuracy',
  async load(folder) {
    const [data, classes] = await Promise.all([
      filesIn(folder, /^elec2_data\.dat(?:\.gz)?$/, 'elec2_data.dat.gz'),
      filesIn(folder, /^elec2_label\.dat(?:\.gz)?$/, 'elec2_label.dat.gz'),
    ]);
    const [rows, labels] = await Promise.all([numbersOf(data[0]!.path, 8), numbersOf(classes[0]!.path, 1)]);
    if (rows.length !== labels.length) {
      throw new SpikewireError('file', classes[0]!.path, `has ${labels.length} labels`, `${rows.length}, one per row`);
    }
    const values = rows.map((row, k) =>
      Float64Array.of(...COLUMNS.map((column) => row[column]!), labels[Math.max(0, k - 1)]![0]!),
    );
    return fromTheStart(classes[0]!.path, ['down', 'up'], values, labels);
  },
});
