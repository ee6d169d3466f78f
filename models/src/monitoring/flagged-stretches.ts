import { agreeing, type KeptNumbers, kept, real, unknownOr, whole } from '../kept-numbers.ts';
import { NOTHING } from './monitor/evidence.ts';

/** Stretches that are remembered. */
const REMEMBERED = 8;
/** A habit: its readings at most, how often it has to come, and by which share of its largest number it may differ. */
const [BRIEF, TIMES, ALIKE] = [600, 3, 0.25];
/** [stretches so far, number and time of the last reading], before what is gathered and the slots. */
const HEAD = 3;
/** [first and last reading, their times], before the evidence of a slot. */
const BEFORE_EVIDENCE = 4;

/** Readings that one monitor has flagged, from an alarm to the last one before the next. */
export interface FlaggedStretch {
  /** Sequence numbers of the first and the last flagged reading. A silence has that of the reading before it. */
  readonly first: number;
  readonly last: number;
  /** Their times in milliseconds since 1970; NaN where they have none. */
  readonly begun: number;
  readonly ended: number;
  /** The most of all flagged readings in it. */
  readonly evidence: Float64Array;
}

/** A reading, by number or by time in milliseconds since 1970. */
export interface NamedReading {
  readonly sequence?: number | undefined;
  readonly time?: number | undefined;
}

/** The newest stretches that a monitor has flagged, with what they were flagged for. A ring of fixed size. */
export class FlaggedStretches {
  readonly #size: number;
  readonly #state: Float64Array;
  /** Evidence of readings above the sensitivity that are not flagged yet. */
  readonly #gathered: Float64Array;

  /** @param size numbers of a monitor's evidence */
  constructor(size: number) {
    this.#size = size;
    this.#state = new Float64Array(HEAD + size + REMEMBERED * (BEFORE_EVIDENCE + size));
    this.#gathered = this.#state.subarray(HEAD, HEAD + size).fill(NOTHING);
  }

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    const time = unknownOr(real());
    const evidence = new Array(this.#size).fill(real());
    const slot = [whole(), whole(), time, time, ...evidence];
    const slots = new Array(REMEMBERED).fill(slot).flat();
    const numbers = kept(this.#state, whole(), whole(), time, ...evidence, ...slots);
    return agreeing(numbers, 'stretches that end after they begin', (saved) => {
      const state = saved(this.#state);
      return slots.every(
        (_, k) =>
          k % slot.length > 0 || state[this.#offset(k / slot.length)]! <= state[this.#offset(k / slot.length) + 1]!,
      );
    });
  }

  #offset(slot: number): number {
    return HEAD + this.#size + slot * (BEFORE_EVIDENCE + this.#size);
  }

  /** Number of the last reading, 0 before the first. */
  get sequence(): number {
    return this.#state[1]!;
  }

  get time(): number {
    return this.#state[2]!;
  }

  /** What follows is of this reading. */
  at(sequence: number, time: number): void {
    this.#state[1] = sequence;
    this.#state[2] = time;
  }

  /** Takes up what a score above the sensitivity was made from. */
  gather(evidence: Float64Array): void {
    join(this.#gathered, evidence);
  }

  /** What was gathered is not flagged. */
  drop(): void {
    this.#gathered.fill(NOTHING);
  }

  /**
   * What was gathered is flagged: with a new stretch, or the last one.
   *
   * @param before readings in a row before this one that belong to it
   */
  flag(isNew: boolean, before: number, time = this.time): void {
    const [count, sequence] = this.#state as unknown as [number, number];
    const slot = this.#offset((isNew ? count : count - 1) % REMEMBERED);
    const evidence = this.#evidenceAt(slot);
    if (isNew) {
      this.#state.set([Math.max(0, sequence - before), sequence, time, time], slot);
      evidence.fill(NOTHING);
      this.#state[0] = count + 1;
    }
    this.#state[slot + 1] = sequence;
    this.#state[slot + 3] = time;
    join(evidence, this.#gathered);
    this.drop();
  }

  /** Newest first. */
  get list(): FlaggedStretch[] {
    const [count] = this.#state as unknown as [number];
    return Array.from({ length: Math.min(count, REMEMBERED) }, (_, k) => {
      const slot = this.#offset((count - 1 - k) % REMEMBERED);
      const [first, last, begun, ended] = this.#state.subarray(slot) as unknown as [number, number, number, number];
      return { first, last, begun, ended, evidence: this.#evidenceAt(slot) };
    });
  }

  /** Whether the newest one was brief, and others of those that are remembered were like it. */
  get isHabit(): boolean {
    const [newest, ...others] = this.list;
    if (newest === undefined) return false;
    const alike = others.filter((other) => isBrief(other) && areAlike(newest.evidence, other.evidence));
    return isBrief(newest) && alike.length >= TIMES - 1;
  }

  #evidenceAt(slot: number): Float64Array {
    return this.#state.subarray(slot + BEFORE_EVIDENCE, slot + BEFORE_EVIDENCE + this.#size);
  }
}

function isBrief({ first, last }: FlaggedStretch): boolean {
  return last - first < BRIEF;
}

/** Whether the same numbers were flagged, and for about as much. */
function areAlike(some: Float64Array, others: Float64Array): boolean {
  const largest = some.reduce((most, value) => (value === NOTHING ? most : Math.max(most, Math.abs(value))), 0);
  return some.every((value, k) => {
    const other = others[k]!;
    if (value === NOTHING || other === NOTHING) return value === other;
    return Math.abs(value - other) <= ALIKE * largest;
  });
}

function join(most: Float64Array, more: Float64Array): void {
  for (const [k, value] of more.entries()) most[k] = Math.max(most[k]!, value);
}
