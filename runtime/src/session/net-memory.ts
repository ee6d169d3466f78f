/** Bytes of the arrays of one net that runs, by what they are for; objects of the heap come on top. */
export interface NetMemory {
  /** Program and state of the net on its engine, with the events of a window. */
  readonly net: number;
  /** What features keep of readings. */
  readonly features: number;
  /** What encodes a sample, and its events. */
  readonly encoders: number;
  /** What decodes an answer; a read-out that can be taught, with all that it learns. */
  readonly readOut: number;
  /** Newest windows and answers that a late lesson still reaches, first lessons, and what lessons have shown. */
  readonly lessons: number;
  readonly monitors: number;
  /** More from the first lesson on: what takes back the last one. */
  readonly undo: number;
}

/** Of all parts, with what comes with the first lesson. */
export function totalBytes(memory: NetMemory): number {
  return Object.values(memory).reduce((sum: number, bytes: number) => sum + bytes, 0);
}
