import { SpikewireError } from '../error.ts';
import type { ParameterTable, PlainParameters } from '../parameters/declaration.ts';
import { quantileOfSorted } from './quantile.ts';

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
}

/**
 * Where each channel of a sensor lies, in sensor units, and the way from there to normalised values and back.
 *
 * A range is fixed, or automatic: the 2 % and 98 % quantiles of the first samples, widened by 1.5 around their middle,
 * and then frozen. The warm-up's samples themselves are kept (every k-th of a long one, at most 512 per channel): that
 * memory is bounded, and 300 of them give the exact quantiles, whatever the sensor did meanwhile. Of running estimates
 * P² (Jain and Chlamtac 1985) lies up to 5 % of the range from those, stochastic approximation 8 %, 64 random samples
 * 13 %.
 *
 * A channel that never moved gets a tenth of its magnitude to either side, or 1 around 0.
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
  /** Everything that changes, as views, for exact save and restore. */
  readonly state: Readonly<Record<string, Float64Array>>;
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
      this.state = { clipped: this.clipped };
    } else {
      this.state = {
        clipped: this.clipped,
        rangeSamples: this.#seen,
        rangeLow: this.low,
        rangeHigh: this.high,
        rangeKept: this.#kept,
      };
    }
  }

  /** Whether the ends are known. */
  get ready(): boolean {
    return this.samples >= this.of;
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

  #check(sample: ArrayLike<number>): void {
    if (sample.length !== this.channels) {
      throw new SpikewireError('input', this.#where, `sample has ${sample.length} numbers`, `${this.channels}`);
    }
    for (let channel = 0; channel < this.channels; channel++) {
      if (Number.isFinite(sample[channel])) continue;
      throw new SpikewireError('input', this.#where, `channel ${channel} is ${sample[channel]}`, 'a finite number');
    }
  }

  #observe(sample: ArrayLike<number>): void {
    const stride = Math.ceil(this.of / this.#keptPerChannel);
    const index = this.samples / stride;
    if (Number.isInteger(index)) {
      for (let channel = 0; channel < this.channels; channel++) {
        this.#kept[channel * this.#keptPerChannel + index] = sample[channel]!;
      }
    }
    this.#seen[0]! += 1;
    if (this.samples === this.of) this.#freeze(Math.ceil(this.of / stride));
  }

  #freeze(count: number): void {
    const { tail, widen } = this.#warmUp!;
    for (let channel = 0; channel < this.channels; channel++) {
      const start = channel * this.#keptPerChannel;
      const sorted = this.#kept.subarray(start, start + count).sort();
      // A sensor that rested for nearly the whole warm-up is described by its few movements.
      const flat = quantileOfSorted(sorted, tail) === quantileOfSorted(sorted, 1 - tail);
      const from = quantileOfSorted(sorted, flat ? 0 : tail);
      const to = quantileOfSorted(sorted, flat ? 1 : 1 - tail);
      const middle = from / 2 + to / 2;
      const reach = to > from ? widen * (to / 2 - from / 2) : Math.abs(middle) / 10 || 1;
      this.low[channel] = middle - reach;
      this.high[channel] = middle + reach;
    }
  }
}

/**
 * The range that an encoder's parameters name, for its number of channels; throws `parameter`.
 *
 * @param normalised where samples lie if no range is given
 */
export function readRange(
  where: string,
  { range, warmUp, tail, widen }: PlainParameters<typeof rangeParameters>,
  channels: number,
  normalised: readonly [number, number],
): ChannelRange {
  return range === 'auto'
    ? new ChannelRange(where, channels, { samples: warmUp, tail, widen })
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
