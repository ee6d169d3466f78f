import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import { backoffDelay } from '../mqtt/link/backoff.ts';
import type { Reading } from '../reading/reading.ts';
import { type QualityFigures, SampleQuality } from './quality.ts';
import { samplesNow } from './sample-now.ts';
import { type SampleOrder, SampleRing } from './sample-ring.ts';
import type { AskedSensor, SampleBlock, Sensor, SensorDescription } from './sensor.ts';

/** Seconds of samples that may wait, and bounds of how many these are. */
const WAITING = 4;
const LEAST_WAITING = 16;
const MOST_WAITING = 65_536;
const WAITING_WITHOUT_RATE = 1024;
/** Numbers of all samples that wait, unless more are needed: 32 MB. */
const MOST_NUMBERS = 2 ** 22;
/** Between two attempts to get a sensor back that was lost, in milliseconds. */
const BACKOFF = { base: 250, cap: 10_000 };

export interface SensorStreamOptions {
  /** Seconds between two readings of a sensor that is asked. Default 5. */
  readonly interval?: number | undefined;
  /** A sample is passed on once a channel differs by so much from the last that was: for all channels, or for each. */
  readonly delta?: readonly number[] | undefined;
  /** Told of each failed attempt to read, and of a loss. */
  readonly onProblem?: (problem: SpikewireError) => void;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
}

export interface SensorFigures extends QualityFigures {
  readonly address: string;
  /** Samples that were taken. */
  readonly taken: number;
  /** Samples that gave way to newer ones, because nobody took them in time. */
  readonly dropped: number;
  /** Samples that differed too little from the last that was passed on; see `delta`. */
  readonly unchanged: number;
  /** Times that the sensor could not be read, and why it cannot now. */
  readonly problems: number;
  readonly problem: string | null;
  /** What the sensor counts itself, such as what was lost on its way. */
  readonly counted?: Readonly<Record<string, number>>;
}

/**
 * The one loop that reads sensors, of whatever kind: from the first question on, samples go into a ring as they come,
 * and whoever takes them may be as slow as they like; the oldest then give way. A sensor that is lost is looked for
 * again, ever more rarely, at most 10 s apart.
 */
export class SensorStream {
  readonly description: SensorDescription;
  readonly #sensor: Sensor;
  readonly #options: SensorStreamOptions;
  readonly #quality: SampleQuality;
  readonly #end = new AbortController();
  readonly #sent: Float64Array;
  #ring: SampleRing | undefined;
  #running: Promise<void> | undefined;
  #counts = { taken: 0, unchanged: 0, problems: 0 };
  #problem: string | null = null;
  #failure: unknown;
  #ended = false;
  #wake: () => void = () => {};

