import { SpikewireError } from '@spikewire/models';
import type { Command, CommandArguments } from 'spikewire/cli';
import { named } from '../kinds/kind.ts';
import { reportLines } from '../report/report-lines.ts';
import type { Task } from '../stream-eval/task.ts';
import { tasks } from '../tasks/tasks.ts';

const share = { minimum: 0, maximum: 1 };

/** `spikewire stream-eval`: what learning on a stream is worth, test then train, beside its baselines. */
export const command: Command = {
  name: 'stream-eval',
  summary: 'learn on a stream of real data and compare with baselines',
  options: {
    task: { type: 'string', value: '<name>', doc: 'what is learned; see below' },
    data: { type: 'string', value: '<name:DIR>', doc: 'the data of the task and the folder, or file, that it lies in' },
    learn: { type: 'boolean', doc: 'give lessons; without it everybody stays as the base left them' },
    labels: { type: 'string', value: '<share>', doc: 'share of samples whose label comes (default: as the task says)' },
    seed: { type: 'string', value: '<n>', doc: 'seed of everything random (default 1)' },
    fronts: { type: 'string', value: '<n>', doc: 'random fronts (default 1)' },
    draws: { type: 'string', value: '<n>', doc: 'draws of labels for each front (default 1)' },
    'leave-out': { type: 'string', value: '<class>', doc: 'a class that is never taught: is it called unknown?' },
    'new-class': { type: 'string', value: '<class>', doc: 'a class that is absent from the base' },
    wrong: { type: 'string', value: '<share>', doc: 'share of the labels that are wrong (default 0)' },
    shuffle: { type: 'boolean', doc: 'labels drawn anew, in the base as well: everybody should be at chance' },
    report: { type: 'string', value: '<file>', doc: 'a page with tables and curves, .html' },
  },
  listing: async () => ({
    title: 'Tasks',
    rows: tasks.map((task) => [task.name, `${task.summary}; --data ${addressOf(task)}`] as const),
  }),

  async run(args, console) {
    const task = named('task', tasks, needed(args, 'task', `one of ${tasks.map(({ name }) => name).join(', ')}`));
    const folder = folderOf(needed(args, 'data', addressOf(task)), task);
    const [labels, leaveOut, newClass] = [args.number('labels', share), args.text('leave-out'), args.text('new-class')];
    const report = args.text('report');
    const { workFor, writeWhole } = await import('spikewire/cli');
    const started = performance.now();
    const options = {
      learn: args.flag('learn'),
      ...(labels !== undefined && { labels }),
      seed: args.number('seed', { minimum: 0, whole: true }) ?? 1,
      fronts: args.number('fronts', { minimum: 1, maximum: 100, whole: true }) ?? 1,
      draws: args.number('draws', { minimum: 1, maximum: 100, whole: true }) ?? 1,
      ...(leaveOut !== undefined && { leaveOut }),
      ...(newClass !== undefined && { newClass }),
      wrong: args.number('wrong', share) ?? 0,
      shuffle: args.flag('shuffle'),
      signal: console.signal,
      progress: (line: string) => console.progress(line),
    };
    const evaluate = () => task.evaluate(folder, options);
    const outcome = await (report === undefined ? evaluate() : workFor(report, evaluate));
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    // First, for a page that cannot be written is no reason to lose what long work came to.
    console.result({ task: task.name, ...outcome.document, seconds }, () => reportLines(outcome));
    if (report === undefined) return;
    const { reportPage } = await import('../report/report-page.ts');
    await writeWhole(report, reportPage(`stream-eval ${task.name}`, outcome));
  },
};

function needed(args: CommandArguments, option: string, expected: string): string {
  const text = args.text(option);
  if (text !== undefined && text !== '') return text;
  throw new SpikewireError('usage', 'spikewire stream-eval', `--${option} is missing`, expected);
}

function addressOf({ data, isFile = false }: Task): string {
  return `${data}:${isFile ? 'FILE' : 'DIR'}`;
}

/** What stands behind the name. */
function folderOf(address: string, task: Task): string {
  const name = `${task.data}:`;
  if (address.startsWith(name) && address.length > name.length) return address.slice(name.length);
  throw new SpikewireError('usage', `--data ${address}`, 'is not the data of this task', addressOf(task));
}
