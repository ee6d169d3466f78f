/** Events as they travel between threads and to devices: parallel arrays of one length, in order of steps. */
export interface EventList {
  readonly step: Int32Array;
  /** Place of the node in the resolved graph. */
  readonly node: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

/**
 * The events of one window as parallel arrays of fixed capacity: what encoders write, engines read and write, and devices
 * exchange. A spike is an event of value 1. What does not fit is counted, never kept: nothing grows.
 */
export class EventBuffer {
  readonly capacity: number;
  /** Step within the window; events are pushed in order of steps. */
  readonly step: Int32Array;
  /** Place of the node in the resolved graph. */
  readonly node: Int32Array;
  /** Element of the node, row-major. */
  readonly index: Int32Array;
  readonly value: Float64Array;
  length = 0;
  /** Events that found the buffer full since it was made. */
  dropped = 0;

  /** An empty buffer for `storage` events, or in the arrays of a list. */
  constructor(storage: number | EventList) {
    const list = typeof storage === 'number' ? emptyList(storage) : storage;
    this.capacity = list.step.length;
    this.step = list.step;
    this.node = list.node;
    this.index = list.index;
    this.value = list.value;
  }

  push(step: number, node: number, index: number, value: number): void {
    const at = this.length;
    if (at === this.capacity) {
      this.dropped++;
      return;
    }
    this.step[at] = step;
    this.node[at] = node;
    this.index[at] = index;
    this.value[at] = value;
    this.length = at + 1;
  }

  clear(): void {
    this.length = 0;
  }

  /** A copy of the events, as long as they are. */
  toList(): EventList {
    return {
      step: this.step.slice(0, this.length),
      node: this.node.slice(0, this.length),
      index: this.index.slice(0, this.length),
      value: this.value.slice(0, this.length),
    };
  }

  /** A full buffer that holds a list's events, in the list's own arrays. */
  static of(list: EventList): EventBuffer {
    const buffer = new EventBuffer(list);
    buffer.length = buffer.capacity;
    return buffer;
  }
}

function emptyList(length: number): EventList {
  const [step, node, index] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)];
  return { step, node, index, value: new Float64Array(length) };
}