  constructor(sensor: Sensor, options: SensorStreamOptions = {}) {
    const interval = options.interval ?? 5;
    const asked = 'read' in sensor ? { rate: 1 / interval } : {};
    this.description = { ...asked, ...sensor.description };
    this.#sensor = sensor;
    this.#options = { ...options, interval };
    this.#quality = new SampleQuality(this.description);
    this.#sent = new Float64Array(this.description.channels.length).fill(Number.NaN);
    options.signal?.addEventListener('abort', () => this.#stop(), { once: true, signal: this.#end.signal });
    if (options.signal?.aborted) this.#stop();
  }

  /** What has become of samples since the stream began. */
  get figures(): SensorFigures {
    return {
      address: this.description.address,
      ...this.#quality.figures,
      ...this.#counts,
      dropped: this.#ring?.dropped ?? 0,
      problem: this.#problem,
      ...('counted' in this.#sensor && this.#sensor.counted && { counted: this.#sensor.counted() }),
    };
  }

  /**
   * The next `length` samples as one reading, of the time of the last: those of the first channel, then those of the
   * next, as the feature `block` takes them, or sample by sample, as the encoder `sequence` does. Undefined once the
   * stream has ended. Rejects with `usage` for several samples where a `delta` leaves some out: they would not be
   * consecutive.
   */
  async read(length = 1, order: SampleOrder = 'channels'): Promise<Reading | undefined> {
    if (length > 1 && this.#options.delta !== undefined) {
      const { address } = this.description;
      throw new SpikewireError('usage', address, 'has a delta, and blocks of samples are wanted', 'one or the other');
    }
    const ring = await this.#await(length);
    if (ring === undefined) return undefined;
    this.#counts.taken += length;
    return ring.takeReading(length, order);
  }

  /** The samples that wait, one or more, with their times as the sensor gave them. Undefined once it has ended. */
  async readBlock(): Promise<SampleBlock | undefined> {
    const block = (await this.#await(1))?.takeBlock();
    this.#counts.taken += block?.times.length ?? 0;
    return block;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#running;
    await this.#sensor.close?.();
  }

  /** The ring once so many samples wait in it. Only one may wait for them at a time. */
  async #await(length: number): Promise<SampleRing | undefined> {
    this.#ring ??= new SampleRing(this.description.channels.length, this.#capacityFor(length));
    this.#running ??= this.#run(this.#ring);
    while (this.#ring.length < length && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#ring.length >= length) return this.#ring;
    if (this.#failure !== undefined) throw this.#failure;
    return undefined;
  }

  #capacityFor(length: number): number {
    const { rate, channels } = this.description;
    const waiting = rate === undefined ? WAITING_WITHOUT_RATE : Math.ceil(WAITING * rate);
    const most = Math.min(MOST_WAITING, Math.floor(MOST_NUMBERS / channels.length));
    return Math.max(LEAST_WAITING, 2 * length, Math.min(waiting, most));
  }

  #stop(): void {
    this.#end.abort();
    this.#ended = true;
    this.#wake();
  }

  async #run(ring: SampleRing): Promise<void> {
    const { signal } = this.#end;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        for await (const block of this.#blocks(signal)) {
          attempt = 0;
          if (signal.aborted) break;
          this.#take(block, ring);
        }
        break; // a recording is over
      } catch (problem) {
        if (signal.aborted || !this.#mayReturn(problem)) break;
      }
      await delay(
        backoffDelay(attempt, BACKOFF, () => 1),
        undefined,
        { signal },
      ).catch(() => {});
    }
    this.#stop();
  }

  #mayReturn(problem: unknown): boolean {
    this.#counts.problems++;
    this.#problem = problem instanceof Error ? problem.message : String(problem);
    if (!(problem instanceof SpikewireError) || problem.code === 'usage' || problem.code === 'unsupported') {
      this.#failure = problem;
      return false;
    }
    this.#options.onProblem?.(problem);
    return true;
  }

  #blocks(signal: AbortSignal): AsyncIterable<SampleBlock> {
    const sensor = this.#sensor;
    return 'read' in sensor ? ask(sensor, 1000 * this.#options.interval!, signal) : sensor.samples(signal);
  }

  #take(block: SampleBlock, ring: SampleRing): void {
    this.#problem = null;
    if (block.problem !== undefined)
      this.#mayReturn(new SpikewireError('input', this.description.address, block.problem));
    for (let k = 0; k < block.times.length; k++) {
      if (!this.#quality.admits(block, k)) continue;
      if (this.#differs(block, k)) ring.push(block, k);
      else this.#counts.unchanged++;
    }
    if (ring.length > 0) this.#wake();
  }

  /** Send on delta (M. Miskowicz, "Send-On-Delta Concept", Sensors 6, 2006), in each channel by itself. */
  #differs({ values }: SampleBlock, k: number): boolean {
    const { delta } = this.#options;
    if (delta === undefined) return true;
    const sent = this.#sent;
    const sample = values.subarray(k * sent.length, (k + 1) * sent.length);
    const isNew = sample.some((value, c) => !(Math.abs(value - sent[c]!) < (delta[c] ?? delta[0]!)));
    if (isNew) sent.set(sample);
    return isNew;
  }
}

/** Asks at an interval in milliseconds; a reading that took longer is not made up for by a burst. */
async function* ask(sensor: AskedSensor, interval: number, signal: AbortSignal): AsyncGenerator<SampleBlock> {
  for (let due = performance.now(); !signal.aborted; ) {
    yield samplesNow(await sensor.read());
    due = Math.max(due + interval, performance.now());
    await delay(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => {});
  }
}
