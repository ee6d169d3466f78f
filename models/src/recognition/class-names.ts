import { SpikewireError } from '../error.ts';
import { agreeing, anything, type KeptNumbers, kept } from '../kept-numbers.ts';
import { printableLine } from '../printable.ts';

/** Longest name in UTF-8. */
export const LONGEST_NAME = 64;
/** What is answered where nothing fits, so no class is called so. */
const UNKNOWN = 'unknown';

/** What a class may be called. */
export const CLASS_NAME = `a line of 1 to ${LONGEST_NAME} bytes that is not "${UNKNOWN}"`;

export function isClassName(name: string): boolean {
  const { length } = new TextEncoder().encode(name);
  return length > 0 && length <= LONGEST_NAME && name !== UNKNOWN && name === printableLine(name);
}

/** Names of classes, which may become more; kept as bytes, so that they are saved with the numbers that learn. */
export class ClassNames {
  /** 64 bytes of UTF-8 for each, zeros behind the name and where there is none. */
  readonly bytes: Uint8Array;
  readonly #where: string;

  /** Throws `parameter` for first names that do not fit. */
  constructor(where: string, most: number, first: readonly string[]) {
    this.#where = where;
    this.bytes = new Uint8Array(most * LONGEST_NAME);
    if (first.length > most) {
      throw new SpikewireError('parameter', where, `has ${first.length} classes`, `at most ${most}, its "mostClasses"`);
    }
    for (const name of first) this.indexOf(name);
  }

  get count(): number {
    return this.countIn(this.bytes);
  }

  /** How many there are in such bytes. */
  countIn(bytes: Uint8Array): number {
    let count = 0;
    while (bytes[count * LONGEST_NAME] !== 0 && count * LONGEST_NAME < bytes.length) count++;
    return count;
  }

  get list(): readonly string[] {
    return this.#listIn(this.bytes);
  }

  /** The bytes, as they are saved. */
  get kept(): KeptNumbers<Uint8Array> {
    return agreeing(kept(this.bytes, anything), `names of classes, each once: ${CLASS_NAME}`, (saved) => {
      const names = this.#listIn(saved(this.bytes));
      return names.every((name, k) => isClassName(name) && names.indexOf(name) === k);
    });
  }

  #listIn(bytes: Uint8Array): readonly string[] {
    return Array.from({ length: this.countIn(bytes) }, (_, k) => nameAt(bytes, k));
  }

  /** Index of a name; one not heard before gets the next. Throws `input` where it is no name, or there is no room. */
  indexOf(name: string): number {
    this.expectRoomFor(name);
    const known = this.list.indexOf(name);
    if (known >= 0) return known;
    const index = this.count;
    this.bytes.set(new TextEncoder().encode(name), index * LONGEST_NAME);
    return index;
  }

  /** Throws what `indexOf` would throw, and changes nothing. */
  expectRoomFor(name: string): void {
    if (!isClassName(name)) {
      const shown = printableLine(name.slice(0, LONGEST_NAME));
      throw new SpikewireError('input', this.#where, `is taught the class "${shown}"`, CLASS_NAME);
    }
    const most = this.bytes.length / LONGEST_NAME;
    if (this.count < most || this.list.includes(name)) return;
    throw new SpikewireError('input', this.#where, `has no room for the class "${name}"`, `one of its ${most}`);
  }
}

function nameAt(bytes: Uint8Array, index: number): string {
  const field = bytes.subarray(index * LONGEST_NAME, (index + 1) * LONGEST_NAME);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
