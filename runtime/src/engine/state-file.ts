import {
  BLANK_DIGEST,
  checkDigest,
  readSafetensors,
  type Safetensors,
  SpikewireError,
  seal,
  type TensorData,
  tensor,
  writeSafetensors,
} from '@spikewire/models';
import type { NetworkCounters } from './engine.ts';

const FORMAT = 'spikewire-state';
const VERSION = '1';

/**
 * Counts that earlier builds did not keep, by the ends of their arrays' names: in their states they are 0. No other array can be made up:
 * what an array starts with is seldom what it would have come to.
 */
const COUNTED_SINCE = ['saturated', 'dropped'];

/** Everything that changes in a running net. */
export interface NetworkState {
  readonly engine: string;
  /** Digest of the model it belongs to. */
  readonly model: string;
  readonly step: number;
  readonly counters: NetworkCounters;
  /** Views of all arrays that change, by name. */
  readonly arrays: ReadonlyMap<string, TensorData>;
}

/**
 * A net's state as bytes: a safetensors file with the arrays, and the engine, the model and the step in its metadata. A digest of
 * the whole finds any flipped byte.
 */
export function writeState({ engine, model, step, counters, arrays }: NetworkState): Uint8Array {
  const tensors = new Map([...arrays].map(([name, data]) => [name, tensor(data)]));
  const bytes = writeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    digest: BLANK_DIGEST,
    engine,
    model,
    step: String(step),
    counters: JSON.stringify(counters, held),
  });
  seal(bytes);
  return bytes;
}

/** A count beyond what numbers hold exactly is saved as the last that they do: a state must always load. */
function held(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? Number.MAX_SAFE_INTEGER : value;
}

/** The engine that a saved state belongs to. Throws `store` where the bytes are no state. */
export function engineOfState(bytes: Uint8Array): string | undefined {
  return readChecked(bytes).metadata.engine;
}

/**
 * Reads `bytes` into the arrays and counters of `running` and returns the step. All or nothing: throws `store`, with everything
 * untouched, when the bytes are damaged, or when they belong to another engine or model.
 */
export function restoreState(bytes: Uint8Array, running: Omit<NetworkState, 'step'>): number {
  const { tensors, metadata } = readChecked(bytes);
  if (metadata.engine !== running.engine) {
    throw new SpikewireError('store', 'state', `belongs to engine "${metadata.engine}"`, `"${running.engine}"`);
  }
  if (metadata.model !== running.model) {
    throw new SpikewireError('store', 'state', `belongs to model ${metadata.model}`, running.model);
  }
  const step = Number(metadata.step);
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new SpikewireError('store', 'state', `has step "${metadata.step}"`, 'a whole number from 0');
  }
  const counters = readCounters(metadata.counters, running.counters);
  for (const name of tensors.keys()) {
    if (!running.arrays.has(name)) throw new SpikewireError('store', `state "${name}"`, 'is not part of this net');
  }
  for (const [name, target] of running.arrays) {
    if (tensors.has(name) || !isLaterCount(name)) checkArray(name, tensors.get(name)?.data, target);
  }

  for (const [name, target] of running.arrays) target.set(tensors.get(name)?.data ?? new Array(target.length).fill(0));
  Object.assign(running.counters, counters);
  return step;
}

function readChecked(bytes: Uint8Array): Safetensors {
  const file = readSealed(bytes);
  if (file.metadata.format === FORMAT && file.metadata.version === VERSION) return file;
  throw new SpikewireError('store', 'state', 'is not the state of a net', `${FORMAT} version ${VERSION}`);
}

function readSealed(bytes: Uint8Array): Safetensors {
  try {
    const file = readSafetensors(bytes, { allowNonFinite: true });
    checkDigest(bytes, file.metadata.digest);
    return file;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpikewireError('store', 'state', `is damaged (${reason})`, undefined, cause);
  }
}

function readCounters(text: string | undefined, running: NetworkCounters): NetworkCounters {
  let saved: unknown;
  try {
    saved = JSON.parse(text ?? '');
  } catch (cause) {
    throw new SpikewireError('store', 'state', 'has counters that are no JSON', undefined, cause);
  }
  const counters = { ...running };
  for (const name of Object.keys(running) as (keyof NetworkCounters)[]) {
    // What an earlier build did not count begins at 0.
    const count = (saved as Readonly<Record<string, unknown>> | null)?.[name] ?? 0;
    if (!Number.isSafeInteger(count))
      throw new SpikewireError('store', 'state', `has ${name} ${count}`, 'a whole number');
    counters[name] = count as number;
  }
  return counters;
}

function isLaterCount(name: string): boolean {
  return COUNTED_SINCE.some((count) => name === count || name.endsWith(`.${count}`));
}

function checkArray(name: string, saved: TensorData | undefined, target: TensorData): void {
  if (saved?.constructor === target.constructor && saved.length === target.length) return;
  const found = saved === undefined ? 'is missing' : `is ${saved.constructor.name}[${saved.length}]`;
  throw new SpikewireError('store', `state "${name}"`, found, `${target.constructor.name}[${target.length}]`);
}
