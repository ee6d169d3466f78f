import { classifierModel, type Model, RandomGenerator } from '@spikewire/models';

/** What the pump does. */
export const STATES = ['idle', 'load', 'worn'] as const;
const CHANNELS = ['vibration', 'current', 'temperature'].map((name) => ({ name, unit: '' }));
/** Means of the channels in each state, in units of their usual deviation. */
const MEANS = [
  [-1, 0, 0.5],
  [1, 0, 0],
  [0, 1.5, -0.5],
] as const;
const NOISE = 0.5;
/** Readings of one state at least and at most. */
const TURN = [5, 20] as const;

export interface PumpReading {
  readonly reading: { readonly time: number; readonly values: Float64Array };
  readonly state: string;
}

/** An invented pump with three sensors, a reading a second; all follows from the seed. */
export class Pump {
  readonly #random: RandomGenerator;
  #state = 0;
  #left = 0;
  #time = 0;

  constructor(seed: number) {
    this.#random = new RandomGenerator(seed, 'pump');
  }

  next(): PumpReading {
    if (this.#left === 0) {
      this.#state = (this.#state + 1 + this.#random.nextInteger(STATES.length - 1)) % STATES.length;
      this.#left = TURN[0] + this.#random.nextInteger(TURN[1] - TURN[0] + 1);
    }
    this.#left--;
    this.#time += 1000;
    const values = Float64Array.from(MEANS[this.#state]!, (mean) => mean + NOISE * this.#random.nextNormal());
    return { reading: { time: this.#time, values }, state: STATES[this.#state]! };
  }
}

/** The version of a net that names the states: so many random neurons, and a read-out that labels teach. */
export function pumpModel(seed: number, neurons: number): Model {
  const standardise = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  return classifierModel({ channels: CHANNELS, labels: STATES, standardise, running: false, neurons, seed });
}
