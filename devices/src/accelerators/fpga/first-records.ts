import type { BoardPlaces, NetPlace } from './board-places.ts';
import { addressIn, type CoreMemory } from './core-memory.ts';
import { copyProgram } from './instructions.ts';
import type { Stretch } from './stretch.ts';

/** Fewer words are written sooner than copied: what starts a copy is as long on the line. */
const LEAST_COPIED = 64;

/**
 * A copy of a net's records as they are at the start, and a program that brings them back, both on the board: a fresh
 * state then costs a run of that program rather than all words of the records. They lie in room that no net needs, and
 * are gone once one does.
 */
export class FirstRecords {
  readonly #places: BoardPlaces;
  readonly #memory: CoreMemory;
  #place: NetPlace | undefined;

  constructor(places: BoardPlaces, memory: CoreMemory) {
    this.#places = places;
    this.#memory = memory;
  }

  /** Word of the program that brings the records back; undefined where the board has none. */
  get entry(): number | undefined {
    return this.#place?.at.program;
  }

  /** Puts copy and program onto the board, if they are not there and there is room. `words`: the records. */
  async prepare({ at, length }: Stretch, words: Uint16Array): Promise<void> {
    if (this.#place !== undefined || length < LEAST_COPIED) return;
    // What follows begins at a multiple of 8, as a net has to.
    const memory = 8 * Math.ceil(length / 8);
    const program = copyProgram({ at: 0, length }, at).length;
    const place = this.#places.borrow({ memory, activity: 0, program }, () => {
      this.#place = undefined;
    });
    if (place === undefined) return;
    this.#place = place;
    const copy = { at: place.at.memory, length };
    await Promise.all([
      this.#memory.load(addressIn('memory', copy.at), words),
      this.#memory.load(addressIn('program', place.at.program), copyProgram(copy, at)),
    ]);
  }

  giveUp(): void {
    if (this.#place !== undefined) this.#places.give(this.#place);
    this.#place = undefined;
  }
}
