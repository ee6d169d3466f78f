import { RunningQuantile } from '../../coding/running-quantile.ts';
import type { KeptState } from '../../kept-numbers.ts';
import { CalledNormal } from '../monitor/called-normal.ts';
import type { UnusualTeaching } from '../monitor/limit-reason.ts';
import { statesByChannel } from '../monitor/monitor.ts';
import { Settling, taughtForNow } from '../monitor/settling.ts';
import { RememberedSizes } from './remembered-sizes.ts';

/** The parameter of a kind that says which quantile is the usual one. */
export const usualQuantile = { form: 'number', default: 0.99, above: 0, below: 1 } as const;

/** Sizes before one may be remembered: as many as a quantile of 0.99 needs. */
const KNOWN = 100;

export interface UsualSizesOptions {
  readonly quantile: number;
  readonly least: number;
  /** Scores, at least 1. */
  readonly normalFor: number;
  /** Whether what an unusual time has taught is forgotten after it, see `settle`. Default false. */
  readonly settles?: boolean;
  /** Whether sizes far above the usual one are remembered, see `remember`. Default false. */
  readonly remembers?: boolean;
}

/**
 * How large each of several magnitudes usually is: a running quantile, never below `least` nor, for a while, below what
 * a person has called normal.
 */
export class UsualSizes {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  readonly #quantiles: readonly RunningQuantile[];
  readonly #normal: CalledNormal;
  readonly #remembered: RememberedSizes | undefined;
  readonly #settled: readonly RunningQuantile[];
  readonly #settling: readonly Settling[];
  readonly #least: number;

  /** What a person has called normal holds until no such size has come for `normalFor` scores. */
  constructor(count: number, { quantile, least, normalFor, settles = false, remembers = false }: UsualSizesOptions) {
    const quantiles = (length: number) => Array.from({ length }, () => new RunningQuantile(quantile));
    this.#quantiles = quantiles(count);
    this.#settled = quantiles(settles ? count : 0);
    this.#settling = this.#settled.map(({ state }, k) => new Settling(this.#quantiles[k]!.state, state));
    this.#normal = new CalledNormal(count, normalFor);
    this.#remembered = remembers ? new RememberedSizes(count, normalFor) : undefined;
    this.#least = least;
    const ranges = this.#quantiles.map((quantile, k) => [`range${k}`, quantile.kept] as const);
    const settling = this.#settled.map(({ kept }, k) => ({ settledRange: kept, settling: this.#settling[k]!.kept }));
    const settlingState = statesByChannel(settling) as KeptState<Float64Array>;
    this.state = {
      ...this.#normal.state,
      ...this.#remembered?.state,
      ...Object.fromEntries(ranges),
      ...settlingState,
    };
  }

  /** NaN before the first size. */
  at(k: number): number {
    return Math.max(this.withoutMemory(k), this.#rememberedAt(k));
  }

  #rememberedAt(k: number): number {
    return this.#remembered?.at(k) ?? 0;
  }

  /** The same without what is remembered. */
  withoutMemory(k: number): number {
    return this.#normal.usual(k, this.learned(k));
  }

  /** Whether the size is within its limit only because of what is remembered: it teaches nothing then. */
  isOnlyRemembered(k: number, size: number, times: number): boolean {
    return size > times * this.withoutMemory(k) && size <= times * this.at(k);
  }

  /** Whether any limit is higher because of what is remembered. */
  get remembers(): boolean {
    return this.#quantiles.some((_, k) => this.at(k) > this.withoutMemory(k));
  }

  /** The same without what a person has called normal. */
  learned(k: number): number {
    return Math.max(this.#least, this.#quantiles[k]!.value);
  }

  /**
   * The size divided by the usual one; 0 before the first size. A size above `times` the learned one prolongs what was
   * called normal.
   */
  score(k: number, size: number, times: number): number {
    if (this.count(k) === 0) return 0;
    return this.#normal.score(k, size, times, Math.max(this.learned(k), this.#rememberedAt(k)));
  }

  /** Sizes learned so far. */
  count(k: number): number {
    return this.#quantiles[k]!.count;
  }

  /** With `times`, a size after the first counts as at most so often the learned one: a fault does not become usual. */
  learn(k: number, size: number, times?: number): void {
    const isBounded = times !== undefined && this.count(k) > 0;
    this.#quantiles[k]!.update(isBounded ? Math.min(size, times * this.learned(k)) : size);
  }

  /**
   * Remembers a size that is ordinary ({@link RememberedSizes}), once a hundred sizes are known, and not while unusual
   * sizes have taught something for now that may be taken back.
   */
  remember(k: number, size: number, times: number, isOrdinary: boolean): void {
    const isKnown = this.count(k) >= KNOWN && (this.#settling[k]?.unusual ?? 0) === 0;
    this.#remembered?.take(k, size, times, this.learned(k), isOrdinary && isKnown);
  }

  /**
   * Takes up a size as `learn` does, for good only where the time is usual and the size at most `times` what is: when
   * such sizes have made up for the others, what those have taught is forgotten. `teaches`: `learn` has it too.
   */
  settle(k: number, size: number, times: number, isUnusual: boolean, teaches: boolean): void {
    const [settled, settling] = [this.#settled[k]!, this.#settling[k]!];
    settling.begin();
    const isBeyond = isUnusual || size > times * this.#settledAt(k);
    if (!isBeyond && teaches) settled.update(size);
    settling.end(isBeyond);
  }

  /** What unusual sizes have taught for the time being, where that makes any of them larger. */
  get taught(): UnusualTeaching | undefined {
    return taughtForNow(this.#settling.filter((_, k) => this.learned(k) > this.#settledAt(k)));
  }

  #settledAt(k: number): number {
    return Math.max(this.#least, this.#settled[k]!.value);
  }

  /** From now on `size` is at most `times` as large as usual. */
  accept(k: number, size: number, times: number, room?: number): void {
    this.#normal.accept(k, size, times, this.learned(k), room);
  }

  /** Forgets what is remembered. */
  forgetRemembered(): void {
    this.#remembered?.forget();
  }

  /** What a person has called normal. */
  get accepted(): Pick<CalledNormal, 'any' | 'extents' | 'forget'> {
    return this.#normal;
  }
}
