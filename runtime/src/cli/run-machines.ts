import { SpikewireError } from '@spikewire/models';
import { type AgentConfiguration, LOOK_EVERY, problemsOf } from '../agent/machines/configuration.ts';
import { sourceOfRepository } from '../agent/repository/source.ts';
import { readWholeFile } from '../regular-file.ts';
import { withCleanup } from '../session/cleanup.ts';
import { readBroker } from './broker-option.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { memoryOf } from './model-argument.ts';
import { readSecret } from './stream-rules.ts';
import { notifySystemd } from './systemd-notices.ts';
import { BYTES_A_SECOND, readRoot } from './update-options.ts';
import { programVersion } from './version.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

/** More is no list of machines. */
const LARGEST_CONFIGURATION = 1 << 20;
const WHERE = 'spikewire agent';

/** Runs all machines of a configuration with models from a repository, for as long as this computer runs. */
export async function runMachines(args: CommandArguments, console: CommandConsole): Promise<void> {
  keepYoungGenerationSmall();
  const repository = args.needed('repository', 'the address of a repository, or an action such as status');
  sourceOfRepository(repository); // throws what is wrong with the address
  const path = args.needed('config', 'a JSON file with the machines');
  const configuration = await readConfiguration(path, console);
  const machines = Object.values(configuration.machines);
  const [root, needsBroker] = [args.text('root'), machines.some(({ stream }) => stream && !stream.broker)];
  const { Machines } = await import('../agent/machines/machines.ts');
  const warn = (line: string, kind?: string) => console.warn(`spikewire: ${line}`, kind);
  await withCleanup(async (closers) => {
    const running = await Machines.open({
      ...{ configuration, repository, folder: args.text('folder')!, version: programVersion() },
      root: root === undefined ? undefined : await readRoot(root, '--root'),
      updates: {
        channel: args.text('channel')!,
        groups: args.text('groups')?.split(',') ?? [],
        every: args.number('every', LOOK_EVERY),
      },
      rate: args.bytes('rate', BYTES_A_SECOND),
      broker: needsBroker ? await readBroker(args, process.env, console) : undefined,
      secret: await readSecret(args.text('secret-file'), process.env),
      memory: Math.floor(memoryOf(args) / machines.length),
      signal: console.signal,
      say: (line) => console.say(line),
      tell: (line, kind) => console.tell(`spikewire: ${line}`, kind),
      warn,
    });
    closers.push(() => running.close());
    console.onHangUp(() => void running.carryOut({ action: 'look' }).catch(({ message }: Error) => warn(message)));
    closers.push(await notifySystemd(running, warn));
    await running.run();
  });
}

/** A line for each machine that is wrong. */
async function readConfiguration(path: string, console: CommandConsole): Promise<AgentConfiguration> {
  const text = (await readWholeFile(path, LARGEST_CONFIGURATION, 'a JSON file')).toString('utf8');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new SpikewireError('usage', `${WHERE} --config ${path}`, (cause as Error).message, 'JSON', cause);
  }
  const problems = problemsOf(document).map(({ message }) => message);
  for (const problem of problems.slice(0, -1)) console.warn(`spikewire: ${path}: ${problem}`);
  if (problems.length > 0) throw SpikewireError.restore('usage', path, `${path}: ${problems.at(-1)}`);
  return document as AgentConfiguration;
}
