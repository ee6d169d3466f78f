import { megabytes } from '@spikewire/models';
import { heldBy } from '../../executor/held-nets.ts';
import type { LimitNames } from '../../store/index.ts';

export interface RoomLimits {
  /** Nets that may be open at the same time, however small. */
  readonly capacity: number;
  /** Bytes that open nets may take together, with copies of their states. */
  readonly memory: number;
  /** Bytes that states of closed nets may take. */
  readonly restingBytes: number;
  /** Whether a copy of the state is kept beside each open net. */
  readonly copies: boolean;
  /** What the limits are called where they are set. */
  readonly names: LimitNames;
  /** A board on which all nets run, and how many it holds; absent: any number. */
  readonly board?: { readonly name: string; readonly nets: number } | undefined;
}

/** Nets that rest at a time, however small. */
const MOST_RESTING = 1024;

/** How many nets of one model may be open, and rest, by what they have turned out to take. */
export class Room {
  readonly #limits: RoomLimits;
  readonly #warn: (line: string) => void;
  /** Bytes of the largest net and of the largest state so far: those of one model are alike. */
  #netBytes = 0;
  #stateBytes = 0;
  /** Whether it was said that a net more does not fit. */
  #saidFull = false;

  constructor(limits: RoomLimits, warn: (line: string) => void) {
    this.#limits = limits;
    this.#warn = warn;
  }

  /** Whether the size of a state is known. */
  get knowsStates(): boolean {
    return this.#stateBytes > 0;
  }

  sawNet(bytes: number): void {
    this.#netBytes = Math.max(this.#netBytes, bytes);
  }

  sawState(bytes: number): void {
    this.#stateBytes = Math.max(this.#stateBytes, bytes);
  }

  /** Another model comes, whose states take so many bytes; 0 where that is not known. */
  beginAnew(stateBytes: number): void {
    this.#netBytes = 0;
    this.#stateBytes = stateBytes;
    this.#saidFull = false;
  }

  /**
   * Nets that number and memory let be open at the same time. Before the first is open, what it may take is `demand`.
   */
  mostOpen(demand: number): number {
    const { capacity, memory, copies, board } = this.#limits;
    const net = this.#netBytes || demand;
    // Before the first state is known, it is taken to be as large as its net.
    const copy = copies ? this.#stateBytes || net : 0;
    return Math.max(1, Math.min(capacity, board?.nets ?? capacity, Math.floor(memory / (net + copy))));
  }

  get mostResting(): number {
    // Before the first state is known, it is taken to be as large as its net.
    const fitting = Math.floor(this.#limits.restingBytes / Math.max(1, this.#stateBytes || this.#netBytes));
    return Math.max(1, Math.min(MOST_RESTING, fitting));
  }

  /**
   * Says, once, that no more than `most` nets can be open at the same time, and what to set for twice as many, or which
   * ones a board holds.
   */
  sayFull(key: string, most: number, open: Iterable<string>): void {
    if (this.#saidFull) return;
    this.#saidFull = true;
    const { capacity, memory, names, board } = this.#limits;
    if (board?.nets === most) {
      this.#warn(`net "${key}": ${heldBy(board.name, most, [...open])}; one is closed for each further net`);
      return;
    }
    const isMemory = most < capacity;
    const limit = isMemory ? `${names.memory} (${megabytes(memory)})` : names.capacity;
    const wanted = isMemory ? `${names.memory} ${2 * Math.ceil(memory / 2 ** 20)}M` : `${names.capacity} ${2 * most}`;
    const problem = `exceeds the ${most} that ${limit} allows; one is closed for each further net`;
    this.#warn(`net "${key}": ${problem}; ${wanted} allows twice as many`);
  }
}
