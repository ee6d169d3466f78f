import { followMoments } from '@spikewire/models';
import type { SampleBlock, SensorDescription } from './sensor.ts';

/** From so many equal samples in a row on, a channel is stuck. */
const STUCK = 100;
/** An interval of so many usual ones has a gap in it. */
const GAP = 1.5;

export interface ChannelFigures {
  readonly name: string;
  readonly unit: string;
  /** Of all samples; null before the first. */
  readonly low: number | null;
  readonly high: number | null;
  /** Whether the last 100 samples or more were the same. */
  readonly stuck: boolean;
}

/** What became of samples, and what was doubtful about them. */
export interface QualityFigures {
  /** Samples that came. */
  readonly samples: number;
  /** Samples with a number that is not finite; left out. */
  readonly nonFinite: number;
  /** Samples of the same time as the one before; left out. Only where the source takes the times. */
  readonly duplicates: number;
  /** Samples of an earlier time than the one before. */
  readonly backwards: number;
  /** Pauses in which samples should have come, at the sensor's rate, and how many these were. */
  readonly gaps: number;
  readonly missing: number;
  /** How often a channel began to give the same number again and again. */
  readonly stuck: number;
  /** Samples per second, from the mean interval between two; null before there are three. */
  readonly rate: number | null;
  /** Standard deviation of the interval, and the longest one, in milliseconds. */
  readonly jitter: number | null;
  readonly longest: number | null;
  /** None where samples count events. */
  readonly channels: readonly ChannelFigures[];
}

/** Looks at every sample as it comes. */
export class SampleQuality {
  readonly #description: SensorDescription;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #last: Float64Array;
  /** Samples in a row that were equal, by channel. */
  readonly #equal: Float64Array;
  /** Mean and variance of the interval in seconds. */
  readonly #moments = new Float64Array(2);
  readonly #counts = { samples: 0, nonFinite: 0, duplicates: 0, backwards: 0, gaps: 0, missing: 0, stuck: 0 };
  #time = Number.NaN;
  #changed = -1;
  #intervals = 0;
  #longest = 0;

  constructor(description: SensorDescription) {
    const count = description.channels.length;
    this.#description = description;
    this.#low = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.#high = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#last = new Float64Array(count).fill(Number.NaN);
    this.#equal = new Float64Array(count);
  }

  /** Whether sample `k` of a block may be passed on. */
  admits({ times, values, changed }: SampleBlock, k: number): boolean {
    const counts = this.#counts;
    counts.samples++;
    const count = this.#low.length;
    if (!Number.isFinite(times[k]!) || !areFinite(values, k * count, count)) {
      counts.nonFinite++;
      return false;
    }
    const interval = times[k]! - this.#time;
    const channel = changed?.[k] ?? -1;
    if (interval === 0 && channel === this.#changed && this.#description.timed !== undefined) {
      counts.duplicates++;
      return false;
    }
    this.#time = times[k]!;
    this.#changed = channel;
    if (interval < 0) counts.backwards++;
    else if (interval >= 0) this.#followInterval(interval);
    for (let c = 0; c < count; c++) this.#followChannel(c, values[k * count + c]!, channel < 0);
    return true;
  }

  #followInterval(interval: number): void {
    const { rate } = this.#description;
    this.#longest = Math.max(this.#longest, interval);
    followMoments(this.#moments, 0, interval - this.#moments[0]!, ++this.#intervals);
    if (rate === undefined || interval * rate <= GAP) return;
    this.#counts.gaps++;
    this.#counts.missing += Math.round(interval * rate) - 1;
  }

  #followChannel(channel: number, value: number, isSampled: boolean): void {
    this.#low[channel] = Math.min(this.#low[channel]!, value);
    this.#high[channel] = Math.max(this.#high[channel]!, value);
    // What comes only when something happens is not stuck in between.
    const mayStick = isSampled && this.#description.counts === undefined;
    this.#equal[channel] = mayStick && value === this.#last[channel] ? this.#equal[channel]! + 1 : 0;
    this.#last[channel] = value;
    if (this.#equal[channel] === STUCK - 1) this.#counts.stuck++;
  }

  get figures(): QualityFigures {
    const known = this.#intervals >= 2;
    const [mean, variance] = this.#moments;
    return {
      ...this.#counts,
      rate: known && mean! > 0 ? 1 / mean! : null,
      jitter: known ? 1000 * Math.sqrt(variance!) : null,
      longest: known ? 1000 * this.#longest : null,
      channels: (this.#description.counts === undefined ? this.#description.channels : []).map(({ name, unit }, c) => ({
        name,
        unit,
        low: Number.isNaN(this.#last[c]!) ? null : this.#low[c]!,
        high: Number.isNaN(this.#last[c]!) ? null : this.#high[c]!,
        stuck: this.#equal[c]! >= STUCK - 1,
      })),
    };
  }
}

function areFinite(values: Float64Array, from: number, count: number): boolean {
  for (let k = from; k < from + count; k++) if (!Number.isFinite(values[k]!)) return false;
  return true;
}
