export interface RoundRow {
  readonly id: string;
  /** Of the machines that it asks. */
  readonly model: string;
  readonly channel: string;
  /** SHA-256 of the file of the base on which the machines have learned. */
  readonly base: string;
  /** That file; empty when the round has ended. */
  readonly file: Uint8Array;
  /** Of the devices; a JSON object. */
  readonly labels: string;
  readonly method: RoundMethod;
  /** Devices whose parts a result needs, at least. */
  readonly cohort: number;
  /** Parts at most, and lessons in each of them at least. */
  readonly most: number;
  readonly fewest: number;
  /** When it closes at the latest. */
  readonly deadline: number;
  /** Parts that have come, and, when it has ended, those that have a say in the result. */
  readonly parts: number;
  readonly taken: number;
  readonly phase: RoundPhase;
  /** Why it has ended without a result. */
  readonly reason: string | null;
  readonly begun: number;
  readonly begunBy: string;
  /** Null while it is open or computes. */
  readonly ended: number | null;
  /** The model file. */
  readonly result: Uint8Array | null;
  readonly resultSha256: string | null;
}

/** How parts become a result: `checked-sum` adds them up, without those that their check finds wrong. */
export type RoundMethod = 'checked-sum' | 'sum';

/** It takes parts (`open`), computes its result (`closing`), and has one (`done`) or none (`empty`). */
export type RoundPhase = 'open' | 'closing' | 'done' | 'empty';

/** What a device has sent to a round. */
export interface RoundPartRow {
  readonly round: string;
  readonly device: string;
  readonly time: number;
  /** Lessons of which it has the sums. */
  readonly samples: number;
  readonly bytes: number;
  /** As it was sent; empty when the round has ended. */
  readonly content: Uint8Array;
  /** Why it has no say in the result; null: it has, or there is none yet. */
  readonly leftOut: string | null;
}
