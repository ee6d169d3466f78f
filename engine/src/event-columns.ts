/**
 * Events in order as parallel arrays of fixed capacity, one of which says when each is. A spike is an event of value 1.
 * What does not fit is counted, never kept: nothing grows.
 */
export class EventColumns<When extends Int32Array | Float64Array> {
  readonly capacity: number;
  /** Index of the node in the resolved graph. */
  readonly node: Int32Array;
  /** Element of the node, row-major. */
  readonly index: Int32Array;
  readonly value: Float64Array;
  length = 0;
  /** Events that found the buffer full since it was made. */
  dropped = 0;
  readonly #when: When;

  constructor(when: When, node: Int32Array, index: Int32Array, value: Float64Array) {
    this.capacity = when.length;
    this.#when = when;
    this.node = node;
    this.index = index;
    this.value = value;
  }

  /** Bytes of its arrays. */
  get bytes(): number {
    return [this.#when, this.node, this.index, this.value].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  push(when: number, node: number, index: number, value: number): void {
    const at = this.length;
    if (at === this.capacity) {
      this.dropped++;
      return;
    }
    this.#when[at] = when;
    this.node[at] = node;
    this.index[at] = index;
    this.value[at] = value;
    this.length = at + 1;
  }

  clear(): void {
    this.length = 0;
  }
}

/** Events with times in seconds, at any resolution. */
export class TimedEventBuffer extends EventColumns<Float64Array> {
  /** Seconds since the start of the net. */
  readonly time: Float64Array;

  constructor(capacity: number) {
    const time = new Float64Array(capacity);
    super(time, new Int32Array(capacity), new Int32Array(capacity), new Float64Array(capacity));
    this.time = time;
  }
}
