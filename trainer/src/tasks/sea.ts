import { SpikewireError } from '@spikewire/models';
import { classTask } from './class-task.ts';
import { filesIn, numbersOf } from './folder.ts';
import { fromTheStart } from './from-the-start.ts';

/**
 * Whether two of three numbers add up to more than a threshold, which changes three times; a tenth of the labels is
 * wrong, so that nobody can be right in more than 90 % (Street and Kim 2001).
 */
export const sea = classTask({
  name: 'sea',
  summary: 'a threshold that moves, a tenth of the labels wrong, all labels (Street and Kim 2001)',
  data: 'sea',
  labels: 1,
  metric: 'accuracy',
  async load(folder) {
    const [data, classes] = await Promise.all([
      filesIn(folder, /^SEA_training_data\.csv(?:\.gz)?$/i, 'SEA_training_data.csv.gz'),
      filesIn(folder, /^SEA_training_class\.csv(?:\.gz)?$/i, 'SEA_training_class.csv.gz'),
    ]);
    const [rows, labels] = await Promise.all([numbersOf(data[0]!.path, 3), numbersOf(classes[0]!.path, 1)]);
    if (rows.length !== labels.length) {
      throw new SpikewireError('file', classes[0]!.path, `has ${labels.length} labels`, `${rows.length}, one per row`);
    }
    return fromTheStart(classes[0]!.path, ['below', 'above'], rows, labels);
  },
});
