import { SpikewireError } from '@spikewire/models';
import { besides } from '../../extensions/besides.ts';
import type { BringOptions, BroughtEntries } from '../../extensions/brought.ts';
import { type ExtensionKind, method, optional, type Requirement, table, text, word } from '../../extensions/kind.ts';
import type { ExtensionPlaces } from '../../extensions/packages.ts';
import { sourceOf } from '../../package-source.ts';
import type { Command } from '../command.ts';
import { nearestWord } from '../nearest-word.ts';

/** The runtime's own commands, loaded one by one so that a short command does not pay for a long one. */
const own: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  new: () => import('./new.ts'),
  run: () => import('./run.ts'),
  teach: () => import('./teach.ts'),
  record: () => import('./record.ts'),
  simulate: () => import('./simulate.ts'),
  eval: () => import('./eval.ts'),
  inspect: () => import('./inspect.ts'),
  import: () => import('./import.ts'),
  export: () => import('./export.ts'),
  doctor: async () => ({ command: (await import('./doctor.ts')).doctor(foreignCommands) }),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  agent: () => import('./agent.ts'),
  service: () => import('./service.ts'),
  completion: async () => ({ command: (await import('./completion.ts')).completion(commandsHere) }),
};

/** Commands that people ask for and a machine may do without, for what to install. */
const BROUGHT_BY: Readonly<Record<string, string>> = {
  demo: '@spikewire/demo',
  train: '@spikewire/trainer',
  convert: '@spikewire/trainer',
  quantize: '@spikewire/trainer',
  'stream-eval': '@spikewire/trainer',
  devices: '@spikewire/devices',
};

const options: Requirement = {
  expected: 'an object of words, each with type "string" or "boolean" and doc',
  holds: (value) =>
    table.holds(value) &&
    Object.entries(value as object).every(
      ([name, option]) =>
        word.holds(name) &&
        table.holds(option) &&
        ['string', 'boolean'].includes(option.type) &&
        text.holds(option.doc) &&
        (option.group === undefined || text.holds(option.group)) &&
        areWords(option.words),
    ),
};
const positionals: Requirement = {
  expected: 'an array of objects with name and doc, and perhaps words',
  holds: (value) =>
    Array.isArray(value) &&
    value.every((each) => table.holds(each) && text.holds(each.name) && text.holds(each.doc) && areWords(each.words)),
};
const actions: Requirement = {
  expected: 'an array of objects with name, doc and options',
  holds: (value) =>
    Array.isArray(value) &&
    value.every(
      (each) =>
        table.holds(each) &&
        word.holds(each.name) &&
        text.holds(each.doc) &&
        options.holds(each.options) &&
        (each.positionals === undefined || positionals.holds(each.positionals)) &&
        (each.listing === undefined || method.holds(each.listing)),
    ),
};
const texts: Requirement = {
  expected: 'an array of texts',
  holds: (value) => Array.isArray(value) && value.every(text.holds),
};
const areWords = (value: unknown) => value === undefined || (Array.isArray(value) && value.every(word.holds));

const commandKind: ExtensionKind<Command> = {
  field: 'commands',
  exported: 'commands',
  title: 'command',
  shape: {
    name: word,
    summary: text,
    group: optional(text),
    examples: optional(texts),
    common: optional(texts),
    positionals: optional(positionals),
    options,
    actions: optional(actions),
    listing: optional(method),
    run: method,
  },
  names: ({ name }) => [name],
  taken: [...Object.keys(own), 'help'],
};

/** The commands that packages bring, and what is wrong with packages. */
export async function foreignCommands(options?: BringOptions<Command>): Promise<BroughtEntries<Command>> {
  // Loaded here, because a command of our own does without it.
  const { broughtEntries } = await import('../../extensions/brought.ts');
  return broughtEntries(commandKind, options);
}

/** The command of a name, or a `usage` error that says what there is or what to install. */
export async function findCommand(name: string, places?: ExtensionPlaces): Promise<Command> {
  const load = Object.hasOwn(own, name) ? own[name] : undefined;
  if (load !== undefined) return (await load()).command;
  const isWanted = (command: Command) => command.name === name;
  const { entries, problems } = await foreignCommands({ places, isWanted });
  const found = entries.find(isWanted);
  if (found !== undefined) return found;
  const packageName = Object.hasOwn(BROUGHT_BY, name) ? BROUGHT_BY[name]! : undefined;
  if (packageName !== undefined) {
    const problem = problems.find(({ where }) => where.startsWith(`${packageName}:`));
    throw (
      problem ??
      new SpikewireError('usage', `spikewire ${name}`, 'is not installed on this device', sourceOf(packageName))
    );
  }
  const known = [...Object.keys(own), ...entries.map((command) => command.name)];
  const meant = nearestWord(name, known);
  const [hint, expected] =
    meant === undefined ? ['', `one of ${known.join(', ')}`] : [`; did you mean "spikewire ${meant}"?`];
  const all = problems.length === 0 ? expected : besides(expected ?? 'that', problems);
  throw new SpikewireError('usage', `spikewire ${name}`, `is not a command${hint}`, all);
}

/** The commands of this machine. */
export interface CommandList {
  /** Of the runtime and of the other packages of spikewire. */
  readonly own: readonly Command[];
  /** Of packages from outside, by the package's name. */
  readonly foreign: ReadonlyMap<string, readonly Command[]>;
  /** What keeps packages from being used. */
  readonly problems: readonly SpikewireError[];
}

/** Every command on this machine. */
export async function allCommands(places?: ExtensionPlaces): Promise<CommandList> {
  const mine = await Promise.all(Object.values(own).map(async (load) => (await load()).command));
  const { entries, packages, problems } = await foreignCommands({ places });
  const ours = entries.filter((command) => packages.get(command)!.isOwn);
  const foreign = new Map<string, Command[]>();
  for (const command of entries) {
    const { name, isOwn } = packages.get(command)!;
    if (!isOwn) foreign.set(name, [...(foreign.get(name) ?? []), command]);
  }
  return { own: [...mine, ...ours], foreign, problems };
}

/** All of them, whoever brings them. */
async function commandsHere(): Promise<readonly Command[]> {
  const { own: ours, foreign } = await allCommands();
  return [...ours, ...[...foreign.values()].flat()];
}
