import { stat } from 'node:fs/promises';
import { OutputStage } from '@spikewire/engine/coding';
import {
  type Model,
  modelDigest,
  readLearned,
  readSafetensors,
  resolveGraph,
  SpikewireError,
  withLearnedWeights,
} from '@spikewire/models';
import { readWholeFile } from '../regular-file.ts';
import { readSessionState } from '../session/session-state.ts';
import { readStores } from '../store/read-stores.ts';
import { parseSlot, type Slot } from '../store/slot.ts';
import { inspectState } from './inspect-state.ts';

/** A state is no larger than a slot takes. */
const MOST_BYTES = 2 ** 28;

/** A model with what a net of it has learned, and a line for each part of that which a model does not hold. */
export interface LearnedModel {
  readonly model: Model;
  readonly notes: readonly string[];
}

/**
 * The model with what a net of it has learned: the learned weights in the place of its own, and what its read-out was
 * taught as its base. `path` is a file with a saved state, or a store that has one net of the model, also while a
 * process uses that. Throws `store` where there is no such state, or more than one.
 */
export async function learnedModel(model: Model, path: string): Promise<LearnedModel> {
  const state = await stateOf(model, path);
  return withReadout(withLearnedWeights(model, readLearned(state)), state);
}

/** Of the state of a session; that of an engine knows no read-out. */
function withReadout(model: Model, state: Uint8Array): LearnedModel {
  const { tensors } = readSafetensors(state, { allowNonFinite: true });
  if (!tensors.has('engine') || model.decoder.size !== 1) return { model, notes: [] };
  const output = new OutputStage(model, resolveGraph(model.graph, model.semantics), 1);
  const { teachable } = output;
  if (teachable === undefined) return { model, notes: [] };
  readSessionState(state, output.state, {}, output.size).apply();
  if (!teachable.settle()) return { model, notes: [] };
  const stages = [...(model.features?.values() ?? [])].flat(2);
  const running = stages.some(({ type }) => type === 'running-standardise');
  const notes = running ? ['its running features are not in the file: a net of it has to find their scale again'] : [];
  return { model: { ...model, base: output.base! }, notes };
}

async function stateOf(model: Model, path: string): Promise<Uint8Array> {
  const digest = modelDigest(model);
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (isFolder) return newest(path, digest);
  const bytes = await readWholeFile(path, MOST_BYTES, 'a state');
  const inspection = inspectState(bytes);
  if (inspection === undefined) throw new SpikewireError('store', path, 'is not a state', 'a saved state of a net');
  if (inspection.model !== digest) {
    throw new SpikewireError('store', path, 'is a state of another model', `one of the model ${digest.slice(0, 12)}`);
  }
  return inspection.save === undefined ? bytes : parseSlot(bytes, path).state;
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
