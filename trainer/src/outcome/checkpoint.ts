import {
  BLANK_DIGEST,
  checkDigest,
  type JsonValue,
  readSafetensors,
  type Safetensors,
  SpikewireError,
  seal,
  tensor,
  writeSafetensors,
} from '@spikewire/models';
import type { RunState } from '../runs/run.ts';

const FORMAT = 'spikewire-checkpoint';
const VERSION = '3';

/**
 * A run as it stands, as a safetensors file: every array that changes, and in the metadata the progress as JSON and a
 * digest of the whole file, as model files have it.
 */
export function writeCheckpoint({ arrays, progress }: RunState): Uint8Array {
  const tensors = new Map(Object.entries(arrays).map(([name, array]) => [name, tensor(array)] as const));
  const metadata = { format: FORMAT, version: VERSION, progress: JSON.stringify(progress), digest: BLANK_DIGEST };
  const bytes = writeSafetensors(tensors, metadata);
  seal(bytes);
  return bytes;
}

/** A checkpoint whose bytes are those that were written. */
export interface Checkpoint extends RunState {
  readonly path: string;
}

/** Throws `file`, naming the path, where a byte differs or it is no checkpoint of this version. */
export function readCheckpoint(path: string, bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = verified(path, bytes);
  if (metadata.format !== FORMAT || metadata.version !== VERSION || metadata.progress === undefined) {
    throw new SpikewireError(
      'file',
      path,
      'is not a checkpoint of this version',
      `format ${FORMAT}, version ${VERSION}`,
    );
  }
  const arrays = Object.fromEntries([...tensors].map(([name, { data }]) => [name, data] as const));
  return { path, arrays, progress: JSON.parse(metadata.progress) as JsonValue };
}

function verified(path: string, bytes: Uint8Array): Safetensors {
  try {
    const contents = readSafetensors(bytes);
    if (contents.metadata.format === FORMAT && contents.metadata.version === VERSION) {
      checkDigest(bytes, contents.metadata.digest);
    }
    return contents;
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    throw SpikewireError.restore(problem.code, path, `${path}: ${problem.message}`);
  }
}
