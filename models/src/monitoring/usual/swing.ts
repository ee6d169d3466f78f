import { FARTHEST, held } from '../../held.ts';
import { type KeptNumbers, kept, real, whole } from '../../kept-numbers.ts';

/** Readings after which a rise or a fall is no part of a swing any more. */
const MEMORY = 1000;
/** Rises and falls whose ends are known, the present one first: of a swing that is under way the last has both. */
const PHASES = 3;
/** Indices of what is kept: lowest and highest number of each phase, then readings since it fell, and rose. */
const LOW = 0;
const HIGH = 1;
const PHASE = 2;
const SINCE_FALL = PHASES * PHASE;
const SINCE_RISE = SINCE_FALL + 1;

/** Between which numbers another one swings: a rise and a fall that were noticed lately, one after the other. */
export class Swing {
  readonly #state = new Float64Array(SINCE_RISE + 1);

  constructor() {
    this.begin();
  }

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    const end = real(-FARTHEST, FARTHEST);
    return kept(this.#state, ...new Array(SINCE_FALL).fill(end), whole(0, MEMORY));
  }

  /** What the number is now, and whether it has noticeably fallen (−1), risen (1) or neither (0). */
  take(number: number, way: number): void {
    const [state, x] = [this.#state, held(number)];
    const [sinceFall, sinceRise] = [state[SINCE_FALL]!, state[SINCE_RISE]!];
    if (way * (sinceRise - sinceFall) > 0) this.#turn(x);
    if (way === 0 && Math.min(sinceFall, sinceRise) === MEMORY) state.fill(x, 0, SINCE_FALL);
    state[LOW] = Math.min(state[LOW]!, x);
    state[HIGH] = Math.max(state[HIGH]!, x);
    state[SINCE_FALL] = way < 0 ? 0 : Math.min(MEMORY, sinceFall + 1);
    state[SINCE_RISE] = way > 0 ? 0 : Math.min(MEMORY, sinceRise + 1);
  }

  #turn(x: number): void {
    this.#state.copyWithin(PHASE, 0, SINCE_FALL - PHASE);
    this.#state.fill(x, 0, PHASE);
  }

  /** [lowest, highest]; undefined where it went one way alone. */
  get range(): readonly [number, number] | undefined {
    const state = this.#state;
    if (state[SINCE_FALL] === MEMORY || state[SINCE_RISE] === MEMORY) return undefined;
    const ends = state.subarray(0, SINCE_FALL);
    return [Math.min(...ends), Math.max(...ends)];
  }

  begin(): void {
    this.#state.fill(0);
    this.#state.fill(MEMORY, SINCE_FALL);
  }
}
