import { SpikewireError } from '../error.ts';
import { FARTHEST, held } from '../held.ts';
import { agreeing, type KeptState, kept, real, unknownOr, whole } from '../kept-numbers.ts';
import type { ParameterTable, PlainParameters } from '../parameters/declaration.ts';
import { quantileOfSorted } from './running-quantile.ts';

/** The parameters that every encoder has: where its channels lie. */
export const rangeParameters = {
  range: {
    doc: '"auto", [low, high] for all channels, or one [low, high] per channel; absent: samples come normalised',
    form: 'json',
    optional: true,
  },
  warmUp: { doc: 'samples that set an automatic range', form: 'integer', default: 300, minimum: 2 },
  tail: {
    doc: 'share of the samples left out at either end',
    form: 'number',
    default: 0.02,
    minimum: 0,
    maximum: 0.49,
  },
  widen: { doc: 'factor by which the rest is widened around its middle', form: 'number', default: 1.5, minimum: 1 },
  fence: {
    doc: 'samples of the warm-up that lie so many interquartile ranges beyond the quartiles do not count',
    form: 'number',
    optional: true,
    above: 0,
  },
  follow: {
    doc: 'an automatic range follows what is usual, by 1/`follow` of the excess with each sample; absent: it is frozen',
    form: 'integer',
    optional: true,
    minimum: 1,
  },
} as const satisfies ParameterTable;

/** Numbers an automatic range may keep for all channels together, and for one: 512 kB and 4 kB. */
const KEPT_IN_ALL = 65_536;
const KEPT_PER_CHANNEL = 512;
const KEPT_AT_LEAST = 16;

/** How an automatic range is found. */
export interface WarmUp {
  /** Samples until it is frozen. */
  readonly samples: number;
  /** Share of the samples left out at either end, 0 … 0.49. */
  readonly tail: number;
  /** Factor ≥ 1 by which the rest is widened around its middle. */
  readonly widen: number;
  /** Interquartile ranges beyond the quartiles from which on samples do not count ("far out" at 3, Tukey 1977). */
  readonly fence?: number | undefined;
  /** Samples in which it follows an excess; frozen where absent. */
  readonly follow?: number | undefined;
}

/** Beyond it, errors in units of the first range would be no numbers. */
const MOST_GROWTH = 1e200;
/** How much slower a range that follows becomes narrow again than wide. */
const NARROWING = 25;

/**
 * Where each channel of a sensor lies, in sensor units, and the way from there to normalised values and back.
 *
 * A range is fixed, or automatic: the 2 % and 98 % quantiles of the first samples, widened by 1.5 around their middle,
 * and then frozen, or it follows. The warm-up's samples themselves are kept (every k-th of a long one, at most 512 per
 * channel): that memory is bounded, and 300 of them give the exact quantiles, whatever the sensor did meanwhile. Of
 * running estimates P² (Jain and Chlamtac 1985) lies up to 5 % of the range from those, stochastic approximation 8 %,
 * 64 random samples 13 %.
 *
 * A channel that never moved gets a tenth of its magnitude to either side, or 1 around 0.
 *
 * One that follows moves an end outwards when a sample lies beyond the share 1/widen of the way there, by 1/follow of
 * the excess, and both ends inwards slowly while it is wider than the warm-up found it: each end is then an expectile
 * of the samples (Newey and Powell 1987). However far a sample lies out, it counts as one at the end.
 */
export class ChannelRange {
  readonly channels: number;
  /** Samples of the warm-up; 0 for a fixed range. */
  readonly of: number;
  /** Ends per channel, in sensor units; NaN before the range is `ready`. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Values beyond the range, per channel, that were clipped to it. */
  readonly clipped: Float64Array;
  /** Everything that changes, for exact save and restore. */
  readonly state: KeptState<Float64Array>;
  /** Half widths that the warm-up found. */
  readonly #firstHalf: Float64Array;
  readonly #where: string;
  readonly #warmUp: WarmUp | undefined;
  readonly #seen = new Float64Array(1);
  readonly #kept: Float64Array;
  readonly #keptPerChannel: number;

  /**
   * @param where for messages, such as `encoder "delta"`
   * @param extent the fixed [low, high] of each channel, or of all, or how to find them
   */
  constructor(where: string, channels: number, extent: readonly (readonly [number, number])[] | WarmUp) {
    this.#where = where;
    this.channels = channels;
    this.low = new Float64Array(channels).fill(Number.NaN);
    this.high = new Float64Array(channels).fill(Number.NaN);
    this.clipped = new Float64Array(channels);
    this.#firstHalf = new Float64Array(channels).fill(Number.NaN);
    this.#warmUp = 'samples' in extent ? extent : undefined;
    this.of = this.#warmUp?.samples ?? 0;
    const perChannel = Math.max(KEPT_AT_LEAST, Math.min(KEPT_PER_CHANNEL, Math.floor(KEPT_IN_ALL / channels)));
    this.#keptPerChannel = Math.min(this.of, perChannel);
    this.#kept = new Float64Array(channels * this.#keptPerChannel);
    if (!('samples' in extent)) {
      if (extent.length === 1) {
        this.low.fill(extent[0]![0]);
        this.high.fill(extent[0]![1]);
      } else {
        this.low.set(extent.map(([low]) => low));
        this.high.set(extent.map(([, high]) => high));
      }
      this.state = { clipped: kept(this.clipped, whole()) };
    } else {
      this.state = this.#keptOfWarmUp();
    }
  }

