import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { TrustFolder } from 'spikewire/agent';
import { type CommandArguments, type CommandConsole, readOwnersLine } from 'spikewire/cli';
import { storeFailure } from 'spikewire/store';
import { FolderLock } from '../folder-lock.ts';
import type { Change, Outcome } from '../repository.ts';
import { readKeys } from '../signing-key.ts';
import { refuseInside, Site } from '../site.ts';

/** The options of every action that signs. */
export const SIGNING = ['keys', 'passphrase-file'] as const;

/** What the owner of the keys knows of the repository, in their folder. */
const TRUSTED = 'trusted';

export function trustBeside(keyFolder: string): TrustFolder {
  return new TrustFolder(join(keyFolder, TRUSTED));
}

/**
 * Changes a repository with the keys of a folder. No other process uses one of the two meanwhile, with these keys or
 * with those of somebody else: two that publish at once would write files of the same version.
 */
export async function changing<Result>(
  folder: string,
  args: CommandArguments,
  change: (change: Change) => Promise<Result>,
  { passesOverEncrypted = false } = {},
): Promise<Result> {
  const keyFolder = args.needed('keys', 'the folder with the private keys');
  const trust = trustBeside(keyFolder);
  const site = new Site(folder, trust);
  await refuseSecretsInside(folder, args);
  const keys = await readKeys(keyFolder, await passphraseOf(args), passesOverEncrypted);
  return alone([keyFolder, folder], async () => {
    if ((await trust.read('root')) === undefined) {
      const expected = `the folder "${TRUSTED}" that "spikewire fleet init" put among its keys`;
      throw new SpikewireError('usage', `--keys ${keyFolder}`, `has no ${TRUSTED}/root.json`, expected);
    }
    return change({ site, keys, now: Date.now() });
  });
}

/** Does something while no other process uses the folders. */
async function alone<Result>([folder, ...others]: readonly string[], work: () => Promise<Result>): Promise<Result> {
  if (folder === undefined) return work();
  const lock = await FolderLock.take(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined; // whoever looks into it says that it is no repository
    throw storeFailure(folder, 'lock it', cause);
  });
  try {
    return await alone(others, work);
  } finally {
    await lock?.release();
  }
}

export async function refuseSecretsInside(folder: string, args: CommandArguments): Promise<void> {
  for (const option of SIGNING) {
    const path = args.text(option);
    if (path !== undefined) await refuseInside(folder, option, path);
  }
}

export async function passphraseOf(args: CommandArguments): Promise<string | undefined> {
  const file = args.text('passphrase-file');
  if (file === undefined) return undefined;
  const passphrase = await readOwnersLine(file, 'passphrase file');
  if (passphrase !== '') return passphrase;
  throw new SpikewireError('usage', `passphrase file ${file}`, 'has no passphrase', 'one in its first line');
}

/** What is done once nothing is missing, and what devices do then. */
type Done = readonly [string, string];

/** Says what came of changes. */
export function tell(
  console: CommandConsole,
  what: string,
  outcomes: readonly Outcome[],
  more: Readonly<Record<string, unknown>> = {},
  done: Done = ['signed and published', 'devices find it at their next check'],
): void {
  console.result({ ...more, outcomes }, () => {
    return outcomes.flatMap((outcome) => {
      return [`${what}: ${lineOf(outcome, done)}`, ...outcome.changes.map((change) => `  ${change}`)];
    });
  });
}

function lineOf({ role, version, missingSignatures: missing, missingKeys }: Outcome, done: Done): string {
  const next = 'run "spikewire fleet sign" with';
  if (missing > 0) {
    const signatures = missing === 1 ? 'signature' : 'signatures';
    return `${role} version ${version} waits for ${missing} more ${signatures}; ${next} other keys`;
  }
  if (missingKeys.length === 0) return `${done[0]} (${role} version ${version}); ${done[1]}`;
  return `${role} version ${version} is signed but not yet published; ${next} the keys of ${missingKeys.join(' and ')}`;
}
