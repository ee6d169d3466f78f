import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  BLANK_DIGEST,
  checkDigest,
  modelDigest,
  readSafetensors,
  type Safetensors,
  SpikewireError,
  seal,
  type Tensor,
  tensor,
  writeSafetensors,
} from '@spikewire/models';
import { unreadableFile } from '../file-problem.ts';
import { nodeFileSystem as files, storeFailure, systemCode, writeDurably } from './file-system.ts';
import { MOST_STATE_BYTES, NET_FOLDER } from './read-stores.ts';
import { parseSlot } from './slot.ts';
import { isStateName } from './slot-folder.ts';

/*
 * A backup is a safetensors file with a digest of the whole: the slots of each net as bytes, under "<net>/<slot>", and
 * where it was given the model, under "model", with its file's name and its digest in the metadata.
 */
const FORMAT = { format: 'spikewire-backup', version: '1' };
const EXPECTED = 'a file that spikewire backup has written';
const MODEL = 'model';
/** With a model, and the names of all. */
const MAXIMUM_FILE_BYTES = 2 * MOST_STATE_BYTES;

export interface Backup {
  /** Sound slots by `<net>/<slot>`. */
  readonly slots: ReadonlyMap<string, Uint8Array>;
  readonly model?: { readonly name: string; readonly bytes: Uint8Array } | undefined;
}

type Slots = Pick<Backup, 'slots'>;

/** Whether one of the states was saved by the model of that digest. */
export function hasStatesOf(digest: string, stores: Slots): boolean {
  return modelsOf(stores).has(digest);
}

/** Digests of the models whose states these are. */
export function modelsOf({ slots }: Slots): ReadonlySet<string> {
  return new Set([...slots].map(([name, bytes]) => parseSlot(bytes, name).baseDigest));
}

export function writeBackup({ slots, model }: Backup): Uint8Array {
  const tensors = new Map<string, Tensor>([...slots].map(([name, bytes]) => [name, tensor(bytes)]));
  if (model !== undefined) tensors.set(MODEL, tensor(model.bytes));
  const named = model === undefined ? {} : { model: basename(model.name), modelDigest: modelDigest(model.bytes) };
  const bytes = writeSafetensors(tensors, { ...FORMAT, ...named, digest: BLANK_DIGEST });
  seal(bytes);
  return bytes;
}

/**
 * The bytes of a backup. Throws `file` where there is no file, or a larger one than a backup: nothing of it is read.
 */
export function readBackupFile(path: string): Promise<Uint8Array> {
  return files.read(path, MAXIMUM_FILE_BYTES).catch((cause: unknown) => {
    throw unreadableFile(path, cause, 'a backup');
  });
}

/** A safetensors file with these metadata. Throws `file` for any other file. */
export function expectFormat(
  bytes: Uint8Array,
  { format, version }: { readonly format: string; readonly version: string },
  expected: string,
): Safetensors {
  const { contents, cause } = safetensorsIn(bytes);
  if (contents?.metadata.format === format && contents.metadata.version === version) return contents;
  throw new SpikewireError('file', 'format', 'is not that of a backup', expected, cause);
}

function safetensorsIn(bytes: Uint8Array): { readonly contents?: Safetensors; readonly cause?: unknown } {
  try {
    return { contents: readSafetensors(bytes) };
  } catch (cause) {
    return { cause };
  }
}

/** Throws `file` where a byte differs, it is another file, or its model is not the one that it names. */
export function readBackup(bytes: Uint8Array): Backup {
  const { tensors, metadata } = expectFormat(bytes, FORMAT, EXPECTED);
  checkDigest(bytes, metadata.digest);
  const model = tensors.get(MODEL)?.data;
  if (model !== undefined && !(model instanceof Uint8Array))
    throw new SpikewireError('file', `"${MODEL}"`, 'is not a file', 'its bytes');
  if (model !== undefined) checkModel(model, metadata.modelDigest);
  const slots = new Map<string, Uint8Array>();
  for (const [name, { data }] of tensors) {
    if (name === MODEL) continue;
    const [net = '', slot = ''] = name.split('/', 2);
    if (!(NET_FOLDER.test(net) && isStateName(slot) && name === `${net}/${slot}` && data instanceof Uint8Array))
      throw new SpikewireError('file', `"${name}"`, 'is not a slot of a net', '<net>/<slot>.slot');
    parseSlot(data, name);
    slots.set(name, data);
  }
  return { slots, model: model && { name: metadata.model ?? MODEL, bytes: model } };
}

/** Backups of earlier versions say no digest. */
function checkModel(model: Uint8Array, said: string | undefined): void {
  const digest = modelDigest(model);
  if (said === undefined || said === digest) return;
  throw new SpikewireError('file', `"${MODEL}"`, `has the digest ${digest}`, `${said}, as the backup says`);
}

/** Makes a folder of stores, whole or not at all, and durably. Throws `store` where there is something already. */
export async function restoreStores(directory: string, { slots }: Slots): Promise<void> {
  const nets = [...new Set([...slots.keys()].map(dirname))];
  await makeAnew(resolve(directory), async (folder) => {
    await files.makeFolder(folder);
    for (const net of nets) await files.makeFolder(join(folder, net));
    for (const [name, bytes] of slots) await writeDurably(files, join(folder, name), bytes);
    for (const net of nets) await files.syncFolder(join(folder, net));
    await files.syncFolder(folder);
  });
}

/** Writes a file, whole or not at all, and durably. Throws `store` where there is something already. */
export function writeAnew(path: string, bytes: Uint8Array): Promise<void> {
  return makeAnew(resolve(path), (beside) => writeDurably(files, beside, bytes));
}

/** Throws `store` where there is something: renaming would replace it. */
export async function expectNothing(path: string): Promise<void> {
  const present = await files.stat(resolve(path)).catch((failure: unknown) => {
    if (systemCode(failure) === 'ENOENT') return undefined;
    throw storeFailure(path, 'read it', failure);
  });
  if (present !== undefined) throw new SpikewireError('store', path, 'already exists', 'a name that is free');
}

async function makeAnew(path: string, make: (beside: string) => Promise<void>): Promise<void> {
  await expectNothing(path);
  const beside = `${path}.${process.pid}.part`;
  try {
    await make(beside);
    await files.rename(beside, path);
    await files.syncFolder(dirname(path));
  } catch (failure) {
    await rm(beside, { recursive: true, force: true }).catch(() => undefined); // the first failure is the one to report
    throw storeFailure(path, 'write it', failure);
  }
}
