import {
  BLANK_DIGEST,
  checkDigest,
  isLearnedTensor,
  type KeptNumbers,
  type KeptState,
  type LearnedState,
  learnedIn,
  learnedTensors,
  misfitOf,
  readLearned,
  readSafetensors,
  type Safetensors,
  type SavedPart,
  SpikewireError,
  seal,
  type TensorData,
  tensor,
  whole,
  writeSafetensors,
} from '@spikewire/models';
import type { LearnedOnly, NetworkCounters, RunningNetwork } from './engine.ts';

const FORMAT = 'spikewire-state';
const VERSION = '2';
/** It kept learned weights among the other arrays, as they lay in its engine. */
const FORMER_VERSION = '1';

const COUNTS = whole();
/** After more an engine would not come to the next step, which is the same number; no net has run for so long. */
const STEPS = whole(0, 2 ** 52);

/**
 * Counts that earlier builds did not keep, by the ends of their arrays' names: in their states they are 0. No other
 * array can be made up: what an array starts with is seldom what it would have come to.
 */
const COUNTED_SINCE = ['saturated', 'dropped'];

/** What has learned in a net. */
export interface LearningNetwork {
  /** A copy of what was learned, by connection node. */
  save(): LearnedState;
  /** Throws `store` where `learned` has other connections, or other numbers of weights. */
  expectFit(learned: LearnedState): void;
  /** Makes what was learned its own; called after `expectFit` has passed. */
  takeOver(learned: LearnedState): void;
}

/** Everything that changes in a running net. */
export interface NetworkState {
  /** Name of what runs the net, which alone can read the state whole; the same for all nets with the same `state`. */
  readonly engine: string;
  /** Digest of the model it belongs to (`modelDigest`). */
  readonly model: string;
  /** Steps done, a whole number from 0 to 2^52. */
  readonly step: number;
  readonly counters: NetworkCounters;
  /**
   * Everything that changes but learned weights, by name, each number with what it may be. No name begins with
   * `learned/`, `steps/` or `memory/` or ends with `.weights.value`: what was learned has these.
   */
  readonly state: KeptState;
  /** What has learned, for nets that do. */
  readonly learning?: LearningNetwork;
}

/** A sound state of the net's own model of which it can take only what was learned. */
export class ForeignStateError extends SpikewireError {
  constructor(where: string, problem: string, expected?: string) {
    super('store', where, problem, expected);
  }
}

/**
 * A net's state as bytes: a safetensors file with what was learned, in the model's order, and the engine's own arrays;
 * the engine, the model and the step are in its metadata. A digest of the whole finds any flipped byte. Throws `store`
 * where one of the engine's own arrays has a name of what was learned.
 */
export function writeState({ engine, model, step, counters, state, learning }: NetworkState): Uint8Array {
  expectOwnNames(state);
  const own = Object.entries(ownOf(state)).map(([name, { view }]) => [name, tensor(view)] as const);
  const tensors = new Map([...learnedTensors(learning?.save() ?? new Map()), ...own]);
  return written(tensors, {
    format: FORMAT,
    version: VERSION,
    engine,
    model,
    step: String(step),
    counters: JSON.stringify(counters, clampCount),
  });
}

function expectOwnNames(state: KeptState): void {
  const taken = Object.keys(state).find(isLearnedTensor);
  if (taken === undefined) return;
  throw new SpikewireError('store', `state "${taken}"`, 'has a name of what was learned', 'another name');
}

/** A count beyond what numbers hold exactly is saved as the last that they do: a state must always load. */
function clampCount(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? Number.MAX_SAFE_INTEGER : value;
}

/** The engine that a saved state belongs to. Throws `store` where the bytes are no state. */
export function engineOfState(bytes: Uint8Array): string | undefined {
  return readChecked(bytes).metadata.engine;
}

/** All but learned weights, which a state has in the model's order. */
function ownOf(state: KeptState): KeptState {
  return Object.fromEntries(Object.entries(state).filter(([name]) => !name.endsWith('.weights.value')));
}

/**
 * Reads `bytes` into the arrays and counters of `running` and returns the step. All or nothing: throws `store`, with
 * everything untouched, when the bytes are damaged, belong to another model or have learned what is no number; a
 * `ForeignStateError` when they belong to another engine or build, or when a number of the activity cannot be.
 */
