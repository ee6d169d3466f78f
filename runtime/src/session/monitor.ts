import { type MonitorDeclaration, RunningQuantile } from '@spikewire/models';

/** What the monitor says of one reading. */
export interface Verdict {
  /** Largest error of a channel in units of that channel's learned range; NaN before there is a range. */
  readonly score: number;
  /** The score is above the sensitivity. */
  readonly anomaly: boolean;
  /** The first anomaly after at least `holdOff` quiet readings. */
  readonly alarm: boolean;
}

/**
 * The least range of an error, in normalised units (the channel's range is −1…1): half a step of an 8-bit input. Below
 * it an error is rounding and not news.
 */
const LEAST_RANGE = 0.5 / 127;

/** A channel's range, −1…1. */
const WHOLE_RANGE = 2;

/**
 * Tells unusual readings by the error of a prediction: an error above `sensitivity` times its learned range (a running
 * quantile of its magnitude, per channel) is an anomaly. The range keeps learning unless frozen; so does what is
 * normal.
 */
export class ErrorMonitor {
  /** False: the range stays as it is once it is known. */
  learning = true;
  readonly #warmUp: number;
  readonly #declared: { readonly sensitivity: number; readonly holdOff: number };
  /** [sensitivity, hold-off] that a person has set; NaN: as the model declares. */
  readonly #settings = Float64Array.of(Number.NaN, Number.NaN);
  readonly #quantiles: readonly RunningQuantile[];
  /** [errors judged, readings since the last anomaly], saved with the state. */
  readonly #counts = Float64Array.of(0, Number.MAX_SAFE_INTEGER);
  readonly #lastError: Float64Array;
  /** Ranges that a person has called normal, per channel. */
  readonly #accepted: Float64Array;

  constructor({ warmUp, quantile, sensitivity, holdOff }: MonitorDeclaration, channels: number) {
    this.#warmUp = warmUp;
    this.#declared = { sensitivity, holdOff };
    this.#quantiles = Array.from({ length: channels }, () => new RunningQuantile(quantile));
    this.#lastError = new Float64Array(channels);
    this.#accepted = new Float64Array(channels);
  }

  /**
   * Errors above this many times their range are anomalies. May be changed while it runs and is then kept with the
   * state.
   */
  get sensitivity(): number {
    return Number.isNaN(this.#settings[0]) ? this.#declared.sensitivity : this.#settings[0]!;
  }

  set sensitivity(value: number) {
    this.#settings[0] = value;
  }

  /**
   * Quiet readings before an anomaly counts as a new alarm. May be changed while it runs and is then kept with the
   * state.
   */
  get holdOff(): number {
    return Number.isNaN(this.#settings[1]) ? this.#declared.holdOff : this.#settings[1]!;
  }

  set holdOff(value: number) {
    this.#settings[1] = value;
  }

  /** Takes over what a person has set on another one. */
  keepSettingsOf({ state }: ErrorMonitor): void {
    this.#settings.set(state.settings!);
  }

  /** Readings that the range has seen, up to the number it needs. */
  get warmUp(): { readonly done: number; readonly of: number } {
    return { done: Math.min(this.#counts[0]!, this.#warmUp), of: this.#warmUp };
  }

  /** The learned range of a channel's error, in normalised units. */
  range(channel: number): number {
    return Math.max(LEAST_RANGE, this.#accepted[channel]!, this.#quantiles[channel]!.value);
  }

  /**
   * Whether the sensitivity limit is so high that an error as wide as a channel's whole range is no anomaly in any of them.
   */
  get muted(): boolean {
    return this.#accepted.every((_, channel) => this.sensitivity * this.range(channel) >= WHOLE_RANGE);
  }

  /** Judges an error (prediction − actual, normalised, one per channel) and then learns from it. */
  judge(error: Float64Array): Verdict {
    const warm = this.#counts[0]! >= this.#warmUp;
    const score = warm ? this.#score(error) : Number.NaN;
    const anomaly = score > this.sensitivity;
    const alarm = anomaly && this.#counts[1]! > this.holdOff;
    this.#counts[0]! += 1;
    this.#counts[1] = anomaly ? 1 : Math.min(this.#counts[1]! + 1, Number.MAX_SAFE_INTEGER);
    this.#lastError.set(error);
    if (this.learning || !warm) this.#learn(error);
    return { score, anomaly, alarm };
  }

  #learn(error: Float64Array): void {
    for (const [channel, value] of error.entries()) this.#quantiles[channel]!.update(Math.abs(value));
  }

  #score(error: Float64Array): number {
    return error.reduce((largest, value, channel) => Math.max(largest, Math.abs(value) / this.range(channel)), 0);
  }

  /** "That was normal": from now on an error as large as the last one is not flagged. */
  acceptLast(): void {
    for (const [channel, error] of this.#lastError.entries()) {
      // A hair more than needed, so that rounding does not flag it again.
      const needed = (Math.abs(error) / this.sensitivity) * (1 + Number.EPSILON * 4);
      if (needed > this.range(channel)) this.#accepted[channel] = needed;
    }
    this.#counts[1] = Number.MAX_SAFE_INTEGER;
  }

  /** Everything that changes, as views for saving and restoring. */
  get state(): Readonly<Record<string, Float64Array>> {
    const quantiles = this.#quantiles.map(({ state }, channel) => [`range${channel}`, state] as const);
    return {
      counts: this.#counts,
      settings: this.#settings,
      lastError: this.#lastError,
      accepted: this.#accepted,
      ...Object.fromEntries(quantiles),
    };
  }
}
