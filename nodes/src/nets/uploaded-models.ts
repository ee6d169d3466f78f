import { join } from 'node:path';
import { SpikewireError } from 'spikewire';
import { netShape, readNetModel } from 'spikewire/session';
import { nodeFileSystem, replaceDurably } from 'spikewire/store';
import { Turns } from './turns.ts';

/** Below Node-RED's user folder. */
const FOLDER = join('spikewire', 'models');
export const MOST_UPLOADED_BYTES = 2 ** 26;
const MOST_FILES = 256;
/** Models that are on their way at the same time, each in memory; those of one name follow each other. */
const uploads = new Turns(4);
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N} ._()-]{0,80}\.(spike|json)$/u;

export interface UploadedModel {
  /** As a `spikewire-net` node stores it. */
  readonly path: string;
  readonly channels: readonly string[];
  readonly labels: readonly string[];
}

/**
 * Keeps a model that came from an editor, over one of the same name. Rejects with what is wrong with it before anything
 * has changed, and with `budget` where too many come at once.
 */
export function keepModel(name: string, body: AsyncIterable<Uint8Array>, userDir: string): Promise<UploadedModel> {
  return uploads.run(name, () => keep(name, body, userDir));
}

async function keep(name: string, body: AsyncIterable<Uint8Array>, userDir: string): Promise<UploadedModel> {
  if (!NAME.test(name))
    throw new SpikewireError('input', 'file', 'has no name for a model', 'letters, ending in .spike');
  const bytes = await collected(body);
  const netModel = readNetModel(bytes);
  netShape(netModel);
  const folder = join(userDir, FOLDER);
  const present = await nodeFileSystem.list(folder).catch((): string[] => []);
  if (present.length >= MOST_FILES && !present.includes(name))
    throw new SpikewireError('budget', folder, `has ${present.length} files`, `at most ${MOST_FILES}`);
  await replaceDurably(join(folder, name), bytes);
  const { model } = netModel;
  return { path: join(FOLDER, name), channels: model.channels.map((channel) => channel.name), labels: model.labels };
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MOST_UPLOADED_BYTES) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export function tooLarge(): SpikewireError {
  return new SpikewireError('budget', 'file', 'is too large', `at most ${MOST_UPLOADED_BYTES} bytes`);
}