export function restoreState(bytes: Uint8Array, running: Omit<NetworkState, 'step'>): number {
  const { tensors, metadata } = readChecked(bytes);
  expectOwn(metadata, running);
  const step = Number(metadata.step);
  if (!STEPS.has(step)) {
    throw new SpikewireError('store', 'state', `has step "${metadata.step}"`, STEPS.expected);
  }
  const counters = readCounters(metadata.counters, running.counters);
  const own = metadata.version === FORMER_VERSION ? running.state : ownOf(running.state);
  for (const name of tensors.keys()) {
    if (!Object.hasOwn(own, name) && !isLearnedTensor(name))
      throw new ForeignStateError(`state "${name}"`, 'is not part of this net');
  }
  const learned = learnedIn({ tensors });
  running.learning?.expectFit(learned);
  const parts = Object.entries(own).map(([name, numbers]) => partOf(name, tensors.get(name)?.data, numbers));
  const misfit = misfitOf(parts, (...said) => new ForeignStateError(...said));
  if (misfit !== undefined) throw misfit;

  for (const { numbers, saved } of parts) numbers.view.set(saved);
  running.learning?.takeOver(learned);
  Object.assign(running.counters, counters);
  return step;
}

function expectOwn({ model, engine, part }: Safetensors['metadata'], running: Omit<NetworkState, 'step'>): void {
  if (model !== running.model) throw new SpikewireError('store', 'state', `belongs to model ${model}`, running.model);
  if (part === 'learned') throw new ForeignStateError('state', 'is what another form of the model has learned');
  if (engine === running.engine) return;
  throw new ForeignStateError('state', `belongs to engine "${engine}"`, `"${running.engine}"`);
}

/** A state of another model as one of `model` that has only what was learned. Throws `store`. */
export function learnedAlone(bytes: Uint8Array, model: string): Uint8Array {
  const { tensors, metadata } = readChecked(bytes);
  if (metadata.version === FORMER_VERSION) readLearned(bytes);
  const learned = new Map([...tensors].filter(([name]) => isLearnedTensor(name)));
  return written(learned, { ...metadata, model, part: 'learned' });
}

/** A state that has learned this and nothing else; its activity stays as it is. Throws `store`. */
export function withLearned(bytes: Uint8Array, learned: LearnedState): Uint8Array {
  const { tensors, metadata } = readChecked(bytes);
  const own = [...tensors].filter(([name]) => !isLearnedTensor(name));
  return written(new Map([...learnedTensors(learned), ...own]), metadata);
}

/** A state as one of another model whose states mean the same. */
export function asOf(model: string, bytes: Uint8Array): Uint8Array {
  const { tensors, metadata } = readChecked(bytes);
  return written(tensors, { ...metadata, model });
}

function written(tensors: Safetensors['tensors'], metadata: Safetensors['metadata']): Uint8Array {
  const bytes = writeSafetensors(tensors, { ...metadata, digest: BLANK_DIGEST });
  seal(bytes);
  return bytes;
}

function readChecked(bytes: Uint8Array): Safetensors {
  const file = readSealed(bytes);
  const { format, version } = file.metadata;
  if (format === FORMAT && (version === VERSION || version === FORMER_VERSION)) return file;
  throw new SpikewireError(
    'store',
    'state',
    `is of format ${format} ${version}`,
    `${FORMAT} ${FORMER_VERSION} or ${VERSION}`,
  );
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
    throw new SpikewireError('store', 'state', 'has counters that are not JSON', undefined, cause);
  }
  const counters = { ...running };
  for (const name of Object.keys(running) as (keyof NetworkCounters)[]) {
    // What an earlier build did not count begins at 0.
    const count = (saved as Readonly<Record<string, unknown>> | null)?.[name] ?? 0;
    if (typeof count !== 'number' || !COUNTS.has(count))
      throw new SpikewireError('store', 'state', `has ${name} ${JSON.stringify(count)}`, COUNTS.expected);
    counters[name] = count;
  }
  return counters;
}

function isLaterCount(name: string): boolean {
  return COUNTED_SINCE.some((count) => name === count || name.endsWith(`.${count}`));
}

function partOf(name: string, saved: TensorData | undefined, numbers: KeptNumbers): SavedPart {
  const { view } = numbers;
  const where = `state "${name}"`;
  if (saved === undefined && isLaterCount(name)) return { where, numbers, saved: view.slice().fill(0) };
  if (saved?.constructor === view.constructor && saved.length === view.length) return { where, numbers, saved };
  const found = saved === undefined ? 'is missing' : `is ${saved.constructor.name}[${saved.length}]`;
  throw new ForeignStateError(where, found, `${view.constructor.name}[${view.length}]`);
}

/** `RunningNetwork.goOn`, by what else a net does. */
export function goOn(
  network: Pick<RunningNetwork, 'restore' | 'restoreLearned' | 'resetActivity'>,
  state: Uint8Array,
): LearnedOnly | undefined {
  try {
    network.restore(state);
    return undefined;
  } catch (error) {
    if (!(error instanceof ForeignStateError)) throw error;
    const reports = network.restoreLearned(readLearned(state));
    network.resetActivity();
    return { because: error.message, reports };
  }
}
