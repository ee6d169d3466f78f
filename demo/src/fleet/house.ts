import { setTimeout as pause } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import type { MqttLink } from 'spikewire/mqtt';
import { Score } from '../mill/score.ts';
import { Pump } from '../update/pump.ts';

/** Between two readings of a pump. */
const READING_MS = 40;
/** How far its sensors have drifted at most, in units of their usual deviation, and after how many readings. */
const MOST_DRIFT = 0.6;
const DRIFT_READINGS = 1500;
/** Readings whose answers are waited for; the rest count as not answered. */
const MOST_OPEN = 64;
const CHANNELS = ['vibration', 'current', 'temperature'] as const;

/** A pump house: its pump drifts in its own way, and a person there labels each reading when it was answered. */
export class House {
  readonly name: string;
  readonly score = new Score();
  readonly #pump: Pump;
  readonly #drift: readonly number[];
  /** The true states of readings that are not answered yet, by their times. */
  readonly #open = new Map<number, string>();
  #readings = 0;

  constructor(name: string, seed: number) {
    this.name = name;
    this.#pump = new Pump(seed);
    const random = new RandomGenerator(seed, 'drift');
    this.#drift = CHANNELS.map(() => MOST_DRIFT * (2 * random.nextUniform() - 1));
  }

  get topic(): string {
    return `${this.name}/pump`;
  }

  /** Sends readings until the signal is aborted. */
  async live(link: MqttLink, signal: AbortSignal): Promise<void> {
    await link.subscribe(`${this.topic}/state`, ({ payload }) => {
      const { t, result } = JSON.parse(Buffer.from(payload).toString()) as { t: number; result: string | null };
      void this.#answered(link, t, result).catch(() => {}); // the demo ends
    });
    while (!signal.aborted) {
      await this.#send(link).catch(() => {}); // the demo ends
      await pause(READING_MS, undefined, { signal }).catch(() => {}); // ended
    }
  }

  async #send(link: MqttLink): Promise<void> {
    const { reading, state } = this.#pump.next();
    const drifted = Math.min(1, this.#readings++ / DRIFT_READINGS);
    const values = CHANNELS.map((name, k) => [name, reading.values[k]! + drifted * this.#drift[k]!]);
    const t = Date.now();
    this.#open.set(t, state);
    if (this.#open.size > MOST_OPEN) this.#open.delete(this.#open.keys().next().value!);
    await link.publish(this.topic, JSON.stringify({ t, values: Object.fromEntries(values) }));
  }

  async #answered(link: MqttLink, t: number, result: string | null): Promise<void> {
    const state = this.#open.get(t);
    if (state === undefined) return;
    this.#open.delete(t);
    this.score.add(result === state);
    await link.publish(`${this.topic}/label`, JSON.stringify({ t, label: state }));
  }
}
