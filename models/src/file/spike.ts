import { SpikewireError } from '../error.ts';
import type { Model } from '../model.ts';
import type { Budget } from './budget.ts';
import { checkModel } from './check.ts';
import { BLANK_DIGEST, checkDigest, seal } from './digest.ts';
import { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.ts';
import { formatModel, parseModel } from './text/model.ts';

const FORMAT = 'spikewire';
const VERSION = 1;
/** Texts are written by hand or by small tools; what is larger belongs into the binary form. */
const MAXIMUM_TEXT_BYTES = 1 << 24;

/**
 * Writes a `.spike` file (docs/semantics.md §6): safetensors with the graph in its metadata and a digest over every byte.
 * Equal models give equal bytes. Throws `graph` or `parameter` for a model that a reader would refuse.
 */
export function writeModel(model: Model): Uint8Array {
  checkModel(model);
  const { json, tensors } = formatModel(model, { tensors: 'apart' });
  const metadata = { format: FORMAT, version: String(VERSION), graph: json, digest: BLANK_DIGEST };
  const bytes = writeSafetensors(tensors, metadata);
  seal(bytes);
  return bytes;
}

/**
 * Reads a `.spike` file. Total: any bytes give a checked model or a `SpikewireError`, in time and memory bounded by their
 * number: `file` for what is damaged or no such file, `graph` or `parameter` for what is no model, `budget` for what is too
 * large for the device. Tensors are views of `bytes`, which must not change afterwards.
 */
export function readModel(bytes: Uint8Array, budget: Partial<Budget> = {}): Model {
  const { tensors, metadata } = readVerified(bytes);
  const model = parseModel(metadata.graph ?? '', { tensors, check: false });
  checkModel(model, budget);
  return model;
}

/** Reads a model in either form, the `.spike` file or the JSON text, told apart by content. Errors as `readModel`. */
export function readAnyModel(bytes: Uint8Array, budget: Partial<Budget> = {}): Model {
  const form = sniffModel(bytes);
  if (form === 'spike') return readModel(bytes, budget);
  if (form === undefined) {
    throw new SpikewireError('file', 'model', 'is neither form of a model', 'a .spike file or its JSON text');
  }
  const model = parseModel(decodeText(bytes), { check: false });
  checkModel(model, budget);
  return model;
}

/** Which form of a model the bytes claim to be: safetensors begins with a small length and {, the text with {. */
export function sniffModel(bytes: Uint8Array): 'spike' | 'text' | undefined {
  // The upper half of the length is zero in any header within the cap, and no text contains a zero byte.
  if (bytes.length > 8 && bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0)) return 'spike';
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return first === 0x7b ? 'text' : undefined;
}

/**
 * The digest that names a model, in hex: manifests sign it, stores and logs refer to it. Of a file, verified; of a model or its
 * text, that of the file it would be.
 */
export function modelDigest(source: Uint8Array | Model): string {
  if (!(source instanceof Uint8Array)) return readSafetensors(writeModel(source)).metadata.digest!;
  if (sniffModel(source) === 'text') return modelDigest(readAnyModel(source));
  return readVerified(source).metadata.digest!;
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

function decodeText(bytes: Uint8Array): string {
  if (bytes.length > MAXIMUM_TEXT_BYTES) {
    throw new SpikewireError('file', 'model', `is a text of ${bytes.length} bytes`, `at most ${MAXIMUM_TEXT_BYTES}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SpikewireError('file', 'model', 'is not UTF-8', 'JSON in UTF-8', cause);
  }
}
