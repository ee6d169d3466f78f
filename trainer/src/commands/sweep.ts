import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { percent } from '@spikewire/exchange/report';
import { type JsonValue, SpikewireError } from '@spikewire/models';
import { type Command, type CommandArguments, type CommandConsole, formatTable } from 'spikewire/cli';

/** A point of the grid: values by option. */
type Point = Readonly<Record<string, string>>;

type Figures = Readonly<Record<string, JsonValue>>;

/** What became of a training: what `train --json` says of it, or the line with which it failed. */
interface Outcome {
  readonly chosen: Point;
  readonly out: string;
  readonly figures?: Figures;
  readonly problem?: string;
}

/** Options that are not of a single training, or would make two write one file. */
const NOT_SWEPT = ['sweep', 'out', 'run', 'resume', 'threads'];

/**
 * Trains at every point of a grid, in processes of their own, as many at once as there are cores. Of each there is a
 * model, `<out>-1.spike` and so on, and a run folder; the table is ordered by validation. When the signal comes, all
 * are told to save and stop.
 */
export async function sweep(command: Command, args: CommandArguments, console: CommandConsole): Promise<void> {
  const points = gridOf(command, args);
  const out = args.needed('out', 'a file for the models, such as m.spike');
  if (args.text('run') !== undefined) {
    throw new SpikewireError(
      'usage',
      'spikewire train --run',
      'cannot be combined with --sweep',
      'a folder beside each model',
    );
  }
  const processes = Math.min(availableParallelism(), points.length);
  const threads = args.number('threads', { minimum: 1, whole: true });
  const common = [
    ...wordsOf(command, args),
    `--threads=${threads ?? Math.max(1, Math.floor(availableParallelism() / processes))}`,
  ];
  const waiting = points.map((chosen, k) => ({ chosen, out: out.replace(/(\.spike)?$/, `-${k + 1}.spike`) }));
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && !console.signal.aborted; next = waiting.shift()) {
      const outcome = await trainAt(next.chosen, next.out, common, console.signal);
      if (outcome === undefined) continue;
      outcomes.push(outcome);
      console.say(`${outcomes.length}/${points.length}  ${described(outcome)}`);
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
  sayOutcomes(console, points, outcomes);
}

/** All combinations of the values of `--sweep`. */
function gridOf(command: Command, args: CommandArguments): Point[] {
  const refuse = (problem: string, expected: string) =>
    new SpikewireError('usage', 'spikewire train --sweep', problem, expected);
  const axes = args.texts('sweep').map((text) => {
    const [, name, values] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined) throw refuse(`is "${text}"`, 'option=value,…');
    const option = name === 'lr' ? 'learning-rate' : name;
    if (command.options[option]?.type !== 'string' || NOT_SWEPT.includes(option)) {
      throw refuse(`names "${name}"`, 'an option of training, such as arch, learning-rate or seed');
    }
    return [option, values!.split(',')] as const;
  });
  const options = axes.map(([option]) => option);
  const twice = options.find((option, k) => options.indexOf(option) !== k || isChosen(command, args, option));
  if (twice !== undefined) throw refuse(`names "${twice}", which has a value already`, 'one or the other');
  return axes.reduce<Point[]>(
    (points, [option, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [option]: value }))),
    [{}],
  );
}

/** Whether somebody has given an option a value; a default is none. */
function isChosen(command: Command, args: CommandArguments, option: string): boolean {
  const text = args.text(option);
  return text !== undefined && text !== command.options[option]!.default;
}

/** The options that all points share, as words of a command line. */
function wordsOf(command: Command, args: CommandArguments): string[] {
  return Object.keys(command.options)
    .filter((option) => !NOT_SWEPT.includes(option) && isChosen(command, args, option))
    .map((option) =>
      command.options[option]!.type === 'boolean' ? `--${option}` : `--${option}=${args.text(option)}`,
    );
}

