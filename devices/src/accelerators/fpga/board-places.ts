import { SpikewireError } from '@spikewire/models';
import type { CoreRoom } from './core-description.ts';

/** Words of each memory of the core: where a net begins there, or how many it needs. */
export type MemoryWords = Pick<CoreRoom, 'memory' | 'activity' | 'program'>;

/** The words that a net has. */
export interface NetPlace {
  readonly at: MemoryWords;
  readonly words: MemoryWords;
}

const memories = ['memory', 'activity', 'program'] as const;
const titles = { memory: 'words of memory', activity: 'words of activity memory', program: 'words of program memory' };

/** Which words of a board its nets have. A net gets the first gap in each memory that is long enough. */
export class BoardPlaces {
  readonly #board: string;
  readonly #room: MemoryWords;
  readonly #nets = new Set<NetPlace>();
  /** Places that nets do not need, with what tells that they are taken away. */
  readonly #borrowed = new Map<NetPlace, () => void>();

  constructor(board: string, room: MemoryWords) {
    this.#board = board;
    this.#room = room;
  }

  /** Nets on the board. */
  get nets(): number {
    return this.#nets.size;
  }

  /** Throws `budget` where a memory has no gap of this length, even without what is borrowed. */
  take(words: MemoryWords): NetPlace {
    if (this.#lacks(words).length > 0) {
      const lost = [...this.#borrowed.values()];
      this.#borrowed.clear();
      for (const tell of lost) tell();
    }
    const lacks = this.#lacks(words);
    if (lacks.length > 0)
      throw new SpikewireError('budget', this.#board, `has no room for one more net: it needs ${lacks.join('; ')}`);
    const place = this.#place(words);
    this.#nets.add(place);
    return place;
  }

  /** A place until a net needs it, which `lost` tells; undefined where there is no room. */
  borrow(words: MemoryWords, lost: () => void): NetPlace | undefined {
    if (this.#lacks(words).length > 0) return undefined;
    const place = this.#place(words);
    this.#borrowed.set(place, lost);
    return place;
  }

  /** Makes the words free; what it returns undoes that, as long as nobody has taken them. */
  give(place: NetPlace): () => void {
    this.#borrowed.delete(place);
    this.#nets.delete(place);
    return () => void this.#nets.add(place);
  }

  #place(words: MemoryWords): NetPlace {
    const [memory, activity, program] = memories.map((name) => this.#firstGap(name, words[name]));
    return { at: { memory: memory!, activity: activity!, program: program! }, words };
  }

  #lacks(words: MemoryWords): string[] {
    return memories.flatMap((memory) => {
      const missed = words[memory] - this.#longestGap(memory);
      return missed > 0 ? [`${words[memory]} ${titles[memory]}, ${missed} more than are free in one piece`] : [];
    });
  }

  #firstGap(memory: keyof MemoryWords, words: number): number {
    return this.#gaps(memory).find(({ length }) => length >= words)!.at;
  }

  #longestGap(memory: keyof MemoryWords): number {
    return Math.max(...this.#gaps(memory).map(({ length }) => length));
  }

  /** At least one, which may be empty. */
  #gaps(memory: keyof MemoryWords): { readonly at: number; readonly length: number }[] {
    const taken = Array.from(
      [...this.#nets, ...this.#borrowed.keys()],
      ({ at, words }) => [at[memory], at[memory] + words[memory]] as const,
    );
    taken.sort(([a], [b]) => a - b);
    const ends = [0, ...taken.map(([, end]) => end)];
    const starts = [...taken.map(([start]) => start), this.#room[memory]];
    return ends.map((at, k) => ({ at, length: starts[k]! - at }));
  }
}
