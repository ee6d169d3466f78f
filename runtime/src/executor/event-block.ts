import type { WindowResult } from '@spikewire/engine/executor';
import type { EventList } from '@spikewire/engine/network';

/** Bytes of an event: value, step, node and index. A thread that only hands events on does not load the engine. */
const EVENT_BYTES = 8 + 3 * 4;

/**
 * The events of a window on their way between threads: one block of memory, which `postMessage` hands over without a
 * copy.
 */
export interface EventBlock {
  readonly events: number;
  /** Float64 values, then steps, nodes and indices as int32; there may be more room behind. */
  readonly memory: ArrayBuffer;
}

/**
 * The events in `spare`, or in a new block where they do not fit. Where every window brought arrays of its own,
 * megabytes of them would wait for the garbage collector on both sides.
 */
export function intoBlock({ value, step, node, index }: EventList, spare?: ArrayBuffer): EventBlock {
  const events = step.length;
  const needed = events * EVENT_BYTES;
  const memory = spare !== undefined && spare.byteLength >= needed ? spare : new ArrayBuffer(needed);
  new Float64Array(memory, 0, events).set(value);
  const integers = new Int32Array(memory, 8 * events, 3 * events);
  integers.set(step);
  integers.set(node, events);
  integers.set(index, 2 * events);
  return { events, memory };
}

/** The events where they lie. */
export function fromBlock({ events, memory }: EventBlock): EventList {
  const integers = (k: number) => new Int32Array(memory, (8 + 4 * k) * events, events);
  return { value: new Float64Array(memory, 0, events), step: integers(0), node: integers(1), index: integers(2) };
}

/** A copy, for somebody who keeps the events while the block travels on. */
export function outOfBlock({ events, memory }: EventBlock): EventList {
  return fromBlock({ events, memory: memory.slice(0, events * EVENT_BYTES) });
}

/**
 * The same result with its output in another form. Written out, because V8 gives each object that comes from `...` a
 * hidden class of its own, which only a full collection takes away: at one window per call, tens of megabytes.
 * `Required`, so that none is forgotten.
 */
export function withOutput<Output>(
  result: Omit<WindowResult, 'output'>,
  output: Output,
): Required<Omit<WindowResult, 'output'>> & { readonly output: Output } {
  const { membranes, raster, dropped, step, counters, taught, nonFinite, chosen } = result;
  return { output, membranes, raster, dropped, step, counters, taught, nonFinite, chosen };
}
