/**
 * Events with times in seconds, at any resolution, in order: parallel arrays of fixed capacity. What does not fit is counted, never
 * kept.
 */
export class TimedEventBuffer {
  readonly capacity: number;
  /** Seconds since the start of the net. */
  readonly time: Float64Array;
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
    this.time = new Float64Array(capacity);
    this.node = new Int32Array(capacity);
    this.index = new Int32Array(capacity);
    this.value = new Float64Array(capacity);
  }

  push(time: number, node: number, index: number, value: number): void {
    const at = this.length;
    if (at === this.capacity) {
      this.dropped++;
      return;
    }
    this.time[at] = time;
    this.node[at] = node;
    this.index[at] = index;
    this.value[at] = value;
    this.length = at + 1;
  }

  clear(): void {
    this.length = 0;
  }
}
