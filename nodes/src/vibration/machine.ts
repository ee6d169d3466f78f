import { type BearingFrequencies, bearingFrequencies, RandomGenerator } from '@spikewire/models';
import { describeValue, SpikewireError } from 'spikewire';

export const FAULTS = ['none', 'outer', 'inner', 'ball'] as const;
export type Fault = (typeof FAULTS)[number];

/** What can be asked of a machine, also while it runs. */
export interface Scenario {
  readonly fault: Fault;
  /** Of the fault, 0…1. */
  readonly severity: number;
  /** 0…1. */
  readonly load: number;
  /** Turns per minute without load. */
  readonly rpm: number;
  /** Whether the sensor repeats its last number. */
  readonly stuck: boolean;
  /** Whether the sensor says nothing. */
  readonly silent: boolean;
}

/** What is so, beside what the sensor says. */
export interface Truth extends Scenario {
  /** Turns per minute under this load. */
  readonly speed: number;
  readonly frequencies: BearingFrequencies;
}

/** A deep groove ball bearing 6205, lengths in mm. */
const BEARING = { balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04, contactAngle: 0 };
/** Share of its speed that a machine loses under full load. */
const SLIP = 0.03;
/** Impacts come early or late by about this share of their interval. */
const JITTER = 0.01;
/** The housing rings at this frequency, or at a quarter of the sample rate where that is lower, for so many seconds. */
const RESONANCE_HZ = 3000;
const RINGING_SECONDS = 0.001;
/** m/s²: of an impact at full severity, and of the noise. */
const IMPACT = 30;
const NOISE = 0.3;
const AMBIENT = 20;
const WARMING_SECONDS = 60;

/**
 * A motor with a bearing that may be damaged: unbalance, noise, and impacts at the frequency of the damaged place that
 * make the housing ring, swinging in strength with the shaft where the place is on the inner race and with the cage on
 * a ball (McFadden and Smith 1984). Temperature and current follow load and damage slowly. The same seed gives the
 * same.
 */
export class SimulatedMachine {
  #scenario: Scenario;
  readonly #growth: number;
  readonly #random: RandomGenerator;
  /** Turns of the shaft and the cage; impacts, of which the next comes at `#next`. */
  #turns = 0;
  #cage = 0;
  #impacts = 0;
  #next = 1;
  /** The last two samples of the ringing. */
  #ringing: readonly [number, number] = [0, 0];
  #temperature = AMBIENT;
  #lastSample = 0;
  #lastSlow: Readonly<Record<string, number>> | undefined;

  /** @param growth of the severity per minute */
  constructor(scenario: Scenario, growth: number, seed: number) {
    this.#scenario = scenario;
    this.#growth = growth;
    this.#random = new RandomGenerator(seed, 'machine');
  }

