import { addSignatures, renew, rotate } from '../repository.ts';
import { createKey } from '../signing-key.ts';
import { type Action, roleNamed } from './action.ts';
import { changeOf, passphraseOf, SIGNING, tell } from './change.ts';

export const signAction: Action = {
  name: 'sign',
  doc: 'add signatures to what waits for more of them',
  options: SIGNING,

  async run(folder, args, console) {
    tell(console, folder, await addSignatures(await changeOf(folder, args)), { folder });
  },
};

export const renewAction: Action = {
  name: 'renew',
  doc: 'sign snapshot and timestamp again before they expire; run it regularly',
  options: SIGNING,

  async run(folder, args, console) {
    const change = await changeOf(folder, args);
    await renew(change);
    const { timestamp } = await change.site.current();
    const until = new Date(timestamp.metadata.expires).toISOString();
    console.result({ folder, until }, () => `${folder}: valid until ${until}`);
  },
};

export const rotateAction: Action = {
  name: 'rotate',
  doc: 'replace the keys of a role by new ones',
  options: ['to', ...SIGNING],

  async run(word, args, console) {
    const role = roleNamed(word, `spikewire fleet rotate ${word}`);
    const change = await changeOf(args.needed('to', 'the folder of the repository'), args);
    const { root } = await change.site.current();
    const { keys } = root.metadata.roles[role];
    const passphrase = role === 'root' || role === 'targets' ? await passphraseOf(args) : undefined;
    const suffix = (k: number) => `${role}-v${root.metadata.version + 1}${keys.length > 1 ? `-${k + 1}` : ''}`;
    const folder = args.text('keys')!;
    const added = await Promise.all(keys.map((_, k) => createKey(folder, suffix(k), passphrase)));
    const outcome = await rotate({ ...change, keys: [...change.keys, ...added] }, role, added);
    tell(console, `${role}: ${added.length} new key${added.length === 1 ? '' : 's'}`, [outcome], { role, folder });
  },
};
