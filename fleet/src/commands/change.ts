import { type CommandArguments, type CommandConsole, readOwnersLine } from 'spikewire/cli';
import type { Change, Outcome } from '../repository.ts';
import { readKeys } from '../signing-key.ts';
import { refuseKeysInside, Site } from '../site.ts';

/** The options of every action that signs. */
export const SIGNING = ['keys', 'passphrase-file'] as const;

/** The repository and the keys that an action changes it with. */
export async function changeOf(folder: string, args: CommandArguments): Promise<Change> {
  const keyFolder = args.needed('keys', 'the folder with the private keys');
  refuseKeysInside(folder, keyFolder);
  return { site: new Site(folder), keys: await readKeys(keyFolder, await passphraseOf(args)), now: Date.now() };
}

export async function passphraseOf(args: CommandArguments): Promise<string | undefined> {
  const file = args.text('passphrase-file');
  return file === undefined ? undefined : readOwnersLine(file, 'passphrase file');
}

/** Says what came of changes. */
export function tell(
  console: CommandConsole,
  what: string,
  outcomes: readonly Outcome[],
  more: Readonly<Record<string, unknown>> = {},
): void {
  console.result({ ...more, outcomes }, () => outcomes.map((outcome) => `${what}: ${lineOf(outcome)}`));
}

function lineOf({ role, version, missingSignatures: missing }: Outcome): string {
  if (missing === 0) return `${role} version ${version} is signed; devices find it at their next check`;
  const needed = `waits for ${missing} more signature${missing === 1 ? '' : 's'}`;
  return `${role} version ${version} ${needed}; run "spikewire fleet sign" with the other keys`;
}
