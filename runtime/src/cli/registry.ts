import { SpikewireError } from '@spikewire/models';
import type { Command } from './command.ts';

/** The runtime's own commands, loaded one by one so that a short command does not pay for a long one. */
const own: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  demo: () => import('./commands/demo.ts'),
  run: () => import('./commands/run.ts'),
  simulate: () => import('./commands/simulate.ts'),
  eval: () => import('./commands/eval.ts'),
  inspect: () => import('./commands/inspect.ts'),
  doctor: () => import('./commands/doctor.ts'),
};

/** Packages that bring more commands when they are installed, and the names by which people will ask for them. */
const companions: Readonly<Record<string, readonly string[]>> = {
  '@spikewire/trainer': ['train', 'convert', 'quantize', 'import', 'export', 'stream-eval'],
  '@spikewire/devices': ['devices'],
};

/** The command of a name, or a `usage` error that says what there is or what to install. */
export async function findCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(own, name) ? own[name] : undefined;
  if (load !== undefined) return (await load()).command;
  for (const packageName of Object.keys(companions)) {
    const found = (await commandsOf(packageName)).find((command) => command.name === name);
    if (found !== undefined) return found;
  }
  for (const [packageName, names] of Object.entries(companions)) {
    if (names.includes(name)) throw new SpikewireError('usage', `spikewire ${name}`, 'is not on this machine', `npm install ${packageName}`);
  }
  throw new SpikewireError('usage', `spikewire ${name}`, 'is not a command', `one of ${(await allCommands()).map((command) => command.name).join(', ')}`);
}

/** Every command on this machine. */
export async function allCommands(): Promise<Command[]> {
  const mine = await Promise.all(Object.values(own).map(async (load) => (await load()).command));
  const theirs = await Promise.all(Object.keys(companions).map(commandsOf));
  return [...mine, ...theirs.flat()];
}

async function commandsOf(packageName: string): Promise<readonly Command[]> {
  const entry = `${packageName}/commands`;
  try {
    return ((await import(entry)) as { commands: readonly Command[] }).commands;
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}

function isMissing(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
}
