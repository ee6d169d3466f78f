const HOUR = 3600e3;
const HOURS_PER_DAY = 24;
const DAY = HOURS_PER_DAY * HOUR;

/** What survives a restart. */
export interface BudgetRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Bytes that might have been written at once at that time. */
  readonly level: number;
  /** Bytes written in that hour of the clock and the 23 before it, the oldest first. */
  readonly hours: readonly number[];
}

/**
 * How much may be written to a medium that wears out: a token bucket (Turner 1986) that holds a quarter of the day's
 * bytes and fills with the other three in 24 hours, so that no 24 hours ever see more than the day's bytes (by more
 * than what a single write is larger than an eighth of them). Half of it is kept for what cannot wait: a shutdown, a
 * person's command. Pure: it neither waits nor writes.
 */
export class WriteBudget {
  readonly bytesPerDay: number;
  readonly #capacity: number;
  readonly #reserve: number;
  /** Bytes per millisecond. */
  readonly #rate: number;
  readonly #clock: () => number;
  /** At a time before which the clock does not go. */
  #level: number;
  #time: number;
  #hours: number[];

  /**
   * @param clock milliseconds since 1970, never going back
   * @param record what an earlier process left; a full bucket without one
   */
  constructor(bytesPerDay: number, clock: () => number, record?: BudgetRecord) {
    this.bytesPerDay = bytesPerDay;
    this.#capacity = bytesPerDay / 4;
    this.#reserve = this.#capacity / 2;
    this.#rate = (bytesPerDay - this.#capacity) / DAY;
    this.#clock = clock;
    this.#level = Math.min(record?.level ?? this.#capacity, this.#capacity);
    this.#time = record?.time ?? clock();
    this.#hours = [...(record?.hours ?? new Array(HOURS_PER_DAY).fill(0))];
  }

  /**
   * Sets bytes aside for a write and returns the milliseconds after which it may be done. Those who ask first are
   * served first, whatever the size: who waits has paid.
   */
  reserve(bytes: number): number {
    this.#refill();
    this.#level -= bytes;
    return Math.max(0, (this.#reserve - this.#level) / this.#rate);
  }

  /**
   * The same for what cannot wait: where the bytes are not there, nothing is set aside, and the milliseconds are those
   * after which they will be. A full bucket allows one write of any size.
   */
  reserveNow(bytes: number): number {
    this.#refill();
    const missing = Math.min(bytes, this.#capacity) - this.#level;
    if (missing > 0) return missing / this.#rate;
    this.#level -= bytes;
    return 0;
  }

  /** Gives back what was set aside and not written. */
  cancel(bytes: number): void {
    this.#level += bytes;
  }

  /** Bytes that were set aside are being written now. */
  written(bytes: number): void {
    this.#refill();
    this.#hours[HOURS_PER_DAY - 1]! += bytes;
  }

  /** Bytes written in the running hour of the clock and the 23 before it. */
  get writtenInLastDay(): number {
    this.#refill();
    return this.#hours.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** @param ahead bytes to count as set aside and as written already */
  record(ahead: { readonly reserved: number; readonly written: number } = { reserved: 0, written: 0 }): BudgetRecord {
    this.#refill();
    const hours = [...this.#hours];
    hours[HOURS_PER_DAY - 1]! += ahead.written;
    return { time: this.#time, level: this.#level - ahead.reserved, hours };
  }

  #refill(): void {
    const now = this.#clock();
    const hoursPassed = Math.min(Math.floor(now / HOUR) - Math.floor(this.#time / HOUR), HOURS_PER_DAY);
    for (let hour = 0; hour < hoursPassed; hour++) {
      this.#hours.shift();
      this.#hours.push(0);
    }
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#time) * this.#rate);
    this.#time = now;
  }
}

/** Reads a record; undefined for anything else. */
export function parseBudgetRecord(json: string): BudgetRecord | undefined {
  try {
    const { time, level, hours } = JSON.parse(json);
    const sound = [time, level, ...hours].every((value) => Number.isFinite(value));
    const fits = time >= 0 && time <= 8.64e15 && hours.length === HOURS_PER_DAY;
    return sound && fits && hours.every((bytes: number) => bytes >= 0) ? { time, level, hours } : undefined;
  } catch {
    return undefined;
  }
}
