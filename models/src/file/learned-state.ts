import { SpikewireError } from '../error.ts';
import { expectWithin, LARGEST_FLOAT32, real } from '../kept-numbers.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { checkDigest } from './digest.ts';
import { readSafetensors, type Safetensors } from './safetensors.ts';

/** What one connection has learned: its weights, in the order of its tensor in the graph. */
export interface LearnedWeightsState {
  /** In the units of the graph; where they are whole numbers, so many of them make one unit as `stepsPerUnit` says. */
  readonly weights: Float64Array | Float32Array | Int16Array | Int8Array;
  /** By row, that is, for all weights that lead to one output or channel; where synapses are listed, for each. */
  readonly stepsPerUnit?: Float64Array;
  /** What its rules remember beside the weights, by `<index of the rule>.<name>`. */
  readonly memory?: ReadonlyMap<string, Float32Array>;
}

/**
 * What a net has learned, by connection node. It belongs to the model: every engine reads it, whoever wrote it, while
 * membranes, traces, delays and generators are an engine's own.
 */
export type LearnedState = ReadonlyMap<string, LearnedWeightsState>;

/** Weight k in the units of the graph. */
export function learnedWeight({ weights, stepsPerUnit }: LearnedWeightsState, k: number): number {
  if (stepsPerUnit === undefined) return weights[k]!;
  return weights[k]! / stepsPerUnit[Math.floor((k * stepsPerUnit.length) / weights.length)]!;
}

/** Names of a state's tensors begin with these; what follows is the name of the connection. */
const WEIGHTS = 'learned/';
const STEPS = 'steps/';
/** What stands between `memory/` and the name of the connection: index of the rule, and name. */
const MEMORY = /^memory\/(\d+\.\w+)\/(.*)$/s;

/**
 * The tensors of a state file that hold what was learned. Throws `store` where a weight is no finite number, because no
 * net could go on from there.
 */
export function learnedTensors(learned: LearnedState): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, { weights, stepsPerUnit, memory = [] }] of learned) {
    expectWithin(`state "${WEIGHTS}${name}"`, weights, real());
    tensors.set(`${WEIGHTS}${name}`, tensor(weights));
    if (stepsPerUnit !== undefined) tensors.set(`${STEPS}${name}`, tensor(stepsPerUnit));
    for (const [key, values] of memory) tensors.set(`memory/${key}/${name}`, tensor(values));
  }
  return tensors;
}

/** Whether a state was refused because something that was learned is no finite number. */
export function isUnsoundLearning(failure: unknown): failure is SpikewireError {
  return failure instanceof SpikewireError && failure.code === 'store' && failure.where.startsWith(`state "${WEIGHTS}`);
}

/** Whether a tensor of a state file belongs to what was learned. */
export function isLearnedTensor(name: string): boolean {
  return name.startsWith(WEIGHTS) || name.startsWith(STEPS) || MEMORY.test(name);
}

/** What was learned, of the tensors of a state file. Throws `store` where it is none of these. */
export function learnedIn({ tensors }: Pick<Safetensors, 'tensors'>): LearnedState {
  const learned = new Map<string, LearnedWeightsState>();
  for (const [key, { data: weights }] of tensors) {
    if (!key.startsWith(WEIGHTS)) continue;
    const name = key.slice(WEIGHTS.length);
    const where = `state "${key}"`;
    const memory = memoryOf(name, tensors);
    const stepsPerUnit = tensors.get(`${STEPS}${name}`)?.data;
    if (!isFloat(weights) && !isWhole(weights)) throw misfit(where, weights, 'float64, float32, int16 or int8');
    expectWithin(where, weights, real());
    if (isWhole(weights) === (stepsPerUnit === undefined)) {
      const problem = stepsPerUnit === undefined ? 'has whole numbers and nothing' : 'has real numbers and something';
      throw new SpikewireError('store', where, `${problem} that says what they are worth`);
    }
    if (stepsPerUnit === undefined) {
      learned.set(name, { weights, memory });
      continue;
    }
    if (!(stepsPerUnit instanceof Float64Array) || !divides(stepsPerUnit, weights.length))
      throw misfit(`state "${STEPS}${name}"`, stepsPerUnit, `one positive number for each row of ${weights.length}`);
    learned.set(name, { weights, stepsPerUnit, memory });
  }
  return learned;
}

function memoryOf(connection: string, tensors: Safetensors['tensors']): Map<string, Float32Array> {
  const memory = new Map<string, Float32Array>();
  for (const [name, { data }] of tensors) {
    const [, key, owner] = MEMORY.exec(name) ?? [];
    if (owner !== connection) continue;
    if (!(data instanceof Float32Array)) throw misfit(`state "${name}"`, data, 'float32');
    memory.set(key!, data);
  }
  return memory;
}

/**
 * What was learned, of a state file of an engine or of a session. Throws `store` for what is none, or is of a version
 * that does not keep it apart.
 */
export function readLearned(bytes: Uint8Array): LearnedState {
  const { tensors, metadata } = readState(bytes);
  const { format, version } = metadata;
  const inner = tensors.get('engine')?.data;
  if (format === 'spikewire-session' && inner instanceof Uint8Array) return readLearned(inner);
  if (format !== 'spikewire-state') throw new SpikewireError('store', 'state', 'is not a state', 'the state of a net');
  orDamaged(() => checkDigest(bytes, metadata.digest));
  if (version !== '1') return learnedIn({ tensors });
  throw new SpikewireError(
    'store',
    'state',
    'is of version 1, which only the engine that wrote it can read',
    'version 2',
  );
}

function readState(bytes: Uint8Array): Safetensors {
  return orDamaged(() => readSafetensors(bytes, { allowNonFinite: true }));
}

function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SpikewireError('store', 'state', `is damaged (${(cause as Error).message})`, undefined, cause);
  }
}

function isFloat(data: Tensor['data']): data is Float64Array | Float32Array {
  return data instanceof Float64Array || data instanceof Float32Array;
}

function isWhole(data: Tensor['data']): data is Int16Array | Int8Array {
  return data instanceof Int16Array || data instanceof Int8Array;
}

/** With fewer steps per unit the largest whole number would be a weight that float32 cannot hold. */
const FEWEST_STEPS = 2 ** 15 / LARGEST_FLOAT32;

function divides(steps: Float64Array, weights: number): boolean {
  return weights % steps.length === 0 && steps.every((step) => step >= FEWEST_STEPS && Number.isFinite(step));
}

function misfit(where: string, data: Tensor['data'], expected: string): SpikewireError {
  return new SpikewireError('store', where, `is ${data.constructor.name}[${data.length}]`, expected);
}
