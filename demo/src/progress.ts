import type { Score } from './scorecard.ts';

const INTERVAL_MS = 100;

/** Writes now and then how far a replay is. */
export class Progress {
  readonly #length: number;
  readonly #write: (line: string) => void;
  #last = Number.NEGATIVE_INFINITY;

  /** `length`: readings of the longest stream. */
  constructor(length: number, write: (line: string) => void) {
    this.#length = length;
    this.#write = write;
  }

  show(index: number, score: () => Score): void {
    const now = performance.now();
    if (now - this.#last < INTERVAL_MS && index < this.#length) return;
    this.#last = now;
    this.#write(formatProgress(index, this.#length, score()));
  }
}

/**
 * How far a replay is, and what has been flagged. Narrower than 80 columns: a terminal must not wrap what is to be
 * written over.
 */
function formatProgress(index: number, length: number, { found, events, falseEpisodes, flagged }: Score): string {
  const alarms = `${falseEpisodes} false alarm${falseEpisodes === 1 ? '' : 's'}`;
  const flags = `${found}/${events} events, ${alarms}, ${(100 * flagged).toFixed(2)} % flagged`;
  return `${progressBar(index, length)} readings: ${Number.isFinite(flagged) ? flags : 'warming up'}`;
}

export function progressBar(index: number, length: number): string {
  const share = Math.floor((12 * index) / length);
  return `${'█'.repeat(share)}${'░'.repeat(12 - share)} ${index}/${length}`;
}
