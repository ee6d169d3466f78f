const HOUR = 3600e3;
const HOURS_PER_DAY = 24;
const DAY = HOURS_PER_DAY * HOUR;

const MIB = 2 ** 20;

/**
 * Who asks for a write, the most patient first: learning from readings, a lesson, the end of the process, a command of
 * a person.
 */
const URGENCIES = ['routine', 'lesson', 'shutdown', 'command'] as const;
export type Urgency = (typeof URGENCIES)[number];

export function moreUrgent(one: Urgency, other: Urgency): Urgency {
  return URGENCIES.indexOf(one) > URGENCIES.indexOf(other) ? one : other;
}

/** Shares of the full bucket that a write leaves to more urgent ones. */
const LEFT: Readonly<Record<Urgency, number>> = { routine: 1 / 2, lesson: 1 / 4, shutdown: 0, command: 0 };

/** Writes beyond the bucket for a person's commands; one of more than a MiB counts once for each. */
const LOANS = 300;
/** Milliseconds in which all of them come back. */
const LOANS_BACK = 3 * DAY;

/** No level is lower: what a save takes is far less. */
const LOWEST = -(2 ** 31);

/** What survives a restart. */
export interface BudgetRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Bytes that might have been written at once at that time. */
  readonly level: number;
  /** Writes beyond that for a person's commands; all where an earlier version has not counted them. */
  readonly loans?: number;
  /** Bytes written in that hour of the clock and the 23 before it, the oldest first. */
  readonly hours: readonly number[];
}

/**
 * How much may be written to a medium that wears out: a token bucket (Turner 1986) that holds a quarter of the day's
 * bytes and fills with the other three in 24 hours, so that no 24 hours ever see more than the day's bytes (by more
 * than what a single write is larger than an eighth of them). Half of it is kept for what cannot wait: lessons may
 * have half of that, a shutdown and a person's command all. Where it is empty, a second bucket lends to commands: 300
 * writes or MiB at once, and then 100 a day. Pure: it neither waits nor writes.
 */
export class WriteBudget {
  readonly bytesPerDay: number;
  readonly #capacity: number;
  /** Bytes per millisecond. */
  readonly #rate: number;
  readonly #clock: () => number;
  /** At a time before which the clock does not go; what is set aside is taken from it. */
  #level: number;
  #setAside = 0;
  #loans: number;
  #time: number;
  #hours: number[];

  /**
   * @param clock milliseconds since 1970, never going back
   * @param record what an earlier process left; full buckets without one
   */
  constructor(bytesPerDay: number, clock: () => number, record?: BudgetRecord) {
    this.bytesPerDay = bytesPerDay;
    this.#capacity = bytesPerDay / 4;
    this.#rate = (bytesPerDay - this.#capacity) / DAY;
    this.#clock = clock;
    this.#level = Math.min(record?.level ?? this.#capacity, this.#capacity);
    this.#loans = Math.min(record?.loans ?? LOANS, LOANS);
    this.#time = record?.time ?? clock();
    this.#hours = [...(record?.hours ?? new Array(HOURS_PER_DAY).fill(0))];
  }

  /**
   * Sets bytes aside for a write and returns the milliseconds after which it may be done. Those who ask first are
   * served first, whatever the size: who waits has paid.
   */
  reserve(bytes: number, urgency: Urgency = 'routine'): number {
    this.#refill();
    this.#level -= bytes;
    this.#setAside += bytes;
    return this.waitFor(bytes, urgency);
  }

  /**
   * Milliseconds after which bytes that are set aside may be written, should nobody else ask for any. A full bucket
   * allows one write of any size.
   */
  waitFor(bytes: number, urgency: Urgency): number {
    this.#refill();
    const left = LEFT[urgency] * this.#capacity;
    const needed = urgency === 'routine' ? left : Math.min(left, this.#capacity - bytes);
    return Math.max(0, (needed - this.#level) / this.#rate);
  }

  /**
   * Lends bytes that are set aside for a person's command, and returns 0; where that was done too often, nothing is
   * lent, and the milliseconds are those after which it will be.
   */
  lend(bytes: number): number {
    this.#refill();
    const loans = Math.min(LOANS, Math.max(1, bytes / MIB));
    if (this.#loans < loans) return ((loans - this.#loans) * LOANS_BACK) / LOANS;
    this.#loans -= loans;
    this.#level += bytes;
    return 0;
  }

  /** Gives back what was set aside and not written. */
  cancel(bytes: number): void {
    this.#level += bytes;
    this.#setAside -= bytes;
  }

  /** Bytes that were set aside are being written now. */
  written(bytes: number): void {
    this.#refill();
    this.#setAside -= bytes;
    this.#hours[HOURS_PER_DAY - 1]! += bytes;
  }

  /** Bytes written in the running hour of the clock and the 23 before it. */
  get writtenInLastDay(): number {
    this.#refill();
    return this.#hours.reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * What is set aside and not written comes back with the next process.
   *
   * @param ahead bytes to count as written already
   */
  record(ahead = 0): BudgetRecord {
    this.#refill();
    const hours = [...this.#hours];
    hours[HOURS_PER_DAY - 1]! += ahead;
    return { time: this.#time, level: this.#level + this.#setAside - ahead, loans: this.#loans, hours };
  }

  #refill(): void {
    const now = this.#clock();
    const hoursPassed = Math.min(Math.floor(now / HOUR) - Math.floor(this.#time / HOUR), HOURS_PER_DAY);
    for (let hour = 0; hour < hoursPassed; hour++) {
      this.#hours.shift();
      this.#hours.push(0);
    }
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#time) * this.#rate);
    this.#loans = Math.min(LOANS, this.#loans + ((now - this.#time) * LOANS) / LOANS_BACK);
    this.#time = now;
  }
}

/** A budget of which half is spent, for want of a record that can be read: a shutdown can still save. */
export function halfSpent(bytesPerDay: number, time: number): BudgetRecord {
  return { time, level: bytesPerDay / 8, loans: LOANS / 2, hours: new Array(HOURS_PER_DAY).fill(0) };
}

/** Reads a record; undefined for anything else. */
export function parseBudgetRecord(json: string): BudgetRecord | undefined {
  try {
    const { time, level, loans = LOANS, hours } = JSON.parse(json);
    const sound = [time, level, loans, ...hours].every((value) => Number.isFinite(value));
    const fits = time >= 0 && time <= 8.64e15 && hours.length === HOURS_PER_DAY && loans >= 0 && level >= LOWEST;
    return sound && fits && hours.every((bytes: number) => bytes >= 0) ? { time, level, loans, hours } : undefined;
  } catch {
    return undefined;
  }
}
