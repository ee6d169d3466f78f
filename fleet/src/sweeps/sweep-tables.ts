/**
 * Sweeps of training and their trials, alike in SQLite and PostgreSQL. Times are milliseconds since 1970 by the clock of
 * the database.
 */
export interface SweepTables {
  sweep: SweepRow;
  trial: TrialRow;
}

/** What all machines of a sweep agree on. */
export interface SweepRow {
  readonly name: string;
  readonly release: string;
  readonly options: string;
  readonly data: string;
  readonly trials: number;
}

/** A trial is free once its lease has expired, as long as it has no figures and tries are left. */
export interface TrialRow {
  readonly sweep: string;
  readonly number: number;
  /** The machine that has it, or had it last. */
  readonly machine: string | null;
  /** One more whenever a machine takes it: what an earlier one still writes is refused. */
  readonly epoch: number;
  readonly tries: number;
  readonly expires: number;
  /** Where the model file is on that machine. */
  readonly out: string | null;
  /** A JSON document. */
  readonly figures: string | null;
  /** The line with which the last try failed. */
  readonly problem: string | null;
  readonly model: Uint8Array | null;
}
