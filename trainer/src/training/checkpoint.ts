import {
  BLANK_DIGEST,
  checkDigest,
  readSafetensors,
  type Safetensors,
  SpikewireError,
  seal,
  tensor,
  writeSafetensors,
} from '@spikewire/models';
import type { LearnedArrays } from './learned-arrays.ts';
import type { TrainingProgress } from './progress.ts';

const FORMAT = 'spikewire-checkpoint';
const VERSION = '2';

/**
 * A training as it stands, as a safetensors file: every learned array, and in the metadata the progress as JSON and a digest
 * of the whole file, as model files have it.
 */
export function writeCheckpoint(arrays: LearnedArrays, progress: TrainingProgress): Uint8Array {
  const tensors = new Map(Object.entries(arrays.current).map(([name, array]) => [name, tensor(array)] as const));
  const metadata = { format: FORMAT, version: VERSION, progress: JSON.stringify(progress), digest: BLANK_DIGEST };
  const bytes = writeSafetensors(tensors, metadata);
  seal(bytes);
  return bytes;
}

/** A checkpoint whose bytes are those that were written. */
export interface Checkpoint {
  readonly path: string;
  readonly arrays: ReadonlyMap<string, Float32Array>;
  readonly progress: TrainingProgress;
}

/** Throws `file`, naming the path, where a byte differs or it is no checkpoint of this version. */
export function readCheckpoint(path: string, bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = verified(path, bytes);
  if (metadata.format !== FORMAT || metadata.version !== VERSION || metadata.progress === undefined) {
    throw new SpikewireError('file', path, 'is no checkpoint of this version', `format ${FORMAT}, version ${VERSION}`);
  }
  const arrays = [...tensors].map(([name, { data }]) => [name, Float32Array.from(data)] as const);
  return { path, arrays: new Map(arrays), progress: JSON.parse(metadata.progress) as TrainingProgress };
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

/** Puts a checkpoint's arrays in place and returns its progress. Throws `file` where it is of another net; nothing is changed then. */
export function restoreCheckpoint(
  { path, arrays: stored, progress }: Checkpoint,
  arrays: LearnedArrays,
): TrainingProgress {
  const current = Object.entries(arrays.current);
  for (const [name, array] of current) {
    const length = stored.get(name)?.length;
    if (length === array.length) continue;
    const problem = `has ${length ?? 'no'} numbers for "${name}"`;
    throw new SpikewireError('file', path, problem, `${array.length} float32, as the configuration says`);
  }
  for (const [name, array] of current) array.set(stored.get(name)!);
  return progress;
}
