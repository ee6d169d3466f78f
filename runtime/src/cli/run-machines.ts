import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import type { Member } from '../agent/fleet/member.ts';
import { type AgentConfiguration, LOOK_EVERY, problemsOf } from '../agent/machines/configuration.ts';
import type { Machines, MachinesOptions } from '../agent/machines/machines.ts';
import { LARGEST_CONFIGURATION } from '../agent/machines/published-configuration.ts';
import { sourceOfRepository } from '../agent/repository/source.ts';
import { readWholeFile } from '../regular-file.ts';
import { withCleanup } from '../session/cleanup.ts';
import { readBroker } from './broker-option.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { type LedMachines, openMember, runAsMember } from './membership.ts';
import { memoryOf } from './model-argument.ts';
import { readSecret } from './stream-rules.ts';
import { notifySystemd } from './systemd-notices.ts';
import { BYTES_A_SECOND, readRoot } from './update-options.ts';
import { programVersion } from './version.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

const WHERE = 'spikewire agent';

/** Runs all machines of a configuration with models from a repository, for as long as this computer runs. */
export async function runMachines(args: CommandArguments, console: CommandConsole): Promise<void> {
  keepYoungGenerationSmall();
  const repository = args.needed('repository', 'the address of a repository, or an action such as status');
  sourceOfRepository(repository); // throws what is wrong with the address
  const path = args.text('config');
  const given = path === undefined ? undefined : await readConfiguration(path, console);
  const root = args.text('root');
  const setting: Setting = {
    repository,
    root: root === undefined ? undefined : await readRoot(root, '--root'),
    updates: {
      channel: args.text('channel')!,
      groups: args.text('groups')?.split(',') ?? [],
      every: args.number('every', LOOK_EVERY)!,
    },
    // A configuration that comes later may need a broker: its options are read before, so that they fail now.
    broker: given === undefined || needsBroker(given) ? await readBroker(args, process.env, console) : undefined,
    secret: await readSecret(args.text('secret-file'), process.env),
  };
  if (given === undefined) return runFollowed(args, console, setting);
  await withCleanup(async (closers) => {
    let running: Machines | undefined;
    const member = await openMember(args, console, args.text('folder')!, () => running);
    const machines = await openMachines(args, console, { ...setting, member }, given, console.signal);
    running = machines;
    closers.push(() => machines.close());
    const warn = warnOf(console);
    console.onHangUp(() => {
      member?.hint();
      machines.carryOut({ action: 'look' }).catch(({ message }: Error) => warn(message));
    });
    closers.push(await notifySystemd(machines, warn));
    const { broker } = setting;
    await runAsMember({ member, broker, live: () => machines.live, run: () => machines.run() }, console);
  });
}

interface Setting extends Pick<MachinesOptions, 'repository' | 'root' | 'broker' | 'secret'> {
  readonly updates: { readonly channel: string; readonly groups: readonly string[]; readonly every: number };
  readonly member?: Member | undefined;
}

function needsBroker({ machines }: AgentConfiguration): boolean {
  return Object.values(machines).some(({ stream }) => stream && !stream.broker);
}

function warnOf(console: CommandConsole) {
  return (line: string, kind?: string) => console.warn(`spikewire: ${line}`, kind);
}

async function openMachines(
  args: CommandArguments,
  console: CommandConsole,
  setting: Setting,
  configuration: AgentConfiguration,
  signal: AbortSignal,
  onLook = () => {},
): Promise<Machines> {
  const machines = Object.keys(configuration.machines).length;
  const { member, ...shared } = setting;
  const { Machines } = await import('../agent/machines/machines.ts');
  return Machines.open({
    ...{ ...shared, configuration, signal, onLook, folder: args.text('folder')!, version: programVersion() },
    ...(member && { orders: (machine: string) => member.orderFor(machine), controller: () => member.status }),
    rate: args.bytes('rate', BYTES_A_SECOND),
    memory: Math.floor(memoryOf(args) / Math.max(1, machines)),
    say: (line) => console.say(line),
    tell: (line, kind) => console.tell(`spikewire: ${line}`, kind),
    warn: warnOf(console),
  });
}

/** The same with the configuration that the repository has for a group of this device. */
async function runFollowed(args: CommandArguments, console: CommandConsole, setting: Setting): Promise<void> {
  const { repository, root, updates } = setting;
  const { groups, every } = updates;
  if (groups.length === 0) {
    const expected = '--config with a file, or --groups with a group for which the repository has a configuration';
    throw new SpikewireError('usage', WHERE, 'has no configuration', expected);
  }
  const warn = warnOf(console);
  // No machine has such a name.
  const folder = join(args.text('folder')!, '.configuration');
  const { ConfiguredMachines, FollowedConfiguration, RepositoryClient, RepositoryConfigurations, trustIn } =
    await import('../agent/index.ts');
  const source = sourceOfRepository(repository);
  const client = new RepositoryClient({
    source,
    folder: trustIn(folder),
    ...(root && { root }),
  });
  await withCleanup(async (closers) => {
    const followed = await FollowedConfiguration.open({
      ...{ folder, every, warn, source: new RepositoryConfigurations(client, source, groups) },
      // Devices that start together do not look together.
      random: new RandomGenerator(1, `configuration ${hostname()} ${resolve(folder)}`),
      say: (line) => console.say(line),
    });
    closers.push(() => followed.close());
    let led: LedMachines | undefined;
    const member = await openMember(args, console, args.text('folder')!, () => led);
    const running = new ConfiguredMachines(followed, (configuration, signal) =>
      openMachines(args, console, { ...setting, member }, configuration, signal, () => followed.lookNow()),
    );
    led = running;
    console.onHangUp(() => {
      member?.hint();
      running.look().catch(({ message }: Error) => warn(message));
    });
    closers.push(await notifySystemd(running, warn));
    const { broker } = setting;
    await runAsMember({ member, broker, live: () => running.live, run: () => running.run(console.signal) }, console);
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