  #keptOfWarmUp(): KeptState<Float64Array> {
    const held = real(-FARTHEST, FARTHEST);
    const high = agreeing(kept(this.high, unknownOr(held)), 'ends in order where the warm-up is over', (saved) => {
      const [low, first] = [saved(this.low), saved(this.#firstHalf)];
      const isKnown = (end: number, c: number) => end > low[c]! && (!this.follows || first[c]! > 0);
      return saved(this.#seen)[0]! < this.of || saved(this.high).every(isKnown);
    });
    return {
      clipped: kept(this.clipped, whole()),
      rangeSamples: kept(this.#seen, whole(0, this.of)),
      rangeLow: kept(this.low, unknownOr(held)),
      rangeHigh: high,
      rangeKept: kept(this.#kept, held),
      ...(this.follows && { rangeFirstHalf: kept(this.#firstHalf, unknownOr(real(0))) }),
    };
  }

  /** Bytes of all its arrays. */
  get bytes(): number {
    const { low, high, clipped } = this;
    const arrays = [low, high, clipped, this.#firstHalf, this.#seen, this.#kept];
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Whether the ends are known. */
  get ready(): boolean {
    return this.samples >= this.of;
  }

  /** Whether it moves after the warm-up. */
  get follows(): boolean {
    return this.#warmUp?.follow !== undefined;
  }

  /** Samples of the warm-up seen so far, at most `of`. */
  get samples(): number {
    return this.#seen[0]!;
  }

  /**
   * Takes a sample in: refuses it with an `input` error, before anything changes, if it has another number of channels
   * or a number that is not finite; lets it count for the warm-up. Returns whether the range is ready, this sample
   * included.
   */
  take(sample: ArrayLike<number>): boolean {
    this.#check(sample);
    if (this.samples < this.of) this.#observe(sample);
    return this.ready;
  }

  /** Ends the warm-up with what it has seen, where that is `enough`: at least two samples. */
  endWarmUp(enough: number): void {
    if (this.ready || this.samples < Math.max(2, enough)) return;
    this.#freeze(Math.ceil(this.samples / this.#stride));
    this.#seen[0] = this.of;
  }

  /** A value of a channel on [0, 1], clipped; clipping is counted. */
  toUnit(channel: number, value: number): number {
    const unit = (value - this.low[channel]!) / (this.high[channel]! - this.low[channel]!);
    if (unit >= 0 && unit <= 1) return unit;
    this.clipped[channel]! += 1;
    return unit < 0 ? 0 : 1;
  }

  /** A value of a channel on [−1, 1], clipped; clipping is counted. */
  toSigned(channel: number, value: number): number {
    const low = this.low[channel]!;
    const high = this.high[channel]!;
    const signed = (2 * value - (low + high)) / (high - low);
    if (signed >= -1 && signed <= 1) return signed;
    this.clipped[channel]! += 1;
    return signed < -1 ? -1 : 1;
  }

  /** A value on [0, 1] in the channel's sensor units; not clipped. */
  fromUnit(channel: number, unit: number): number {
    return this.low[channel]! * (1 - unit) + this.high[channel]! * unit;
  }

  /** A value on [−1, 1] in the channel's sensor units; not clipped. */
  fromSigned(channel: number, signed: number): number {
    return this.fromUnit(channel, (1 + signed) / 2);
  }

  /** How many times as wide a channel is as the warm-up found it; 1 where it does not follow. */
  growth(channel: number): number {
    if (!this.follows) return 1;
    return Math.min(MOST_GROWTH, (this.high[channel]! - this.low[channel]!) / 2 / this.#firstHalf[channel]!);
  }

  /** Follows a sample that is usual; nothing where it is frozen or not yet ready. */
  follow(sample: ArrayLike<number>): void {
    if (!this.follows || !this.ready) return;
    for (let channel = 0; channel < this.channels; channel++) this.#followChannel(channel, sample[channel]!);
  }

  #followChannel(channel: number, value: number): void {
    const { widen, follow } = this.#warmUp!;
    const half = (this.high[channel]! - this.low[channel]!) / 2;
    const place = Math.max(-1, Math.min(1, (value - this.low[channel]!) / half - 1));
    const excess = Math.max(0, Math.abs(place) - 1 / widen) * (half / follow!);
    if (place > 0) this.high[channel] = held(this.high[channel]! + excess);
    else this.low[channel] = held(this.low[channel]! - excess);
    const narrowing = Math.min(half - this.#firstHalf[channel]!, half / (NARROWING * follow!));
    if (narrowing <= 0) return;
    this.low[channel]! += narrowing;
    this.high[channel]! -= narrowing;
  }

  /**
   * Moves a channel to where it lies now, from `low` to `high`: that becomes its middle, and it becomes wider where it
   * must. Returns whether it did: not where it is frozen, nor where it holds that already.
   */
  moveTo(channel: number, low: number, high: number): boolean {
    const inner = this.#inner(channel);
    if (!this.follows || (low >= inner.low && high <= inner.high)) return false;
    const half = Math.max((this.high[channel]! - this.low[channel]!) / 2, this.#warmUp!.widen * (high / 2 - low / 2));
    const middle = held(low) / 2 + held(high) / 2;
    this.low[channel] = held(middle - half);
    this.high[channel] = held(middle + half);
    return true;
  }

  /** What a channel holds without its margins. */
  #inner(channel: number) {
    const middle = this.low[channel]! / 2 + this.high[channel]! / 2;
    const reach = (this.high[channel]! - middle) / (this.#warmUp?.widen ?? 1);
    return { low: middle - reach, high: middle + reach };
  }

  #check(sample: ArrayLike<number>): void {
    if (sample.length !== this.channels) {
      throw new SpikewireError('input', this.#where, `sample has ${sample.length} numbers`, `${this.channels}`);
    }
    for (let channel = 0; channel < this.channels; channel++) {
      if (Number.isFinite(sample[channel])) continue;
      throw new SpikewireError('input', this.#where, `channel ${channel} is ${sample[channel]}`, 'a finite number');
    }
  }

  /** Samples of which one is kept. */
  get #stride(): number {
    return Math.ceil(this.of / this.#keptPerChannel);
  }

  #observe(sample: ArrayLike<number>): void {
    const index = this.samples / this.#stride;
    if (Number.isInteger(index)) {
      for (let channel = 0; channel < this.channels; channel++) {
        this.#kept[channel * this.#keptPerChannel + index] = held(sample[channel]!);
      }
    }
    this.#seen[0]! += 1;
    if (this.samples === this.of) this.#freeze(Math.ceil(this.of / this.#stride));
  }

  #freeze(count: number): void {
    const { tail, widen, fence } = this.#warmUp!;
    for (let channel = 0; channel < this.channels; channel++) {
      const start = channel * this.#keptPerChannel;
      const sorted = within(this.#kept.subarray(start, start + count).sort(), fence);
      // A sensor that rested for nearly the whole warm-up is described by its few movements.
      const flat = quantileOfSorted(sorted, tail) === quantileOfSorted(sorted, 1 - tail);
      const from = quantileOfSorted(sorted, flat ? 0 : tail);
      const to = quantileOfSorted(sorted, flat ? 1 : 1 - tail);
      const middle = from / 2 + to / 2;
      const reach = to > from ? widen * (to / 2 - from / 2) : Math.abs(middle) / 10 || 1;
      this.low[channel] = held(middle - reach);
      this.high[channel] = held(middle + reach);
      this.#firstHalf[channel] = reach;
    }
  }
}

/** The ascending values that are not too many interquartile ranges beyond the quartiles; all where half are equal. */
function within(sorted: Float64Array, fence: number | undefined): Float64Array {
  const [from, to] = [quantileOfSorted(sorted, 0.25), quantileOfSorted(sorted, 0.75)];
  if (fence === undefined || from === to) return sorted;
  const reach = fence * (to - from);
  return sorted.filter((value) => value >= from - reach && value <= to + reach);
}

/**
 * The range that an encoder's parameters name, for its number of channels; throws `parameter`.
 *
 * @param normalised where samples lie if no range is given
 */
export function readRange(
  where: string,
  { range, warmUp, tail, widen, fence, follow }: PlainParameters<typeof rangeParameters>,
  channels: number,
  normalised: readonly [number, number],
): ChannelRange {
  return range === 'auto'
    ? new ChannelRange(where, channels, { samples: warmUp, tail, widen, fence, follow })
    : fixedRange(where, range ?? normalised, channels);
}

/** A range that does not depend on samples: [low, high] for all channels, or one per channel. */
export function fixedRange(where: string, range: unknown, channels: number): ChannelRange {
  const list: readonly unknown[] = Array.isArray(range) ? range : [];
  const isForAll = !list.some(Array.isArray);
  const pairs = isForAll ? [list] : list;
  if (!isForAll && pairs.length !== channels) {
    const expected = `one [low, high] for all, or ${channels}, one per channel`;
    throw new SpikewireError('parameter', `${where}.range`, `has ${pairs.length} ranges`, expected);
  }
  return new ChannelRange(
    where,
    channels,
    pairs.map((pair) => checkPair(`${where}.range`, pair)),
  );
}

function checkPair(where: string, pair: unknown): [number, number] {
  const [low, high] = Array.isArray(pair) && pair.length === 2 ? (pair as readonly unknown[]) : [];
  if (typeof low === 'number' && typeof high === 'number' && low < high && Number.isFinite(high - low)) {
    return [low, high];
  }
  throw new SpikewireError('parameter', where, `is ${JSON.stringify(pair)}`, '"auto" or [low, high] with low < high');
}
