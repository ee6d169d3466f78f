import { SpikewireError } from '@spikewire/models';
import { type ImportModule, importCompanion, sourceOf } from '../../companion.ts';
import type { Command } from '../command.ts';
import { nearestWord } from '../nearest-word.ts';

/** The runtime's own commands, loaded one by one so that a short command does not pay for a long one. */
const own: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  run: () => import('./run.ts'),
  teach: () => import('./teach.ts'),
  record: () => import('./record.ts'),
  simulate: () => import('./simulate.ts'),
  eval: () => import('./eval.ts'),
  inspect: () => import('./inspect.ts'),
  import: () => import('./import.ts'),
  export: () => import('./export.ts'),
  new: () => import('./new.ts'),
  doctor: () => import('./doctor.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  service: () => import('./service.ts'),
  completion: async () => ({ command: (await import('./completion.ts')).completion(() => allCommands()) }),
};

/** Packages that bring more commands when they are installed, and the names by which people will ask for them. */
const companions: Readonly<Record<string, readonly string[]>> = {
  '@spikewire/demo': ['demo'],
  '@spikewire/trainer': ['train', 'convert', 'quantize', 'stream-eval'],
  '@spikewire/devices': ['devices'],
};

/** The command of a name, or a `usage` error that says what there is or what to install. */
export async function findCommand(name: string, importModule?: ImportModule): Promise<Command> {
  const load = Object.hasOwn(own, name) ? own[name] : undefined;
  if (load !== undefined) return (await load()).command;
  // First the package that people ask for by this name: what is wrong with another one is not their business.
  const order = Object.entries(companions).sort(([, a], [, b]) => +b.includes(name) - +a.includes(name));
  for (const [packageName, names] of order) {
    const commands = await commandsOf(packageName, importModule);
    const found = commands?.find((command) => command.name === name);
    if (found !== undefined) return found;
    if (commands === undefined && names.includes(name)) {
      throw new SpikewireError('usage', `spikewire ${name}`, 'is not on this machine', sourceOf(packageName));
    }
  }
  const known = (await allCommands(importModule)).map((command) => command.name);
  const meant = nearestWord(name, known);
  const [hint, expected] =
    meant === undefined ? ['', `one of ${known.join(', ')}`] : [`; did you mean "spikewire ${meant}"?`];
  throw new SpikewireError('usage', `spikewire ${name}`, `is not a command${hint}`, expected);
}

/** Every command on this machine. A package that is broken is left out: who asks for a command of it is told why. */
export async function allCommands(importModule?: ImportModule): Promise<Command[]> {
  const mine = await Promise.all(Object.values(own).map(async (load) => (await load()).command));
  const packages = Object.keys(companions);
  const theirs = await Promise.all(packages.map((name) => commandsOf(name, importModule).catch(() => [])));
  return [...mine, ...theirs.flatMap((commands) => commands ?? [])];
}

/** What a package brings; undefined where it is not installed. */
async function commandsOf(packageName: string, importModule?: ImportModule): Promise<readonly Command[] | undefined> {
  const entry = await importCompanion<{ commands: readonly Command[] }>(packageName, 'commands', importModule);
  return entry?.commands;
}
