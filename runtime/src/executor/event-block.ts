import type { EventList } from '../engine/event-buffer.ts';
import type { WindowResult } from './executor.ts';

/** Bytes of an event: value, step, node and index. */
const EVENT_BYTES = 8 + 3 * 4;

/**
 * The events in one block of memory, which `postMessage` hands over without a copy: in `block`, or in a new one where they do not
 * fit. Where every window brought arrays of its own, megabytes of them would wait for the garbage collector on both sides.
 */
export function intoBlock({ value, step, node, index }: EventList, block?: ArrayBuffer): EventList {
  const events = step.length;
  const needed = events * EVENT_BYTES;
  const memory = block !== undefined && block.byteLength >= needed ? block : new ArrayBuffer(needed);
  const integers = (k: number) => new Int32Array(memory, (8 + 4 * k) * events, events);
  const list = { value: new Float64Array(memory, 0, events), step: integers(0), node: integers(1), index: integers(2) };
  list.value.set(value);
  list.step.set(step);
  list.node.set(node);
  list.index.set(index);
  return list;
}

/** The block of a list that `intoBlock` made, here or in another thread. */
export function blockOf({ value }: EventList): ArrayBuffer {
  return value.buffer as ArrayBuffer;
}

/** The events in arrays of their own, for somebody who keeps them while the block travels on. */
export function outOfBlock({ value, step, node, index }: EventList): EventList {
  return { value: value.slice(), step: step.slice(), node: node.slice(), index: index.slice() };
}

/**
 * The same result with `output` in another place. Written out, because V8 gives each object that comes from `...` a hidden class
 * of its own, which only a full collection takes away: at one window per call, tens of megabytes.
 */
export function withOutput(result: WindowResult, output: EventList): WindowResult {
  const { membranes, raster, dropped, step, counters, taught } = result;
  return { output, membranes, raster, dropped, step, counters, taught };
}