async function trainAt(
  chosen: Point,
  out: string,
  common: readonly string[],
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const words = Object.entries(chosen).map(([option, value]) => `--${option}=${value}`);
  const main = join(dirname(createRequire(import.meta.url).resolve('spikewire/package.json')), 'bin', 'spikewire.js');
  // In a group of its own, so that Ctrl-C reaches it once, by us: a second signal would end it without saving.
  const child = spawn(process.execPath, [main, 'train', ...common, ...words, `--out=${out}`, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = () => child.kill('SIGKILL');
  const stop = () => child.kill('SIGINT');
  process.once('exit', kill);
  signal.addEventListener('abort', stop);
  try {
    const [code, stdout, stderr] = await ended(child);
    // Where there was nothing to save yet it ended by the signal.
    if (code === null && signal.aborted) return undefined;
    if (code !== 0) return { chosen, out, problem: stderr.trim().split('\n').at(-1) || `ended with ${code}` };
    const figures = JSON.parse(stdout);
    return figures.stopped ? undefined : { chosen, out, figures };
  } finally {
    process.off('exit', kill);
    signal.removeEventListener('abort', stop);
  }
}

/** Exit code, what it said, and the end of its complaints. */
async function ended(child: ChildProcess): Promise<[code: number | null, stdout: string, stderr: string]> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-2000);
  });
  const [code] = await once(child, 'close');
  return [code as number | null, stdout, stderr];
}

function sayOutcomes(console: CommandConsole, points: readonly Point[], outcomes: readonly Outcome[]): void {
  const validation = ({ figures }: Outcome) => (figures === undefined ? { loss: 0, worth: -1 } : validated(figures));
  const ordered = outcomes.toSorted((a, b) => {
    const [first, second] = [validation(a), validation(b)];
    return second.worth - first.worth || first.loss - second.loss;
  });
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  const runs = ordered.map(({ chosen, out, figures, problem }) => ({
    chosen,
    out,
    ...figures,
    ...(problem && { problem }),
  }));
  const missing = points.length - outcomes.length;
  const document = { runs, ...(missing > 0 && { stopped: true, missing }) };
  console.result(document, () => [
    ...tableOf(ordered, Object.keys(points[0]!)),
    ...(missing > 0 ? [`stopped; ${missing} of ${points.length} are not done`] : []),
  ]);
  if (failed.length === 0) return;
  const problem = `${failed.length} of ${points.length} failed, the first: ${failed[0]!.problem}`;
  throw new SpikewireError('learning', 'spikewire train --sweep', problem, 'a model of each');
}

function tableOf(outcomes: readonly Outcome[], options: readonly string[]): string[] {
  const header = [...options, 'validation', 'test', 'spikes', 'seconds', 'model'];
  const rows = outcomes.map(({ chosen, out, figures, problem }) => {
    const values = options.map((option) => chosen[option]!);
    if (figures === undefined) return [...values, '', '', '', '', problem!];
    const { accuracy, overlap, correlation, spikesPerSample, seconds } = figures as Record<string, number>;
    const numbers = [
      worthOf(figures, validated(figures).worth),
      worthOf(figures, accuracy ?? overlap ?? correlation!),
      spikesPerSample!.toFixed(0),
      seconds!.toFixed(0),
    ];
    return [...values, ...numbers, out];
  });
  return formatTable(header, rows);
}

function described({ chosen, figures, problem }: Outcome): string {
  const values = Object.entries(chosen).map(([option, value]) => `${option}=${value}`);
  const said = figures === undefined ? problem! : `validation ${worthOf(figures, validated(figures).worth)}`;
  return [...values, said].join('  ');
}

/** The score that chose a net, whatever it is named. */
function validated({ validation }: Figures): { readonly loss: number; readonly worth: number } {
  const { loss, ...named } = validation as Readonly<Record<string, number>>;
  return { loss: loss!, worth: Object.values(named)[0]! };
}

/** A share of right answers, or the overlap of masks; of other numbers, their correlation with those wanted. */
function worthOf(figures: Figures, worth: number): string {
  return 'accuracy' in figures || 'overlap' in figures ? percent(worth) : worth.toFixed(4);
}
