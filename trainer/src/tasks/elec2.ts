import { classTask } from './class-task.ts';
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
  summary: 'price of electricity up or down, every sample labelled (Harries 1999)',
  data: 'elec2',
  labels: 1,
  needsAllLabels: 'the label before is a feature',
  metric: 'accuracy',
  load: (folder) =>
    fromTheStart(
      folder,
      { data: 'elec2_data.dat', labels: 'elec2_label.dat', width: 8 },
      ['down', 'up'],
      (row, labelBefore) => Float64Array.of(...COLUMNS.map((column) => row[column]!), labelBefore),
    ),
});
