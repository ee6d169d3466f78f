import { addSignatures, type Expiry, renew, rotate } from '../repository.ts';
import { createKey } from '../signing-key.ts';
import { type Action, roleNamed } from './action.ts';
import { changing, passphraseOf, SIGNING, tell } from './change.ts';

export const signAction: Action = {
  name: 'sign',
  doc: 'add your signature to a change that waits in the folder "staged"; it is published when enough keys have signed',
  subject: { name: 'folder', doc: 'folder of the repository' },
  options: SIGNING,

  async run(folder, args, console) {
    tell(console, folder, await changing(folder, args, addSignatures), { folder });
  },
};

export const renewAction: Action = {
  name: 'renew',
  doc: 'sign files again before they expire, with the keys in --keys; run it weekly, for example from cron',
  subject: { name: 'folder', doc: 'folder of the repository' },
  options: SIGNING,

  async run(folder, args, console) {
    const { first, renewed, due } = await changing(folder, args, renew, { passesOverEncrypted: true });
    const [until, role] = [timeOf(first), first.role];
    for (const each of due) console.warn(`${folder}: ${warningOf(each)}`);
    console.result(
      { folder, until, role, renewed, due: due.map((each) => ({ ...each, expires: timeOf(each) })) },
      () => [
        `${folder}: valid until ${until}, when ${role} expires`,
        ...(renewed.length === 0 ? [] : [`also signed again: ${renewed.join(' and ')}`]),
      ],
    );
  },
};

function timeOf({ expires }: Expiry): string {
  return new Date(expires).toISOString();
}

/** Devices take no new model from a repository in which a role has expired. */
function warningOf({ role, expires }: Expiry): string {
  const isOver = expires <= Date.now();
  const when = `${isOver ? 'expired' : 'expires'} on ${timeOf({ role, expires }).slice(0, 10)}`;
  const what = isOver ? 'devices get no new models' : 'devices get no new models from then on';
  return `${role} ${when}, and ${what}; run "spikewire fleet renew" with the keys of ${role}`;
}

export const rotateAction: Action = {
  name: 'rotate',
  doc: 'replace the keys of a role by new keys (needs a root key)',
  subject: { name: 'role', doc: 'root, targets, snapshot or timestamp' },
  options: ['to', ...SIGNING],

  async run(word, args, console) {
    const role = roleNamed(word, `spikewire fleet rotate ${word}`);
    const site = args.needed('to', 'the folder of the repository');
    const folder = args.needed('keys', 'the folder with the private keys');
    const passphrase = role === 'root' || role === 'targets' ? await passphraseOf(args) : undefined;
    const makeKeys = (count: number, version: number) => {
      const names = Array.from({ length: count }, (_, k) => `${role}-v${version}${count > 1 ? `-${k + 1}` : ''}`);
      return Promise.all(names.map((name) => createKey(folder, name, passphrase)));
    };
    const outcome = await changing(site, args, (change) => rotate(change, role, makeKeys));
    tell(console, `new keys of ${role}`, [outcome], { role, folder });
  },
};
