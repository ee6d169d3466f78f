import { type Budget, defaultBudget } from '../check/budget.ts';
import { SpikewireError } from '../error.ts';
import type { Model } from '../model/model.ts';
import { BLANK_DIGEST, checkDigest, seal } from './digest.ts';
import { type ImmediateFormat, readWith, writeWith } from './format.ts';
import { checkJsonMemory } from './json-memory.ts';
import { headerBytes, readSafetensors, type Safetensors, writeSafetensors } from './safetensors.ts';
import { formatModel, parseModel } from './text/model.ts';

const FORMAT = 'spikewire';
const VERSION = 1;

/**
 * The model of a `.spike` file (docs/model-file.md): safetensors with the graph in its metadata and a digest over every
 * byte.
 */
export const spike = {
  name: 'spike',
  summary: 'binary form with a digest, for devices',
  extensions: ['.spike'],
  // A small length and {: its upper half is zero in any header within the cap, and no text contains a zero byte.
  sniff: (bytes) => bytes.length > 8 && bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0),

  read(bytes, _ends, memory = defaultBudget.bytes) {
    checkJsonMemory('header', headerBytes(bytes), memory);
    const { tensors, metadata } = readVerified(bytes);
    return { model: parseModel(metadata.graph ?? '', { tensors, check: false }), notes: [] };
  },

  write(model) {
    const { json, tensors } = formatModel(model, { tensors: 'apart' });
    const metadata = { format: FORMAT, version: String(VERSION), graph: json, digest: BLANK_DIGEST };
    const bytes = writeSafetensors(tensors, metadata);
    seal(bytes);
    return bytes;
  },
} satisfies ImmediateFormat;

/**
 * Writes a `.spike` file. Equal models give equal bytes. Throws `graph` or `parameter` for a model that a reader would
 * refuse.
 */
export function writeModel(model: Model): Uint8Array {
  return writeWith(spike, model);
}

/**
 * Reads a `.spike` file. Total: any bytes give a checked model or a `SpikewireError`, in time and memory bounded by
 * their number: `file` for what is damaged or no such file, `graph` or `parameter` for what is no model, `budget` for
 * what is too large for the device. Tensors are views of `bytes`, which must not change afterwards.
 */
export function readModel(bytes: Uint8Array, budget: Partial<Budget> = {}): Model {
  return readWith(spike, bytes, budget).model;
}

/** The digest of a `.spike` file, verified, in hex. */
export function digestOfFile(bytes: Uint8Array): string {
  return readVerified(bytes).metadata.digest!;
}

/** Contents whose format, version and digest are right. */
function readVerified(bytes: Uint8Array): Safetensors {
  const contents = readSafetensors(bytes);
  const { format, version, graph: _graph, digest, ...others } = contents.metadata;
  if (format !== FORMAT) {
    throw new SpikewireError('file', 'metadata', 'is not that of a model', `format "${FORMAT}"`);
  }
  if (version !== String(VERSION)) {
    const newer = Number(version) > VERSION;
    const problem = newer ? `is version ${Number(version)}, written by a newer spikewire` : 'has an unknown version';
    throw new SpikewireError('file', 'model', problem, newer ? `version ${VERSION}; update this one` : `${VERSION}`);
  }
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const problem = `has the unknown key ${JSON.stringify(unknown.slice(0, 64))}`;
    throw new SpikewireError('file', 'metadata', problem, 'format, version, graph, digest');
  }
  checkDigest(bytes, digest);
  return contents;
}
