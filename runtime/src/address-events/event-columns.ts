import { SpikewireError } from '@spikewire/models';
import { type AddressEvents, addressEvents, type SensorSize } from './address-events.ts';

const FIRST_CAPACITY = 1024;
/** Both are whole in float64, and so is their sum. */
const LATEST = 2 ** 52;
/** Columns and rows have 16 bits. */
const FARTHEST = 65_535;

/** Gathers the events of a file of which nobody knows how many there are, at most `most`. */
export class EventColumns {
  readonly #most: number;
  #columns = addressEvents(FIRST_CAPACITY);
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Throws `budget` for more events than there is memory for, `file` for times and places that cannot be. */
  push(microseconds: number, x: number, y: number, polarity: number): void {
    if (this.#length === this.#most) {
      throw new SpikewireError('budget', 'recording', `has more than ${this.#most} events`, 'more --memory');
    }
    if (!(Math.abs(microseconds) <= LATEST)) {
      throw new SpikewireError('file', `event ${this.#length}`, `is at ${microseconds} µs`, `at most ${LATEST} µs`);
    }
    if (x > FARTHEST || y > FARTHEST) {
      const place = `x and y of at most ${FARTHEST}`;
      throw new SpikewireError('file', `event ${this.#length}`, `is at x ${x}, y ${y}`, place);
    }
    if (this.#length === this.#columns.time.length) this.#grow();
    const { time, ...rest } = this.#columns;
    time[this.#length] = microseconds;
    rest.x[this.#length] = x;
    rest.y[this.#length] = y;
    rest.polarity[this.#length++] = polarity;
  }

  #grow(): void {
    const former = this.#columns;
    this.#columns = addressEvents(Math.min(2 * this.#length, this.#most));
    copy(former, this.#columns, (k) => k, this.#length);
  }

  /** The events in order of time, those of the same time as they came; the first is at 0 s. */
  finish(size?: SensorSize, polarities: 1 | 2 = 2): AddressEvents {
    const { time } = this.#columns;
    let [disordered, latest] = [0, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < this.#length; k++) {
      if (time[k]! < latest) disordered++;
      else latest = time[k]!;
    }
    const events = addressEvents(this.#length);
    const order = disordered === 0 ? undefined : this.#order();
    copy(this.#columns, events, (k) => order?.[k] ?? k, this.#length);
    const start = events.time[0] ?? 0;
    for (let k = 0; k < this.#length; k++) events.time[k] = (events.time[k]! - start) / 1e6;
    return { ...events, size, polarities, start, disordered };
  }

  #order(): Uint32Array {
    const { time } = this.#columns;
    return Uint32Array.from({ length: this.#length }, (_, k) => k).sort((a, b) => time[a]! - time[b]! || a - b);
  }
}

function copy(from: AddressEvents, to: AddressEvents, of: (k: number) => number, length: number): void {
  for (let k = 0; k < length; k++) {
    const source = of(k);
    to.time[k] = from.time[source]!;
    to.x[k] = from.x[source]!;
    to.y[k] = from.y[source]!;
    to.polarity[k] = from.polarity[source]!;
  }
}
