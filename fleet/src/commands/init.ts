import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Role } from 'spikewire/agent';
import type { CommandArguments } from 'spikewire/cli';
import { DEFAULT_VALIDITY, type Validity } from '../documents.ts';
import { create } from '../repository.ts';
import { Site } from '../site.ts';
import { type Action, roleNamed } from './action.ts';
import { passphraseOf, refuseSecretsInside, SIGNING, trustBeside } from './change.ts';

const MOST_KEYS = 16;
const MOST_DAYS = 36_500;

export const initAction: Action = {
  name: 'init',
  doc: 'create an empty repository and its keys: two root keys, and one key for each other role',
  subject: { name: 'folder', doc: 'a new folder for the repository' },
  options: [...SIGNING, 'root-keys', 'targets-keys', 'valid'],

  async run(folder, args, console) {
    const keyFolder = args.needed('keys', 'a new folder for the private keys');
    const trust = trustBeside(keyFolder);
    const site = new Site(folder, trust);
    await refuseSecretsInside(folder, args);
    if ((await trust.read('root')) !== undefined) {
      throw new SpikewireError('usage', `--keys ${keyFolder}`, 'has keys of another repository', 'a new folder');
    }
    const counts = { root: countsOf(args, 'root-keys', '1/2'), targets: countsOf(args, 'targets-keys', '1/1') };
    const passphrase = await passphraseOf(args);
    const settings = { counts, validity: validityOf(args), now: Date.now(), ...(passphrase && { passphrase }) };
    const keys = await create(site, keyFolder, settings);
    const root = join(folder, 'metadata', '1.root.json');
    console.result({ folder, keys: keys.map(({ path, id }) => ({ path, id })), root }, () => [
      `${folder}: a repository without models, signed by ${keys.length} keys in ${keyFolder}`,
      `keep root and targets keys offline; give ${root} to each device, which trusts nothing else`,
    ]);
  },
};

/** `1/2`: one of two keys must sign. */
function countsOf(args: CommandArguments, option: string, standard: string): { keys: number; threshold: number } {
  const word = args.text(option) ?? standard;
  const [threshold, keys] = (/^(\d{1,2})\/(\d{1,2})$/.exec(word)?.slice(1) ?? []).map(Number);
  if (threshold !== undefined && keys !== undefined && threshold >= 1 && keys >= threshold && keys <= MOST_KEYS) {
    return { keys, threshold };
  }
  const expected = `<m>/<n> with 1 ≤ m ≤ n ≤ ${MOST_KEYS}`;
  throw new SpikewireError('usage', `spikewire fleet init --${option} ${word}`, 'is invalid', expected);
}

function validityOf(args: CommandArguments): Validity {
  const validity: Record<Role, number> = { ...DEFAULT_VALIDITY };
  for (const word of args.texts('valid')) {
    const where = `spikewire fleet init --valid ${word}`;
    const [name, days, ...rest] = word.split('=');
    const count = Number(days);
    if (rest.length > 0 || !Number.isInteger(count) || count < 1 || count > MOST_DAYS) {
      throw new SpikewireError('usage', where, 'is invalid', `<role>=<days>, 1 to ${MOST_DAYS} days`);
    }
    validity[roleNamed(name!, where)] = count;
  }
  return validity;
}
