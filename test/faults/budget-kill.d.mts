import type { StoreUse } from 'spikewire/store';

/** What a net said before it was killed. */
export interface Life extends StoreUse {
  /** That it has taken, over all its lives. */
  readonly readings: number;
  /** To `save`. */
  readonly answer: string;
}

export declare function killAgainAndAgain(directory: string, kills: number, bytesPerDay: number): Promise<Life[]>;
