import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import type { Member } from '../agent/fleet/member.ts';
import type { MachineReport } from '../agent/fleet/report.ts';
import type { BrokerConfiguration } from '../host/index.ts';
import { readOwnersLine } from '../owners-file.ts';
import { withCleanup } from '../session/cleanup.ts';
import { readTls } from './broker-option.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { memoryOf } from './model-argument.ts';
import { programVersion } from './version.ts';

/** What a controller hears of and decides about, as far as it runs. */
export interface LedMachines {
  readonly reports: readonly MachineReport[] | undefined;
  obey(): void;
}

/**
 * The membership that the options ask for, or that the folder has from an earlier start; undefined where there is none.
 * @param machines that run now; undefined: none yet
 */
export async function openMember(
  args: CommandArguments,
  console: CommandConsole,
  folder: string,
  machines: () => LedMachines | undefined,
): Promise<Member | undefined> {
  const own = join(folder, '.fleet'); // no machine has such a name
  const said = { controller: args.text('controller'), token: await tokenOf(args), name: args.text('device-name') };
  const [{ Identity }, { Member }, { reporterOf }] = await Promise.all([
    import('../agent/fleet/identity.ts'),
    import('../agent/fleet/member.ts'),
    import('../agent/fleet/device-report.ts'),
  ]);
  const identity = await Identity.open(own, said);
  if (identity === undefined) {
    if (said.token === undefined && said.name === undefined) return undefined;
    const option = said.token === undefined ? '--device-name' : '--join';
    throw new SpikewireError(
      'usage',
      `spikewire agent ${option}`,
      'names no controller',
      '--controller with its address',
    );
  }
  const [ca, cert, key] = ['controller-ca', 'controller-cert', 'controller-key'].map((name) => args.text(name));
  const tls = await readTls('controller', { ca, cert, key });
  const device = { version: programVersion(), memory: memoryOf(args), boot: randomBytes(8).toString('hex') };
  const warn = (line: string) => console.warn(`spikewire: ${line}`, 'controller');
  return Member.open({
    ...{ folder: own, identity, tls, random: new RandomGenerator(1, `fleet ${identity.device}`) },
    report: reporterOf(device, () => machines()?.reports, warn),
    onOrders: () => machines()?.obey(),
    say: (line) => console.say(line),
    warn,
  });
}

/**
 * Runs machines, and reports for as long as they run.
 * @param broker by which hints may come
 */
export async function runAsMember(
  member: Member | undefined,
  run: () => Promise<void>,
  console: CommandConsole,
  broker: BrokerConfiguration | undefined,
): Promise<void> {
  if (member === undefined) return run();
  await withCleanup(async (closers) => {
    if (broker !== undefined) {
      const { followHints } = await import('../agent/machines/fleet-hints.ts');
      const link = await followHints(broker, member, (line) => console.warn(`spikewire: hints: ${line}`, 'hints'));
      closers.push(() => link.close());
    }
    const ending = new AbortController();
    const reporting = member.run(AbortSignal.any([console.signal, ending.signal]));
    closers.push(() => reporting);
    closers.push(async () => ending.abort());
    await run();
  });
}

async function tokenOf(args: CommandArguments): Promise<string | undefined> {
  const [token, file] = [args.text('join'), args.text('join-file')];
  if (token !== undefined && file !== undefined)
    throw new SpikewireError('usage', 'spikewire agent --join', 'is given with --join-file', 'one of the two');
  return file === undefined ? token : readOwnersLine(file, 'token file');
}
