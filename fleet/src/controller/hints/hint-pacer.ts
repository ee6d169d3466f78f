import type { PendingHint } from './pending-hints.ts';

export interface HintPacerOptions {
  /** Hints to all devices together: a second, and at once after a pause. */
  readonly perSecond: number;
  readonly burst: number;
  /** Milliseconds after the first hint to a device; then twice as many each time, up to the longest pause. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** Uniform in [0, 1): pauses are between 0.75 and 1.25 times as long. */
  readonly random: () => number;
  /** Milliseconds; they never go back. */
  readonly clock?: () => number;
}

interface Pace extends PendingHint {
  readonly hints: number;
  /** When the next hint is due. */
  readonly next: number;
}

/**
 * Decides which devices get a hint now. A device gets the first one at once and others after growing pauses, until it
 * is no longer pending; a change of its orders begins anew. Where all together may get no more, those come first that
 * had fewer hints, and of these the newest changes.
 */
export class HintPacer {
  readonly #options: Required<HintPacerOptions>;
  /** Of the devices that are pending, and no others. */
  #paces = new Map<string, Pace>();
  #tokens: number;
  #filled: number;
  #waiting = 0;

  constructor(options: HintPacerOptions) {
    this.#options = { clock: () => performance.now(), ...options };
    [this.#tokens, this.#filled] = [options.burst, this.#options.clock()];
  }

  /** Devices whose hint was due when it was last asked, and not allowed yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The devices that get a hint now. */
  take(pending: readonly PendingHint[]): string[] {
    const now = this.#options.clock();
    this.#paces = new Map(pending.map((hint) => [hint.device, this.#paceOf(hint)]));
    const due = [...this.#paces.values()].filter(({ next }) => next <= now);
    due.sort((a, b) => a.hints - b.hints || b.changed - a.changed);
    const taken = due.slice(0, this.#tokensAt(now));
    for (const pace of taken) this.#paces.set(pace.device, this.#afterHint(pace, now));
    this.#tokens -= taken.length;
    this.#waiting = due.length - taken.length;
    return taken.map(({ device }) => device);
  }

  #paceOf(hint: PendingHint): Pace {
    const pace = this.#paces.get(hint.device);
    return pace?.changed === hint.changed ? pace : { ...hint, hints: 0, next: Number.NEGATIVE_INFINITY };
  }

  #afterHint(pace: Pace, now: number): Pace {
    const { firstPause, longestPause, random } = this.#options;
    const pause = Math.min(firstPause * 2 ** pace.hints, longestPause) * (0.75 + 0.5 * random());
    return { ...pace, hints: pace.hints + 1, next: now + pause };
  }

  #tokensAt(now: number): number {
    const { perSecond, burst } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filled) / 1000) * perSecond);
    this.#filled = now;
    return Math.floor(this.#tokens);
  }
}
