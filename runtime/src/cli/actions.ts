import { SpikewireError } from '@spikewire/models';
import type { Command, CommandAction, OptionDeclaration } from './command.ts';

/** The options with these names. */
export function pickOptions(
  options: Readonly<Record<string, OptionDeclaration>>,
  names: readonly string[],
): Readonly<Record<string, OptionDeclaration>> {
  return Object.fromEntries(names.map((name) => [name, options[name]!]));
}

/** What the help explains: one action of a command where the word names one, else the command. */
export function explained(command: Command, word: string | undefined): Command {
  const action = actionNamed(command, word);
  if (action === undefined) return command;
  const { name, doc, options, positionals, listing } = action;
  const prefix = `${name} `;
  const { actions, common, listing: all, examples = [], ...rest } = command;
  return {
    ...rest,
    name: `${command.name} ${name}`,
    summary: doc,
    positionals: positionals ?? command.positionals?.slice(1) ?? [],
    options: Object.fromEntries(Object.entries(options).map(([name, { group, ...option }]) => [name, option])),
    examples: examples.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length)),
    ...(listing !== undefined && { listing }),
  };
}

/** Throws `usage` where an option belongs to other actions than the one that was named. */
export function refuseOptionsOfOthers(command: Command, word: string | undefined, given: Iterable<string>): void {
  const action = actionNamed(command, word);
  if (action === undefined) return;
  for (const option of given) {
    if (!Object.hasOwn(command.options, option) || Object.hasOwn(action.options, option)) continue;
    const where = `spikewire ${command.name} ${action.name} --${option}`;
    const owners = command.actions!.filter(({ options }) => Object.hasOwn(options, option)).map(({ name }) => name);
    const problem = `is an option of "spikewire ${command.name}${owners.length === 0 ? '' : ` ${owners.join('|')}`}"`;
    const own = Object.keys(action.options).map((name) => `--${name}`);
    throw new SpikewireError('usage', where, problem, own.join(', '));
  }
}

function actionNamed({ actions }: Command, word: string | undefined): CommandAction | undefined {
  return actions?.find(({ name }) => name === word);
}
