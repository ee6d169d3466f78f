import type { DataSource, LabelledSamples } from '@spikewire/engine/data';
import { type ParameterTable, SpikewireError } from '@spikewire/models';
import { named } from '../kinds/kind.ts';
import type { ClassTask, StreamSample } from '../stream-eval/class-stream.ts';
import type { Task } from '../stream-eval/task.ts';
import { folderAndChoices } from './folder-and-choices.ts';

const parameters = {
  fold: { doc: 'number of the trial', form: 'integer', default: 1, minimum: 1 },
} as const satisfies ParameterTable;

/** What a task of `stream-eval` loads: the base of a trial to learn, and what then comes to test. */
export const stream: DataSource = {
  name: 'stream',
  summary:
    'stream:TASK:FOLDER or stream:TASK:FOLDER,fold=2, the data of a task of stream-eval; fold: number of its trial',
  async load(argument = '') {
    const { tasks } = await import('../tasks/tasks.ts');
    const ofClasses = tasks.filter((task): task is Task & ClassTask => 'load' in task);
    const [name, rest = ''] = argument.split(/:(.*)/s) as [string, string?];
    const task = named('task', ofClasses, name);
    const { folder, chosen } = folderAndChoices(`stream:${name}`, rest, parameters);
    const { classes, trials } = await task.load(folder, 1);
    const trial = trials[chosen.fold - 1];
    if (trial === undefined) {
      const problem = `has ${trials.length} trials`;
      throw new SpikewireError('usage', `--data stream:${argument}`, problem, `a fold of 1 to ${trials.length}`);
    }
    const tested = trial.streams.flatMap(({ samples }) => samples);
    return { name: `${name} ${trial.name}`, classes, ...labelled(tested), training: labelled(trial.base) };
  },
};

function labelled(samples: readonly StreamSample[]): LabelledSamples {
  return { samples: samples.map(({ values }) => values), labels: Int32Array.from(samples, ({ label }) => label) };
}
