import type { RecordedShape } from './recorded-file.ts';

/** A message as a recording takes it. */
export interface TakenMessage {
  readonly payload: Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether the broker had kept it from before. */
  readonly retained: boolean;
}

/** So many messages of one shape, not counting retained ones, decide what a recording holds. */
const ENOUGH = 3;
/** After so many messages a recording keeps the shape that it has by then. */
const MOST = 16;

/** The first messages of a recording, which decide what it holds: any one of them may be of somebody else. */
export class FirstMessages {
  /** In their order, and whether each was refused. */
  readonly all: { readonly message: TakenMessage; refused: boolean }[] = [];
  readonly #votes = new Map<string, number>();

  /** Counts a message of that shape, and returns the one that leads: `current` where this one has not more. */
  vote({ retained }: TakenMessage, shape: RecordedShape, current: RecordedShape): RecordedShape {
    if (!retained) this.#votes.set(keyOf(shape), this.#of(shape) + 1);
    return this.#of(shape) > this.#of(current) ? shape : current;
  }

  isDecided(current: RecordedShape): boolean {
    return this.all.length >= MOST || this.#of(current) >= ENOUGH;
  }

  get refused(): number {
    return this.all.filter(({ refused }) => refused).length;
  }

  #of(shape: RecordedShape): number {
    return this.#votes.get(keyOf(shape)) ?? 0;
  }
}

const keyOf = (shape: RecordedShape) => JSON.stringify(shape);
