import { InputStage } from '@spikewire/engine/coding';
import type { EventList } from '@spikewire/engine/network';
import { held, type KeptNumbers, kept, type Model, type ResolvedGraph, whole } from '@spikewire/models';

/**
 * How far from the middle of its range a value may lie, in half ranges, before it counts as lying there: far beyond any
 * sensor, and finite in all that is computed from it.
 */
const FARTHEST = 1e6;

export interface SamplesOptions {
  readonly seed: number;
  /** Whether samples are wanted before what standardises them knows what is usual; see `InputStage`. */
  readonly early: boolean;
  /** Readings of the warm-up, at most the model's. */
  readonly warmUp: number | undefined;
}

/** What the readings of one net become: its samples, and these in the units of the net, by ranges that it learns. */
export class Samples {
  readonly #start: () => InputStage;
  #input: InputStage;
  /** Readings since the last sample. */
  #gathered = 0;
  /** [newest readings in a row that are nothing but zeros], saved with the state. */
  readonly #zeroReadings = new Float64Array(1);

  constructor(model: Model, graph: ResolvedGraph, { seed, early, warmUp }: SamplesOptions) {
    this.#start = () => {
      const input = new InputStage(model, graph, seed, early);
      if (warmUp !== undefined) input.limitWarmUp(warmUp);
      return input;
    };
    this.#input = this.#start();
  }

  /** What it keeps and learns of its readings; another one after a reset. */
  get input(): InputStage {
    return this.#input;
  }

  /** Numbers of a sample. */
  get size(): number {
    return this.#input.sample.length;
  }

  /**
   * Takes a reading. @returns the events of the sample that it completes; undefined where it completes none. Throws
   * `input` for a bad one, which changes nothing.
   */
  take(values: Float64Array): EventList | undefined {
    const events = this.#input.encode(values);
    this.#zeroReadings[0] = isDead(values) ? this.#zeroReadings[0]! + 1 : 0;
    this.#gathered = events === undefined ? this.#gathered + 1 : 0;
    return events;
  }

  /** Readings since the last sample, and those from there to the next one. */
  get gathering(): { readonly done: number; readonly of: number } {
    return { done: this.#gathered, of: this.#gathered + this.#input.missing };
  }

  /** Whether all readings of the sample are nothing but zeros. */
  get isZero(): boolean {
    return this.#zeroReadings[0]! >= this.#input.span;
  }

  /** The count of readings that are nothing but zeros, as it is saved; a state of a build that had none lacks it. */
  get keptZeros(): KeptNumbers<Float64Array> {
    return { ...kept(this.#zeroReadings, whole()), lacking: 0 };
  }

  /** From sensor units to those of the net: a range goes from −1 to 1. */
  normalised(values: Float64Array): Float64Array {
    return values.map((value, channel) => {
      const { low, high } = this.#input.rangeOf(channel);
      const normalised = (value - low / 2 - high / 2) / (high / 2 - low / 2);
      return Math.max(-FARTHEST, Math.min(FARTHEST, normalised));
    });
  }

  /** And back. */
  inSensorUnits(normalised: Float64Array): Float64Array {
    return normalised.map((value, channel) => {
      const { low, high } = this.#input.rangeOf(channel);
      return held((low + high + value * (high - low)) / 2);
    });
  }

  /** An error as monitors see it: its unit stays the same while ranges follow. */
  asMonitored(error: Float64Array | undefined) {
    if (error === undefined) return { error };
    const growth = error.map((_, channel) => this.#input.growthOf(channel));
    return {
      error: error.map((value, channel) => held(value * growth[channel]!)),
      halfWidths: growth.map((factor, channel) => {
        const { low, high } = this.#input.rangeOf(channel);
        return (high / 2 - low / 2) / factor;
      }),
    };
  }

  /** Forgets what it has learned of its readings. */
  reset(): void {
    this.#input = this.#start();
    this.#gathered = 0;
    this.#zeroReadings.fill(0);
  }
}

/** Zero is ordinary for one number; for several together it may be a sensor that is dead. */
function isDead(values: Float64Array): boolean {
  return values.length > 1 && values.every((value) => value === 0);
}
