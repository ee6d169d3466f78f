import { SpikewireError } from '@spikewire/models';
import { folderName } from '../session/pool/folder-name.ts';
import { modelsOf } from '../store/backup.ts';
import { netFolders, readStores } from '../store/read-stores.ts';

/** Nets and models that an error names. */
const SHOWN = 8;

/**
 * Refuses a net that a store does not have, or that only other models have taught, before anything is written for it.
 *
 * @param net name of the net; undefined: the only one of a `run` without "+" in --in
 * @param digest of the model that shall continue it
 * @throws SpikewireError `usage` or `input` for the name, `file` for the model, `store` if a process uses the store
 */
export async function expectStoredNet(store: string, net: string | undefined, digest: string): Promise<void> {
  const folders = await netFolders(store);
  const folder = folderName(net ?? '');
  if (!folders.includes(folder)) throw unknownNet(store, net, folders);
  const { slots } = await readStores(store, { only: folder });
  const models = modelsOf({ slots });
  if (models.size === 0 || models.has(digest)) return;
  const where = net === undefined ? `store ${store}` : `net "${net}"`;
  throw new SpikewireError('file', where, 'was learned by another model', `--model with the digest ${some(models)}`);
}

function unknownNet(store: string, net: string | undefined, folders: readonly string[]): SpikewireError {
  if (folders.length === 0)
    return new SpikewireError('store', `store ${store}`, 'has no nets', 'a folder that run --store has written');
  const names = folders.filter((folder) => folderName(folder) === folder); // others are hashes of names
  const expected = names.length === 0 ? 'the name that --in of run had in place of "+"' : some(names);
  if (net === undefined) return new SpikewireError('usage', 'spikewire teach --store', '--net is missing', expected);
  return new SpikewireError('input', `net "${net}"`, `does not exist in store ${store}`, expected);
}

function some(names: Iterable<string>): string {
  const [all, shown] = [[...names], [...names].slice(0, SHOWN)];
  const more = all.length - shown.length;
  return `${shown.join(' or ')}${more > 0 ? `, or one of ${more} more` : ''}`;
}
