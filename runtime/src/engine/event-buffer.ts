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

  constructor(capacity: number) {
    this.capacity = capacity;
    this.step = new Int32Array(capacity);
    this.node = new Int32Array(capacity);
    this.index = new Int32Array(capacity);
    this.value = new Float64Array(capacity);
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

  /** A full buffer that holds a list's events. */
  static of(list: EventList): EventBuffer {
    const buffer = new EventBuffer(list.step.length);
    buffer.step.set(list.step);
    buffer.node.set(list.node);
    buffer.index.set(list.index);
    buffer.value.set(list.value);
    buffer.length = buffer.capacity;
    return buffer;
  }
}
