import { classTask } from './class-task.ts';
import { fromTheStart } from './from-the-start.ts';

/**
 * Whether two of three numbers add up to more than a threshold, which changes three times; a tenth of the labels is
 * wrong, so that nobody can be right in more than 90 % (Street and Kim 2001).
 */
export const sea = classTask({
  name: 'sea',
  summary:
    'artificial data: the limit between two classes moves, every sample is labelled, a tenth wrongly (Street and ' +
    'Kim 2001)',
  data: 'sea',
  labels: 1,
  metric: 'accuracy',
  load: (folder) =>
    fromTheStart(folder, { data: 'SEA_training_data.csv', labels: 'SEA_training_class.csv', width: 3 }, [
      'below',
      'above',
    ]),
});
