import type { JsonValue } from '@spikewire/models';

/** What all machines of a sweep must agree on; numbers of trials are 1 to `trials`. */
export interface SweepTerms {
  readonly name: string;
  /** Of spikewire. */
  readonly release: string;
  /** What is trained and with which values, as JSON. */
  readonly options: string;
  /** Digest of the samples. */
  readonly data: string;
  readonly trials: number;
}

/** What a training gives: what `train --json` says of it, and its model file; or the line with which it failed. */
export interface TrialResult {
  readonly figures?: Readonly<Record<string, JsonValue>>;
  readonly model?: Uint8Array;
  readonly problem?: string;
}

/** A trial that nobody else trains. */
export interface TakenTrial {
  readonly number: number;
  /** Aborted where another machine has it by now: what is still found here does not count. */
  readonly lost: AbortSignal;
  /**
   * Writes what became of it.
   * @param out where the model file is, on the machine that has trained it
   */
  finish(out: string, result: TrialResult): Promise<void>;
  /** Lets others have it at once. */
  release(): Promise<void>;
}

/** A trial that came to its end: with figures, or with a problem, where it is not tried again. */
export interface TrialOutcome {
  readonly number: number;
  readonly out: string;
  /** Name of the machine that has trained it; absent where there is one machine. */
  readonly machine?: string;
  readonly figures?: Readonly<Record<string, JsonValue>>;
  readonly problem?: string;
}

/** Numbers of trials, on all machines. */
export interface SweepProgress {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** Machines that train now. */
  readonly machines: number;
}

/** The trials of one sweep, which are given out to whoever trains them. */
export interface TrialQueue {
  /** Waits for a trial that is free; undefined when none will be, or when the signal ends the waiting. */
  take(): Promise<TakenTrial | undefined>;
  /** Undefined where the signal ends the waiting for it. */
  progress(): Promise<SweepProgress | undefined>;
  /** Of all trials that came to their end, by number. */
  outcomes(): Promise<readonly TrialOutcome[]>;
  /** The model file of a trial, where the queue keeps it. */
  model(number: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

export interface QueueOptions {
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** Told in a line what keeps the queue from its work. */
  readonly warn: (line: string) => void;
}

/**
 * Where several machines share the trials of a sweep. A package that brings one names a module as `trials` in the field
 * `spikewire` of its package.json; the module exports `trialQueues: readonly TrialQueueSource[]`.
 */
export interface TrialQueueSource {
  readonly name: string;
  /**
   * Begins a sweep, or joins it where another process has begun it. Rejects with `usage` where that one has other
   * terms, and with `store` where the address has no such queue.
   */
  open(address: string, terms: SweepTerms, options: QueueOptions): Promise<TrialQueue>;
}
