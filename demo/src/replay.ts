import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import type { MqttLink } from 'spikewire/mqtt';
import { LatencyRecord, type LatencySummary } from './latency.ts';
import { MOTE_CHANNELS, type Plant } from './plant.ts';
import { sum } from './sum.ts';
import type { MoteStream } from './wsn.ts';

export interface ReplayOptions {
  /** Topic of a stream's readings. */
  readonly topicOf: (streamId: string) => string;
  /** Readings that each stream has already had. */
  readonly from: ReadonlyMap<string, number>;
  /** Seconds for the whole replay; 0: as fast as the answers come. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Called now and then with the number of readings published to the furthest stream. */
  readonly onProgress: (index: number) => void;
  /**
   * Asked after a long silence: up to which reading each net has taken them. What comes after that is published again.
   * Without it nothing is thought to be lost on the way.
   */
  readonly taken?: () => Promise<ReadonlyMap<string, number>>;
}

/**
 * Readings of one stream that may be on their way at the same time: enough that a fast replay never waits for the way,
 * few enough that a paced one shows the latency of a reading and not of a queue.
 */
export const AHEAD = 8;
const SILENCE_MS = 5000;

/**
 * The motes' side of the demo: publishes their readings at a high speed and waits for the answers, so that nothing
 * piles up.
 */
export class Replay {
  readonly latency: LatencyRecord;
  readonly #link: MqttLink;
  readonly #plant: Plant;
  readonly #options: ReplayOptions;
  /** Readings answered, by stream. */
  readonly #answered: Map<string, number>;
  #wake: () => void = () => {};
  #failure: Error | undefined;
  /** Readings published to the furthest stream. */
  #published = 0;
  /** Readings taken in all at the last silence. */
  #takenBefore = -1;

  constructor(link: MqttLink, plant: Plant, options: ReplayOptions) {
    this.#link = link;
    this.#plant = plant;
    this.#options = options;
    this.#answered = new Map(options.from);
    this.latency = new LatencyRecord(sum(plant.streams.map(({ readings }) => readings.length)));
  }

  /** Takes an answer of the net: to reading `number` (from 1) of a stream. */
  answer(streamId: string, number: number): void {
    this.latency.arrived(`${streamId} ${number}`);
    this.#answered.set(streamId, Math.max(number, this.#answered.get(streamId) ?? 0));
    this.#wake();
  }

  get latencyMs(): LatencySummary {
    return this.latency.summarise(AHEAD * this.#plant.streams.length);
  }

  /** An answer will never come: `run` rejects. */
  fail(failure: Error): void {
    this.#failure ??= failure;
    this.#wake();
  }

  /** Publishes everything and waits for the last answer, or until it is stopped. */
  async run(): Promise<void> {
    const { seconds, signal, from, onProgress } = this.#options;
    const first = Math.min(...from.values());
    const interval = (seconds * 1000) / this.#plant.length;
    const started = performance.now();
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    for (let index = first; index < this.#plant.length; index++) {
      await this.#until(() => this.#furthestBehind(index) < AHEAD);
      if (signal.aborted) return;
      for (const stream of this.#plant.streams) if (index >= from.get(stream.id)!) this.#publish(stream, index);
      this.#published = index + 1;
      onProgress(index + 1);
      const early = started + (index - first + 1) * interval - performance.now();
      // Timers are coarse: sleeping only when it is worth it keeps the pace exact on average.
      if (early > 4) await delay(early, undefined, { signal }).catch(() => {});
    }
    await this.#until(() => this.#furthestBehind(this.#plant.length) <= 0);
  }

  #publish(stream: MoteStream, index: number): void {
    const reading = this.#plant.reading(stream, index);
    if (reading === undefined) return;
    const values = Object.fromEntries(MOTE_CHANNELS.map(({ name }, channel) => [name, reading.values[channel]]));
    this.latency.sent(`${stream.id} ${index + 1}`);
    void this.#link.publish(this.#options.topicOf(stream.id), JSON.stringify({ t: reading.time, values }));
  }

  /** Readings of some stream, up to `index`, without an answer. */
  #furthestBehind(index: number): number {
    return Math.max(
      ...this.#plant.streams.map(({ id, readings }) => Math.min(index, readings.length) - this.#answered.get(id)!),
    );
  }

  async #until(condition: () => boolean): Promise<void> {
    const { signal } = this.#options;
    while (this.#failure === undefined && !condition() && !signal.aborted) {
      if (!(await this.#hears())) await this.#publishLost();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves to whether something came: false after a long silence, where somebody can be asked about it. */
  #hears(): Promise<boolean> {
    return new Promise((resolve) => {
      const silence = this.#options.taken && setTimeout(() => resolve(false), SILENCE_MS);
      this.#wake = () => {
        clearTimeout(silence);
        resolve(true);
      };
    });
  }

  async #publishLost(): Promise<void> {
    const taken = await this.#options.taken!();
    const total = sum(taken.values());
    if (total === this.#takenBefore) return this.fail(silent());
    this.#takenBefore = total;
    for (const stream of this.#plant.streams) {
      const next = taken.get(stream.id)!;
      this.#answered.set(stream.id, next);
      for (let index = next; index < this.#published; index++) this.#publish(stream, index);
    }
  }
}

function silent(): SpikewireError {
  const problem = `no reading was taken for ${SILENCE_MS / 1000} s`;
  return new SpikewireError('unsupported', 'demo', problem, 'a prediction for each; start it again to continue');
}
