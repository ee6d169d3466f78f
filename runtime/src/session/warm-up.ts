import type { Arrivals } from './arrivals.ts';
import type { Monitors } from './monitors.ts';
import type { Samples } from './samples.ts';

/** A warm-up is as long as it is declared where it is over within this time, in milliseconds. */
const PATIENCE_MS = 3_600_000;
/**
 * Where it is not, so many readings are enough: after fewer more spikes are missed (test/bench/RESULTS.md, "warm-up").
 */
const LEAST_READINGS = 200;

/**
 * Share of a warm-up of `of` readings that is enough: 1, that for as many readings as were asked for, or, where one
 * comes in so many milliseconds (NaN: not known) that it would take hours, what comes within the first.
 */
export function enoughOf(of: number, interval: number, asked = Math.max(LEAST_READINGS, PATIENCE_MS / interval)) {
  return asked < of ? asked / of : 1;
}

/** What has to know enough before a net answers, and how fast readings come. */
interface WarmedUp {
  readonly samples: Samples;
  readonly arrivals: Arrivals;
  /** Those of now: a reset makes others. */
  readonly monitors: () => Monitors;
}

/** The warm-up of one net: readings until ranges are known, and to the first monitor what is usual. */
export class WarmUp {
  readonly #asked: number | undefined;
  readonly #of: WarmedUp;
  #isOverAtStart = false;

  /**
   * @param asked readings of it, at most the model's; absent: these, or fewer where they are slow and the net predicts
   */
  constructor(asked: number | undefined, of: WarmedUp) {
    this.#asked = asked;
    this.#of = of;
  }

  /** To be called when the net was opened or restored. */
  start(): void {
    this.#isOverAtStart = this.#isOver;
  }

  /** Whether one was asked for that changes nothing: when the net was opened or restored, there was none to come. */
  get isVain(): boolean {
    return this.#asked !== undefined && this.#isOverAtStart;
  }

  get #isOver(): boolean {
    const { done, of } = this.progress;
    return done >= of && !this.#of.samples.input.warmsUp;
  }

  get progress(): { readonly done: number; readonly of: number } {
    const parts = [this.#of.samples.input.warmUp, this.#of.monitors().warmUp];
    const share = parts.every(({ done, of }) => done >= of) ? 1 : this.#share;
    const shares = parts.map(({ done, of }) => ({ done, of: Math.ceil(share * of) }));
    const sum = (of: (part: { done: number; of: number }) => number) => of(shares[0]!) + of(shares[1]!);
    return { done: sum(({ done, of }) => Math.min(done, of)), of: sum(({ of }) => of) };
  }

  /** Seconds until then, at the rate of the readings so far; undefined where it is over, or that is not known. */
  get secondsLeft(): number | undefined {
    const { done, of } = this.progress;
    if (done >= of) return undefined;
    const { missing, hop } = this.#of.samples.input;
    return this.#of.arrivals.secondsOf(missing + (of - done - 1) * hop);
  }

  /** How much of what is declared is enough. Only a net that predicts readings was measured with less. */
  get #share(): number {
    const { samples, arrivals } = this.#of;
    const monitors = this.#of.monitors();
    const of = samples.input.warmUp.of + monitors.warmUp.of;
    return enoughOf(of, monitors.predict ? arrivals.interval : Number.NaN, this.#asked);
  }

  /** Ends it where it has had enough. */
  endIfEnough(): void {
    const share = this.#share;
    if (share === 1) return;
    const { input } = this.#of.samples;
    if (input.ready) this.#of.monitors().endWarmUp(share);
    else input.endWarmUp(share);
  }
}
