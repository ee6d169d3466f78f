import { setTimeout as delay } from 'node:timers/promises';
import { HeldBackError } from '../../store/index.ts';

/** So long a lesson waits for others, to be saved with them; the rest of a second is for a slow medium. */
const PAUSE_MS = 300;
/** Least pause after a save that failed. */
const RETRY_MS = 1000;

/**
 * Saves what is learned from lessons within a second, once for all lessons that come meanwhile, and says whether it is
 * durable. Where a save is held back or fails, those that come before the next may succeed are told so at once.
 */
export class LessonSaves {
  readonly #save: () => Promise<unknown>;
  /** Lessons that were learned, and how many of them are durable. */
  #learned = 0;
  #durable = 0;
  #coming: Promise<boolean> | undefined;
  /** Before which none is tried, in milliseconds of the process. */
  #notBefore = 0;

  /** @param save of all that is learned by now; rejects where that cannot be */
  constructor(save: () => Promise<unknown>) {
    this.#save = save;
  }

  /** Lessons that were learned so far. */
  get learned(): number {
    return this.#learned;
  }

  learn(): void {
    this.#learned++;
  }

  /** A save is durable that knows of so many lessons. */
  saved(lessons: number): void {
    this.#durable = lessons;
  }

  /** Resolves with whether all lessons so far are durable, after a save of them. */
  async done(): Promise<boolean> {
    if (this.#durable === this.#learned) return true;
    if (performance.now() < this.#notBefore) return false;
    this.#coming ??= this.#saveSoon();
    return this.#coming;
  }

  async #saveSoon(): Promise<boolean> {
    await delay(PAUSE_MS);
    this.#coming = undefined;
    const lessons = this.#learned;
    if (this.#durable < lessons) await this.#save().catch((failure) => this.#putOff(failure));
    return this.#durable >= lessons;
  }

  #putOff(failure: unknown): void {
    this.#notBefore = performance.now() + (failure instanceof HeldBackError ? failure.milliseconds : RETRY_MS);
  }
}
