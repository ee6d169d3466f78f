import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import type { MachineFolders } from '../agent/backup/machine-folders.ts';
import type { BackupUploads, UploadOptions } from '../agent/backup/uploads.ts';
import type { LiveValues } from '../agent/fleet/live.ts';
import type { Member } from '../agent/fleet/member.ts';
import type { MachineReport } from '../agent/fleet/report.ts';
import type { SharableMachine, Sharing, SharingOptions } from '../agent/sharing/sharing.ts';
import type { BrokerConfiguration } from '../host/index.ts';
import { readOwnersLine } from '../owners-file.ts';
import { readWholeFile } from '../regular-file.ts';
import { withCleanup } from '../session/cleanup.ts';
import { readTls } from './broker-option.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { memoryOf } from './model-argument.ts';
import { programVersion } from './version.ts';

/** Machines that a controller hears of and decides about, and that people look at, as far as they run. */
export interface LedMachines {
  readonly reports: readonly MachineReport[] | undefined;
  readonly folders: readonly MachineFolders[];
  readonly sharable: readonly SharableMachine[];
  readonly live: ReadonlyMap<string, LiveValues>;
  obey(): void;
}

const TLS_FILES = ['controller-ca', 'controller-cert', 'controller-key'] as const;
/** Options that say nothing without a controller. */
const OF_A_MEMBER = ['join', 'join-file', 'device-name', 'backup-key-file', 'share', ...TLS_FILES] as const;

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
    const option = OF_A_MEMBER.find((name) => args.text(name) !== undefined);
    if (option === undefined) return undefined;
    throw new SpikewireError(
      'usage',
      `spikewire agent --${option}`,
      'names no controller',
      '--controller with its address',
    );
  }
  const [ca, cert, key] = TLS_FILES.map((name) => args.text(name));
  const tls = await readTls('controller', { ca, cert, key });
  const device = { version: programVersion(), memory: memoryOf(args), boot: randomBytes(8).toString('hex') };
  const warn = (line: string) => console.warn(`spikewire: ${line}`, 'controller');
  const link = { folder: own, identity, tls };
  return Member.open({
    ...{ ...link, random: new RandomGenerator(1, `fleet ${identity.device}`) },
    report: reporterOf(device, () => machines()?.reports, warn),
    onOrders: () => machines()?.obey(),
    backups: await openBackups(args, console, { ...link, machines: () => machines()?.folders ?? [] }),
    sharing: await openSharing(args, console, { ...link, machines: () => machines()?.sharable ?? [] }),
    say: (line) => console.say(line),
    warn,
  });
}

/** What shares lessons of machines that the options name, or whose configuration says so. */
async function openSharing(
  args: CommandArguments,
  console: CommandConsole,
  shared: Pick<SharingOptions, 'folder' | 'identity' | 'tls' | 'machines'>,
): Promise<Sharing> {
  const { Sharing } = await import('../agent/sharing/sharing.ts');
  return new Sharing({
    ...{ ...shared, names: args.text('share')?.split(',') ?? [], memory: memoryOf(args) },
    random: new RandomGenerator(1, `sharing ${shared.identity.device}`),
    say: (line) => console.say(line),
    warn: (line) => console.warn(`spikewire: ${line}`, 'sharing'),
  });
}

const LARGEST_KEY = 4096;
const SECONDS_AN_HOUR = 3600;
/** A few seconds, for trying it out; a month. */
const BACKUP_HOURS = { minimum: 0.001, maximum: 720 };

/** The backups that the options ask for; undefined where they do not. */
async function openBackups(
  args: CommandArguments,
  console: CommandConsole,
  shared: Pick<UploadOptions, 'folder' | 'identity' | 'tls' | 'machines'>,
): Promise<BackupUploads | undefined> {
  const path = args.text('backup-key-file');
  if (path === undefined) return undefined;
  const [{ readPublicRecoveryKey }, { BackupUploads }] = await Promise.all([
    import('../agent/backup/sealed-backup.ts'),
    import('../agent/backup/uploads.ts'),
  ]);
  const pem = (await readWholeFile(path, LARGEST_KEY, 'a public key')).toString();
  return new BackupUploads({
    ...{ ...shared, recovery: readPublicRecoveryKey(pem, path) },
    everySeconds: SECONDS_AN_HOUR * args.number('backup-every', BACKUP_HOURS)!,
    random: new RandomGenerator(1, `backups ${shared.identity.device}`),
    say: (line) => console.say(line),
    warn: (line) => console.warn(`spikewire: ${line}`, 'backup'),
  });
}

export interface RunningMember {
  /** Undefined where the device has no controller. */
  readonly member: Member | undefined;
  /** By which hints may come, and live values go. */
  readonly broker: BrokerConfiguration | undefined;
  readonly live: () => LedMachines['live'];
  readonly run: () => Promise<void>;
}

/** Runs machines, and reports for as long as they run. */
export async function runAsMember(
  { member, broker, live, run }: RunningMember,
  console: CommandConsole,
): Promise<void> {
  if (member === undefined) return run();
  await withCleanup(async (closers) => {
    if (broker !== undefined) {
      const { followHints } = await import('../agent/machines/fleet-hints.ts');
      const warn = (line: string) => console.warn(`spikewire: hints: ${line}`, 'hints');
      const link = await followHints(broker, { member, live, warn });
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
