import { EventColumns } from '../event-columns.ts';

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
