import { readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Agent, AgentOptions } from '../agent/hosted/agent.ts';
import { LOOK_EVERY } from '../agent/machines/configuration.ts';
import { BOUNDS } from '../host/check-configuration.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { programVersion } from './version.ts';

export const BYTES_A_SECOND = { minimum: 1 };

/** Of the folder of stores, where none of its own is named. */
export function updateFolderOf(args: CommandArguments): string | undefined {
  const store = args.text('store');
  return args.text('update-folder') ?? (store === undefined ? undefined : `${store}-update`);
}

/** What a device trusts at first. Throws `usage`, which names the option. */
export async function readRoot(path: string, option = '--update-root'): Promise<Uint8Array> {
  return readFile(path).catch((failure: Error) => {
    const expected = 'the file 1.root.json from the publisher of the models';
    throw new SpikewireError('usage', `${option} ${path}`, `cannot be read: ${failure.message}`, expected);
  });
}

/** Later the model runs on, even where the files of its updates are lost or cannot be read. */
async function isFirstStart(folder: string): Promise<boolean> {
  const [{ trustIn }, { Journal }] = await Promise.all([
    import('../agent/repository/trust-folder.ts'),
    import('../agent/update/journal.ts'),
  ]);
  const entries = [() => trustIn(folder).read('root'), () => Journal.peek(join(folder, 'journal'))];
  const found = await Promise.all(entries.map((read) => read().catch(() => null)));
  return found.every((entry) => entry === undefined);
}

/**
 * The updates that the options of `run` ask for; undefined where they ask for none, or where the folder cannot be used.
 * `given`: the model file, undefined where there is none.
 */
export async function openAgent(
  args: CommandArguments,
  given: AgentOptions['given'],
  console: CommandConsole,
  memory: number,
): Promise<Agent | undefined> {
  const repository = args.text('update');
  if (repository === undefined) return undefined;
  const folder = updateFolderOf(args);
  if (args.text('store') === undefined || folder === undefined) {
    const where = 'spikewire run --update';
    throw new SpikewireError('usage', where, 'needs a store', '--store <folder>');
  }
  if (args.text('beside') !== undefined) {
    const problem = 'is given with --update, which runs models beside the present one itself';
    throw new SpikewireError('usage', 'spikewire run --beside', problem, 'one of the two');
  }
  const root = args.text('update-root');
  const { Agent } = await import('../agent/hosted/agent.ts');
  if (root === undefined && (await isFirstStart(folder))) {
    const problem = 'is missing at the first start with a repository';
    throw new SpikewireError(
      'usage',
      'spikewire run --update-root',
      problem,
      'the root.json from the publisher of its models',
    );
  }
  return Agent.open({
    ...{ folder, repository, given, memory, version: programVersion() },
    ...(root !== undefined && { root: await readRoot(root) }),
    wish: {
      model: args.text('update-model') ?? parse(args.positionals[0]!).name,
      channel: args.text('update-channel')!,
      groups: args.text('update-groups')?.split(',') ?? [],
    },
    rules: { lookEverySeconds: args.number('update-every', LOOK_EVERY) },
    rate: args.bytes('update-rate', BYTES_A_SECOND),
    seed: args.number('seed', BOUNDS.seed),
    threads: args.number('threads', BOUNDS.threads),
    say: (line) => console.say(line),
    warn: (line) => console.warn(`spikewire: ${line}`, 'update'),
  });
}
