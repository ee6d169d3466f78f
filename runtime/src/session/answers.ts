import { anything, type KeptNumbers, kept, real, SpikewireError, whole } from '@spikewire/models';

/** An answer the net gave: when, at which step of the net, and what. */
export interface Answer {
  readonly time: number;
  readonly step: number;
  /** Index of the class; −1 where the decoder names none. */
  readonly winner: number;
  readonly values: Float64Array;
}

/** The same as it is remembered. */
export interface RememberedAnswer extends Answer {
  readonly slot: number;
  /** Lessons about it, in the life of the process. */
  readonly lessons: number;
}

/** Numbers of a slot that stand before the values. */
const BEFORE_VALUES = 3;

/**
 * The newest answers, so that a lesson that comes late meets the answer it is about. A ring of fixed size: old answers
 * are forgotten. It is one array, saved with the session, so that a lesson still finds its answer after a restart.
 */
export class RecentAnswers {
  /** [answers ever added, then per slot: time, step, winner, values…]. */
  readonly state: Float64Array;
  readonly #capacity: number;
  readonly #size: number;
  /** By slot. */
  readonly #lessons: Float64Array;

  /** `size` is the number of values of an answer. */
  constructor(capacity: number, size: number) {
    this.#capacity = capacity;
    this.#size = size;
    this.#lessons = new Float64Array(capacity);
    this.state = new Float64Array(1 + capacity * (BEFORE_VALUES + size));
  }

  /** The state, as it is saved. What a broken net answered may be no numbers. */
  get kept(): KeptNumbers<Float64Array> {
    const slot = [real(), whole(), whole(-1), ...new Array(this.#size).fill(anything)];
    return kept(this.state, whole(), ...new Array(this.#capacity).fill(slot).flat());
  }

  get bytes(): number {
    return this.state.byteLength + this.#lessons.byteLength;
  }

  add({ time, step, winner, values }: Answer): void {
    const added = this.state[0]!;
    const at = this.#offsetOf(added % this.#capacity);
    this.state.set([time, step, winner], at);
    this.state.set(values, at + BEFORE_VALUES);
    this.#lessons[added % this.#capacity] = 0;
    this.state[0] = added + 1;
  }

  /** The newest answer, or the newest one not after `time`. */
  find(time: number | undefined): RememberedAnswer | undefined {
    const added = this.state[0]!;
    const oldest = Math.max(0, added - this.#capacity);
    for (let k = added - 1; k >= oldest; k--) {
      const at = this.#offsetOf(k % this.#capacity);
      if (time === undefined || this.state[at]! <= time) return this.#read(k % this.#capacity);
    }
    return undefined;
  }

  countLesson({ slot }: RememberedAnswer): void {
    this.#lessons[slot]! += 1;
  }

  clear(): void {
    this.state.fill(0);
    this.restored();
  }

  /** To be called after `state` was overwritten from outside. */
  restored(): void {
    this.#lessons.fill(0);
  }

  #offsetOf(slot: number): number {
    return 1 + slot * (BEFORE_VALUES + this.#size);
  }

  #read(slot: number): RememberedAnswer {
    const at = this.#offsetOf(slot);
    const first = at + BEFORE_VALUES;
    const values = this.state.slice(first, first + this.#size);
    const [time, step, winner] = this.state.subarray(at) as unknown as [number, number, number];
    return { time, step, winner, values, slot, lessons: this.#lessons[slot]! };
  }
}

/** What is wrong with a lesson about an answer that is older than those remembered, or that never was. */
export function forgottenAnswer(where: string): SpikewireError {
  return new SpikewireError(
    'input',
    where,
    'belongs to no result: the net has given none yet, or has forgotten it',
    'a reading first, then a lesson about its result',
  );
}
