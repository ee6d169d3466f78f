import { reportLines, reportPage } from '@spikewire/exchange/report';
import { SpikewireError } from '@spikewire/models';
import type { Command, CommandArguments } from 'spikewire/cli';
import { named } from '../kinds/kind.ts';
import type { Task } from '../stream-eval/task.ts';
import { tasks } from '../tasks/tasks.ts';

const share = { minimum: 0, maximum: 1 };

/** `spikewire stream-eval`: what learning on a stream is worth, test then train, beside its baselines. */
export const command: Command = {
  name: 'stream-eval',
  summary: 'measure on recorded data how much learning improves the answers, compared with simple classifiers',
  group: 'Train, on a PC',
  examples: ['--task recording --data recorded:mill.jsonl --learn'],
  options: {
    task: { type: 'string', value: '<name>', doc: 'task; list below (required)' },
    data: {
      type: 'string',
      value: '<name:DIR>',
      doc: 'data of the task, as the list below names it, with its folder or file (required)',
    },
    learn: {
      type: 'boolean',
      doc:
        'let the net and the simple classifiers keep learning from labels ' +
        '(default: they learn only from the first part of the data)',
    },
    labels: {
      type: 'string',
      value: '<share>',
      doc: 'share of the samples that get a label, such as 0.1 (default: depends on the task)',
    },
    seed: { type: 'string', value: '<n>', doc: 'random seed (default 1)' },
    fronts: {
      type: 'string',
      value: '<n>',
      doc: 'repeat with n nets, whose layers before the output layer are random, and average (default 1)',
    },
    draws: { type: 'string', value: '<n>', doc: 'for each net, repeat with n random choices of labels (default 1)' },
    'leave-out': {
      type: 'string',
      value: '<class>',
      doc: 'class that occurs but is never taught; the report says how often its samples are called unknown',
    },
    'new-class': {
      type: 'string',
      value: '<class>',
      doc: 'class that is not in the first part, and is taught later, by labels',
    },
    wrong: { type: 'string', value: '<share>', doc: 'make this share of the labels wrong (default 0)' },
    shuffle: {
      type: 'boolean',
      doc: 'as a check, shuffle all labels, also of the first part: every method should then be as bad as guessing',
    },
    report: { type: 'string', value: '<file>', doc: 'HTML report to write, with tables and curves' },
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
  // Earlier versions called data like their task.
  const name = [task.data, task.name].map((word) => `${word}:`).find((word) => address.startsWith(word));
  if (name !== undefined && address.length > name.length) return address.slice(name.length);
  throw new SpikewireError('usage', `--data ${address}`, 'is not the data of this task', addressOf(task));
}
