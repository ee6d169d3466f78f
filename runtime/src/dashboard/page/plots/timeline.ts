/** A stretch along the horizontal axis. */
export interface Marked {
  readonly from: number;
  readonly to: number;
}

/** What lies along the horizontal axis of a plot. */
export interface Timeline {
  /** Places of the values, rising: times in milliseconds since 1970, or numbers of readings. */
  readonly places: readonly number[];
  readonly isTimed: boolean;
  /** From the left edge to the right edge. */
  readonly range: readonly [number, number];
  /** Flagged stretches. */
  marks(): Iterable<Marked>;
}
