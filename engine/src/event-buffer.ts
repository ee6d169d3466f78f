import { EventColumns } from './event-columns.ts';

/** Of an event in a list or a buffer. */
export const EVENT_BYTES = 20;

/** Events as they travel between threads and to devices: parallel arrays of one length, in order of steps. */
export interface EventList {
  readonly step: Int32Array;
  /** Index of the node in the resolved graph. */
  readonly node: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

/** The events of one window: what encoders write, engines read and write, and devices exchange. */
export class EventBuffer extends EventColumns<Int32Array> {
  /** Step within the window; events are pushed in order of steps. */
  readonly step: Int32Array;

  /** An empty buffer for `storage` events, or in the arrays of a list. */
  constructor(storage: number | EventList) {
    const { step, node, index, value } = typeof storage === 'number' ? emptyList(storage) : storage;
    super(step, node, index, value);
    this.step = step;
  }

  /** A copy of the events, as long as they are. */
  toList(): EventList {
    const { length } = this;
    const list = listInOneBlock(length);
    list.step.set(this.step.subarray(0, length));
    list.node.set(this.node.subarray(0, length));
    list.index.set(this.index.subarray(0, length));
    list.value.set(this.value.subarray(0, length));
    return list;
  }

  /** A full buffer that holds a list's events, in the list's own arrays. */
  static of(list: EventList): EventBuffer {
    const buffer = new EventBuffer(list);
    buffer.length = buffer.capacity;
    return buffer;
  }
}

/** The events from a step to before another, which count from the first. */
export function between({ step, node, index, value }: EventList, from: number, to: number): EventList {
  const [start, end] = [firstFrom(step, from), firstFrom(step, to)];
  return {
    step: step.slice(start, end).map((at) => at - from),
    node: node.subarray(start, end),
    index: index.subarray(start, end),
    value: value.subarray(start, end),
  };
}

/** Where the first event is that is not before a step. */
function firstFrom(steps: Int32Array, step: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pages of memory are taken as they are written, so that there may be far more room than events. */
function emptyList(length: number): EventList {
  const [step, node, index] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)];
  return { step, node, index, value: new Float64Array(length) };
}

/** One block of memory costs less to get and to give back than four. */
function listInOneBlock(length: number): EventList {
  const memory = new ArrayBuffer(EVENT_BYTES * length);
  const integers = (k: number) => new Int32Array(memory, (8 + 4 * k) * length, length);
  return { step: integers(0), node: integers(1), index: integers(2), value: new Float64Array(memory, 0, length) };
}
