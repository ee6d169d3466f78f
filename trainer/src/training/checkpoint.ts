import { readSafetensors, SpikewireError, tensor, writeSafetensors } from '@spikewire/models';
import type { LearnedArrays } from './learned-arrays.ts';
import type { TrainingProgress } from './progress.ts';

const FORMAT = 'spikewire-checkpoint';
const VERSION = '1';

/** A training as it stands, as a safetensors file: every learned array, and the progress as JSON in the metadata. */
export function writeCheckpoint(arrays: LearnedArrays, progress: TrainingProgress): Uint8Array {
  const tensors = new Map(Object.entries(arrays.current).map(([name, array]) => [name, tensor(array)] as const));
  return writeSafetensors(tensors, { format: FORMAT, version: VERSION, progress: JSON.stringify(progress) });
}

/** Puts a checkpoint's arrays in place and returns its progress. Throws `file` where it is damaged or of another net. */
export function readCheckpoint(path: string, bytes: Uint8Array, arrays: LearnedArrays): TrainingProgress {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT || metadata.version !== VERSION || metadata.progress === undefined) {
    throw new SpikewireError('file', path, 'is no checkpoint of this version', `format ${FORMAT}, version ${VERSION}`);
  }
  for (const [name, array] of Object.entries(arrays.current)) {
    const stored = tensors.get(name)?.data;
    if (!(stored instanceof Float32Array) || stored.length !== array.length) {
      const problem = `has ${stored?.length ?? 'no'} numbers for "${name}"`;
      throw new SpikewireError('file', path, problem, `${array.length} float32, as the configuration says`);
    }
    array.set(stored);
  }
  try {
    return JSON.parse(metadata.progress) as TrainingProgress;
  } catch (cause) {
    throw new SpikewireError('file', path, 'has a progress that is no JSON', 'a whole checkpoint', cause);
  }
}

/** Parameters alone, by full name. */
export function writeParameters(parameters: ReadonlyMap<string, Float32Array>): Uint8Array {
  return writeSafetensors(new Map([...parameters].map(([name, array]) => [name, tensor(array)] as const)));
}

export function readParameters(bytes: Uint8Array): Map<string, Float32Array> {
  return new Map([...readSafetensors(bytes).tensors].map(([name, { data }]) => [name, Float32Array.from(data)]));
}
