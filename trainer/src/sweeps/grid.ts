import { SpikewireError } from '@spikewire/models';
import type { Command, CommandArguments } from 'spikewire/cli';

/** A point of the grid: values by option. */
export type Point = Readonly<Record<string, string>>;

/** Options that are not of a single training, or would make two write one file. */
const NOT_SWEPT = ['sweep', 'sweep-name', 'database', 'out', 'run', 'resume', 'threads'];

/** All combinations of the values of `--sweep`. */
export function gridOf(command: Command, args: CommandArguments): Point[] {
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

/** The options that all points share, as words of a command line. */
export function commonWords(command: Command, args: CommandArguments): string[] {
  return Object.keys(command.options)
    .filter((option) => !NOT_SWEPT.includes(option) && isChosen(command, args, option))
    .map((option) =>
      command.options[option]!.type === 'boolean' ? `--${option}` : `--${option}=${args.text(option)}`,
    );
}

export function wordsAt(point: Point): string[] {
  return Object.entries(point).map(([option, value]) => `--${option}=${value}`);
}

/** Whether somebody has given an option a value; a default is none. */
function isChosen(command: Command, args: CommandArguments, option: string): boolean {
  const text = args.text(option);
  return text !== undefined && text !== command.options[option]!.default;
}
