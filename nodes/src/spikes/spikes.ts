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

/** Steps of a window, and its steps times its elements. */
export const MOST_STEPS = 4096;
export const MOST_PLACES = 2 ** 20;

/** Spikes by step from events in their order. */
export function spikesOf(size: number, steps: number, events: Iterable<readonly [number, number, number]>): Spikes {
  const spikes: number[][] = Array.from({ length: steps }, () => []);
  const values: number[][] = Array.from({ length: steps }, () => []);
  let plain = true;
  for (const [step, index, value] of events) {
    spikes[step]!.push(index);
    values[step]!.push(value);
    if (value !== 1) plain = false;
  }
  return { size, steps, spikes, ...(plain ? {} : { values }) };
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
  const events = spikes.flatMap((indices, step) => {
    if (!Array.isArray(indices)) throw noSpikes(`spikes[${step}] is ${describeValue(indices)}`, 'a list of elements');
    const carried = values?.[step];
    return indices.map((index: unknown, k) => [step, checkIndex(index, size), carriedBy(carried, k, step)] as const);
  });
  const highest = events.reduce((most, [, index]) => Math.max(most, index), 0);
  const elements = size ?? highest + 1;
  if (elements * spikes.length > MOST_PLACES)
    throw noSpikes(`has ${elements} elements in ${spikes.length} steps`, `at most ${MOST_PLACES} of both together`);
  return {
    size: elements,
    steps: spikes.length,
    events: {
      length: events.length,
      step: (k) => events[k]![0],
      index: (k) => events[k]![1],
      value: (k) => events[k]![2],
    },
  };
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
