import { stat } from 'node:fs/promises';
import { type LearnedState, type Model, modelDigest, readLearned, SpikewireError } from '@spikewire/models';
import { readWholeFile } from '../regular-file.ts';
import { readStores } from '../store/read-stores.ts';
import { parseSlot, type Slot } from '../store/slot.ts';
import { inspectState } from './inspect-state.ts';

/** A state is no larger than a slot takes. */
const MOST_BYTES = 2 ** 28;

/**
 * What a net of this model has learned: the saved state in a file, or the newest one in a store that has one net of the
 * model, also while a process uses that. Throws `store` where there is none, or more than one.
 */
export async function learnedStateOf(model: Model, path: string): Promise<LearnedState> {
  const digest = modelDigest(model);
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (isFolder) return readLearned(await newest(path, digest));
  const bytes = await readWholeFile(path, MOST_BYTES, 'a state');
  const inspection = inspectState(bytes);
  if (inspection === undefined) throw new SpikewireError('store', path, 'is not a state', 'a saved state of a net');
  if (inspection.model !== digest) {
    throw new SpikewireError('store', path, 'is a state of another model', `one of the model ${digest.slice(0, 12)}`);
  }
  return readLearned(inspection.save === undefined ? bytes : parseSlot(bytes, path).state);
}

async function newest(folder: string, digest: string): Promise<Uint8Array> {
  const { slots } = await readStores(folder, { mayBeInUse: true }); // slots are replaced whole
  const nets = new Map<string, Slot>();
  for (const [name, bytes] of slots) {
    const slot = parseSlot(bytes, name);
    const net = name.slice(0, name.lastIndexOf('/'));
    const known = nets.get(net);
    if (slot.baseDigest === digest && (known === undefined || known.sequence < slot.sequence)) nets.set(net, slot);
  }
  const [only, ...others] = nets.values();
  if (only !== undefined && others.length === 0) return only.state;
  const problem = only === undefined ? 'has no state of this model' : `has states of ${nets.size} nets of this model`;
  throw new SpikewireError('store', `store ${folder}`, problem, 'the state of one net, or a slot file of it');
}
