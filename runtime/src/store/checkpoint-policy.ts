import { SpikewireError } from '@spikewire/models';

export interface CheckpointPolicyOptions {
  /** Least time between two saves, in seconds; default 600. 256 KB every ten minutes are 37 MB a day. */
  readonly minimumIntervalSeconds?: number;
  /**
   * Milliseconds from any origin in the past, never going back; default `performance.now`, as a Pi's wall clock jumps.
   */
  readonly clock?: () => number;
}

/**
 * Decides when learned state is worth a write, because flash wears out: not before something changed, not sooner after
 * the last attempt than the minimal interval, at once when a flush is asked for (shutdown, a person's command). Pure:
 * it neither waits nor writes.
 *
 * ```ts
 * policy.changed();
 * if (policy.isDue()) {
 *   policy.begin();
 *   try { await store.save(state()); policy.succeeded(); } catch { policy.failed(); }
 * }
 * ```
 */
export class CheckpointPolicy {
  readonly #interval: number;
  readonly #clock: () => number;
  #lastAttempt: number;
  #hasChanges = false;
  #flushWanted = false;
  #isSaving = false;
  #saves = 0;
  #failures = 0;

  constructor(options: CheckpointPolicyOptions = {}) {
    const { minimumIntervalSeconds = 600, clock = () => performance.now() } = options;
    if (!(minimumIntervalSeconds >= 0 && Number.isFinite(minimumIntervalSeconds))) {
      throw new SpikewireError('parameter', 'minimumIntervalSeconds', `${minimumIntervalSeconds}`, 'a number from 0');
    }
    this.#interval = minimumIntervalSeconds * 1000;
    this.#clock = clock;
    this.#lastAttempt = clock();
  }

  /** Something was learned that is not saved yet. */
  changed(): void {
    this.#hasChanges = true;
  }

  /** Asks for the unsaved changes, if any, to be saved without waiting for the interval. */
  flush(): void {
    this.#flushWanted = true;
  }

  /** Whether to save now. */
  isDue(): boolean {
    return this.millisecondsUntilDue() === 0;
  }

  /** How long to wait, in milliseconds; undefined while there is nothing to save or a save is under way. */
  millisecondsUntilDue(): number | undefined {
    if (!this.#hasChanges || this.#isSaving) return undefined;
    if (this.#flushWanted) return 0;
    return Math.max(0, this.#lastAttempt + this.#interval - this.#clock());
  }

  /** A save begins with all changes so far; those that come during it are for the next one. */
  begin(): void {
    this.#isSaving = true;
    this.#hasChanges = false;
    this.#flushWanted = false;
    this.#lastAttempt = this.#clock();
  }

  /** The save is durable. */
  succeeded(): void {
    this.#isSaving = false;
    this.#saves++;
  }

  /** The save failed: its changes are unsaved again, and the next attempt waits for the interval or a flush. */
  failed(): void {
    this.#isSaving = false;
    this.#hasChanges = true;
    this.#failures++;
  }

  /**
   * The save may be done after so many milliseconds: its changes are unsaved again, and the next attempt waits for
   * that.
   */
  heldBack(milliseconds: number): void {
    this.#isSaving = false;
    this.#hasChanges = true;
    this.#lastAttempt = this.#clock() + milliseconds - this.#interval;
  }

  get saves(): number {
    return this.#saves;
  }

  get failures(): number {
    return this.#failures;
  }
}