  get truth(): Truth {
    const speed = this.#scenario.rpm * (1 - SLIP * this.#scenario.load);
    return { ...this.#scenario, speed, frequencies: bearingFrequencies(BEARING, speed / 60) };
  }

  change(scenario: Partial<Scenario>): void {
    this.#scenario = { ...this.#scenario, ...scenario };
  }

  /** `count` samples of acceleration in m/s² at `rate` per second; undefined from a silent sensor. */
  vibration(count: number, rate: number): Float64Array | undefined {
    const samples = this.#shake(count, rate);
    this.#grow(count / rate);
    if (this.#scenario.stuck) samples.fill(this.#lastSample);
    this.#lastSample = samples.at(-1)!;
    return this.#scenario.silent ? undefined : samples;
  }

  /** Temperature in °C and current in A, `seconds` after the last; undefined from a silent sensor. */
  slow(seconds: number): Readonly<Record<string, number>> | undefined {
    const { load, fault, severity, stuck, silent } = this.#scenario;
    const damage = fault === 'none' ? 0 : severity;
    const target = AMBIENT + 25 * load + 30 * damage;
    this.#temperature += (target - this.#temperature) * (1 - Math.exp(-seconds / WARMING_SECONDS));
    const reading = {
      temperature: this.#temperature + 0.1 * this.#random.nextNormal(),
      current: 2 + 6 * load + 0.3 * damage + 0.05 * this.#random.nextNormal(),
    };
    this.#grow(seconds);
    if (!stuck || this.#lastSlow === undefined) this.#lastSlow = reading;
    return silent ? undefined : this.#lastSlow;
  }

  #grow(seconds: number): void {
    const { fault, severity } = this.#scenario;
    if (fault !== 'none') this.change({ severity: Math.min(1, severity + (this.#growth * seconds) / 60) });
  }

  #shake(count: number, rate: number): Float64Array {
    const { load } = this.#scenario;
    const { speed, frequencies } = this.truth;
    const [shaft, cage, place] = [speed / 60, frequencies.ftf, this.#placeFrequency(frequencies)];
    const angle = 2 * Math.PI * Math.min(RESONANCE_HZ / rate, 0.25);
    const decay = Math.exp(-1 / (RINGING_SECONDS * rate));
    const samples = new Float64Array(count);
    let [last, before] = this.#ringing;
    for (let k = 0; k < count; k++) {
      this.#turns += shaft / rate;
      this.#cage += cage / rate;
      const hit = this.#impact(place / rate) * Math.sin(angle);
      [last, before] = [2 * decay * Math.cos(angle) * last - decay * decay * before + hit, last];
      const turn = 2 * Math.PI * this.#turns;
      const unbalance = (0.25 + 0.15 * load) * Math.sin(turn) + 0.1 * Math.sin(2 * turn + 0.6);
      samples[k] = unbalance + last + NOISE * (1 + 0.5 * load) * this.#random.nextNormal();
    }
    this.#ringing = [last, before];
    this.#turns %= 1;
    this.#cage %= 1;
    return samples;
  }

  /** How often the damaged place is rolled over; on a ball by both races. */
  #placeFrequency({ bpfo, bpfi, bsf }: BearingFrequencies): number {
    return { none: 0, outer: bpfo, inner: bpfi, ball: 2 * bsf }[this.#scenario.fault];
  }

  /** The impact of a sample, 0 for most, after so many more roll over the place. */
  #impact(share: number): number {
    this.#impacts += share;
    if (this.#impacts < this.#next) return 0;
    this.#impacts -= this.#next;
    this.#next = 1 + JITTER * this.#random.nextNormal();
    const { severity, load, fault } = this.#scenario;
    // The place comes through the loaded zone once a turn.
    const turns = { none: 0, outer: 0, inner: this.#turns, ball: this.#cage }[fault];
    return IMPACT * severity * (1 + 0.5 * load) * ((1 + Math.cos(2 * Math.PI * turns)) / 2);
  }
}

/** What a message asks of a machine. Throws `input` with the property that is wrong; nothing is asked then. */
export function scenarioOf(message: Readonly<Record<string, unknown>>): Partial<Scenario> {
  const asked = Object.entries(READERS).filter(([name]) => message[name] !== undefined);
  return Object.fromEntries(
    asked.map(([name, { allows, expected }]) => {
      const value = message[name];
      if (allows(value)) return [name, value];
      throw new SpikewireError('input', `msg.${name}`, `is ${describeValue(value)}`, expected);
    }),
  );
}

const isWithin = (low: number, high: number) => (value: unknown) =>
  typeof value === 'number' && value >= low && value <= high;
const share = { allows: isWithin(0, 1), expected: 'a number from 0 to 1' };
const flag = { allows: (value: unknown) => typeof value === 'boolean', expected: 'true or false' };

const READERS: Readonly<Record<keyof Scenario, { allows(value: unknown): boolean; readonly expected: string }>> = {
  fault: { allows: (value) => FAULTS.includes(value as Fault), expected: FAULTS.join(', ') },
  severity: share,
  load: share,
  rpm: { allows: isWithin(1, 100_000), expected: 'a number from 1 to 100000' },
  stuck: flag,
  silent: flag,
};
