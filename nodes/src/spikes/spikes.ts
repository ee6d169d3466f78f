import { describeValue, SpikewireError } from 'spikewire';

/** The spikes of one window, as messages between nodes hold them (docs/messages.md). */
export interface Spikes {
  /** Milliseconds since 1970. */
  readonly t?: number;
  /** Elements that may spike. */
  readonly size: number;
  readonly steps: number;
  /** The elements that spike in each step. */
  readonly spikes: readonly (readonly number[])[];
  /** What each of them carries; absent: 1. */
  readonly values?: readonly (readonly number[])[];
}

/** Steps of a window, its steps times its elements, and its spikes: more would keep Node-RED from all else. */
export const MOST_STEPS = 4096;
export const MOST_PLACES = 2 ** 18;
export const MOST_SPIKES = 2 ** 17;

/** Takes events in their order, and gives the spikes by step. */
export class SpikesOfSteps {
  readonly #size: number;
  readonly #spikes: number[][];
  readonly #values: number[][];
  #count = 0;
  #isPlain = true;

  constructor(size: number, steps: number) {
    this.#size = size;
    this.#spikes = Array.from({ length: steps }, () => []);
    this.#values = Array.from({ length: steps }, () => []);
  }

  /** Throws `input` for one spike too many. */
  add(step: number, index: number, value: number): void {
    if (++this.#count > MOST_SPIKES)
      throw new SpikewireError(
        'input',
        'msg.payload',
        `makes more than ${MOST_SPIKES} spikes`,
        'fewer numbers or steps',
      );
    this.#spikes[step]!.push(index);
    this.#values[step]!.push(value);
    if (value !== 1) this.#isPlain = false;
  }

  get spikes(): Spikes {
    const steps = this.#spikes.length;
    return { size: this.#size, steps, spikes: this.#spikes, ...(this.#isPlain ? {} : { values: this.#values }) };
  }
}

/** What a decoder reads of a window. */
export interface SpikeWindow {
  readonly size: number;
  readonly steps: number;
  readonly events: {
    readonly length: number;
    step(k: number): number;
    index(k: number): number;
    value(k: number): number;
  };
}

/** Reads a payload. Throws `input` with what is wrong; where no size is said, it is that of the highest element. */
export function windowOf(payload: unknown): SpikeWindow {
  const { spikes, values, size } = asDocument(payload);
  const lists = spikes.map((indices, step) => listAt(indices, step));
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  if (count > MOST_SPIKES) throw noSpikes(`has ${count} spikes`, `at most ${MOST_SPIKES}`);
  const events = { step: new Uint16Array(count), index: new Uint32Array(count), value: new Float64Array(count) };
  let at = 0;
  let highest = 0;
  for (const [step, indices] of lists.entries()) {
    const carried = values?.[step];
    for (let k = 0; k < indices.length; k++, at++) {
      events.step[at] = step;
      events.index[at] = checkIndex(indices[k], size);
      events.value[at] = carriedBy(carried, k, step);
      highest = Math.max(highest, events.index[at]!);
    }
  }
  const elements = size ?? highest + 1;
  if (elements * spikes.length > MOST_PLACES)
    throw noSpikes(`has ${elements} elements in ${spikes.length} steps`, `at most ${MOST_PLACES} of both together`);
  return {
    size: elements,
    steps: spikes.length,
    events: {
      length: count,
      step: (k) => events.step[k]!,
      index: (k) => events.index[k]!,
      value: (k) => events.value[k]!,
    },
  };
}

function listAt(indices: unknown, step: number): readonly unknown[] {
  if (Array.isArray(indices)) return indices;
  throw noSpikes(`spikes[${step}] is ${describeValue(indices)}`, 'a list of elements');
}

function asDocument(payload: unknown) {
  const { spikes, values, size } = (typeof payload === 'object' && payload !== null ? payload : {}) as Partial<
    Record<keyof Spikes, unknown>
  >;
  if (!Array.isArray(spikes) || spikes.length === 0 || spikes.length > MOST_STEPS)
    throw noSpikes('has no spikes', `spikes, a list for each of up to ${MOST_STEPS} steps`);
  if (values !== undefined && !Array.isArray(values)) throw noSpikes('has no list as values', 'a list for each step');
  if (size !== undefined && !(Number.isInteger(size) && (size as number) > 0))
    throw noSpikes(`size is ${describeValue(size)}`, 'a whole number above 0');
  return { spikes: spikes as unknown[], values: values as unknown[] | undefined, size: size as number | undefined };
}

function checkIndex(index: unknown, size: number | undefined): number {
  if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < (size ?? MOST_PLACES))
    return index as number;
  throw noSpikes(`has ${describeValue(index)} among its spikes`, `elements from 0 to ${(size ?? MOST_PLACES) - 1}`);
}

function carriedBy(carried: unknown, k: number, step: number): number {
  if (carried === undefined) return 1;
  const value = Array.isArray(carried) ? (carried[k] as unknown) : undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw noSpikes(`values[${step}] is ${describeValue(carried)}`, 'a number for each spike of the step');
}

function noSpikes(problem: string, expected: string): SpikewireError {
  return new SpikewireError('input', 'msg.payload', problem, expected);
}
