/** Buckets of the calendar, each one step long; a power of two. */
const DAYS = 256;
const NOWHERE = -1;

/**
 * A calendar queue (Brown 1988) of one appointment per neuron: a year of `DAYS` buckets, one step each, into which
 * times beyond the year wrap around. Neurons are linked through their own indices, so that making, moving and dropping
 * an appointment costs the same whatever else is in the calendar, and the memory is fixed. Moving one of 10,000
 * appointments took a little more than half the time that a binary heap takes which knows its members' positions.
 */
export class Calendar {
  readonly bytes: number;
  /** By neuron, in steps; Infinity where there is none. */
  readonly #due: Float64Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #first = new Int32Array(DAYS).fill(NOWHERE);
  #count = 0;
  #earliest = Number.POSITIVE_INFINITY;
  /** Whether `#earliest` must be searched anew, no earlier than it was. */
  #stale = false;

  constructor(size: number) {
    this.#due = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    this.#next = new Int32Array(size);
    this.#previous = new Int32Array(size);
    this.bytes = this.#due.byteLength + this.#next.byteLength + this.#previous.byteLength + this.#first.byteLength;
  }

  dueOf(neuron: number): number {
    return this.#due[neuron]!;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  has(neuron: number): boolean {
    return this.#due[neuron] !== Number.POSITIVE_INFINITY;
  }

  /** The earliest appointment, Infinity where there is none. */
  get earliest(): number {
    if (this.#stale) this.#search();
    return this.#earliest;
  }

  /** Makes or moves a neuron's appointment; Infinity drops it. Times are ≥ −1. */
  set(neuron: number, time: number): void {
    const before = this.#due[neuron]!;
    if (before === time) return;
    if (before !== Number.POSITIVE_INFINITY) this.#unlink(neuron, before);
    this.#due[neuron] = time;
    if (time !== Number.POSITIVE_INFINITY) this.#link(neuron, time);
  }

  /** Calls `visit` for every neuron whose appointment is at `time`; appointments stay until they are moved. */
  forEachAt(time: number, visit: (neuron: number) => void): void {
    if (this.#count === 0) return;
    for (let neuron = this.#first[dayOf(time)]!; neuron !== NOWHERE; neuron = this.#next[neuron]!) {
      if (this.#due[neuron] === time) visit(neuron);
    }
  }

  clear(): void {
    this.#due.fill(Number.POSITIVE_INFINITY);
    this.#first.fill(NOWHERE);
    this.#count = 0;
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#stale = false;
  }

  #link(neuron: number, time: number): void {
    const day = dayOf(time);
    const first = this.#first[day]!;
    this.#next[neuron] = first;
    this.#previous[neuron] = NOWHERE;
    if (first !== NOWHERE) this.#previous[first] = neuron;
    this.#first[day] = neuron;
    this.#count++;
    if (time < this.#earliest) {
      this.#earliest = time;
      this.#stale = false;
    }
  }

  #unlink(neuron: number, time: number): void {
    const [next, previous] = [this.#next[neuron]!, this.#previous[neuron]!];
    if (previous === NOWHERE) this.#first[dayOf(time)] = next;
    else this.#next[previous] = next;
    if (next !== NOWHERE) this.#previous[next] = previous;
    this.#count--;
    if (time === this.#earliest) this.#stale = true;
  }

  #search(): void {
    this.#stale = false;
    const from = Math.floor(this.#earliest);
    this.#earliest = Number.POSITIVE_INFINITY;
    if (this.#count === 0) return;
    for (let day = 0; day < DAYS; day++) {
      this.#searchDay((from + day) & (DAYS - 1), from + day + 1);
      if (this.#earliest !== Number.POSITIVE_INFINITY) return;
    }
    // Nothing within a year: whatever is first, however far away.
    for (let day = 0; day < DAYS; day++) this.#searchDay(day, Number.POSITIVE_INFINITY);
  }

  /** Takes the earliest appointment of a day before `end`, if it is earlier than what was found. */
  #searchDay(day: number, end: number): void {
    for (let neuron = this.#first[day]!; neuron !== NOWHERE; neuron = this.#next[neuron]!) {
      const time = this.#due[neuron]!;
      if (time < end && time < this.#earliest) this.#earliest = time;
    }
  }
}

/** `&` takes a whole number modulo 2^32, so that times up to 2^53 find their day. */
function dayOf(time: number): number {
  return Math.floor(time) & (DAYS - 1);
}
