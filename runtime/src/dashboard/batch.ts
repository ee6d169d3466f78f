import type { DashboardFrame } from './source.ts';
import type { RasterColumns, ReadingsEvent, Value } from './wire.ts';

/** Entries that wait for one viewer at most. */
export const BATCH_ENTRIES = 64;

/** Spikes in one message at most: more than a screen can tell apart, and about 30 kB of text. */
export const BATCH_SPIKES = 4096;

interface Entry {
  readonly frame: DashboardFrame;
  readonly readings: number;
  readonly flags: number;
}

/**
 * The readings that wait for one viewer, in bounded room. When it is full, neighbours are merged in pairs: the more
 * unusual one stays and stands for both. So a slow viewer sees less detail, older readings first, and never misses a
 * flag.
 */
export class Batch {
  #entries: Entry[] = [];
  #latest: DashboardFrame | null = null;
  #merged = 0;
  #thinned = 0;

  get size(): number {
    return this.#entries.length;
  }

  add(frame: DashboardFrame): void {
    if (this.#entries.length === BATCH_ENTRIES) {
      this.#halve();
    }
    this.#entries.push({ frame, readings: 1, flags: frame.anomaly ? 1 : 0 });
    this.#latest = frame;
  }

  /** Empties the batch into a message for a viewer of a net with `channels` channels; null when it is empty. */
  take(channels: number, now: number): ReadingsEvent | null {
    const entries = this.#entries;
    const latest = this.#latest;
    if (latest === null || entries.length === 0) {
      return null;
    }
    this.#entries = [];
    const raster = this.#raster(entries, latest.raster.windowSteps);
    return {
      seq: entries.map(({ frame }) => frame.seq),
      time: entries.map(({ frame }) => frame.time),
      readings: entries.map(({ readings }) => readings),
      flags: entries.map(({ flags }) => flags),
      input: columns(entries, channels, (frame) => frame.input),
      prediction: columns(entries, channels, (frame) => frame.prediction),
      actual: columns(entries, channels, (frame) => frame.actual),
      score: entries.map(({ frame }) => rounded(frame.score)),
      limit: entries.map(({ frame }) => rounded(frame.limit)),
      learningError: entries.map(({ frame }) => rounded(frame.learningError)),
      rate: entries.map(({ frame }) => rounded(frame.rate)),
      raster,
      status: {
        anomaly: latest.anomaly,
        learning: latest.learning,
        warmUp: latest.warmUp,
        spikes: latest.spikes,
        memory: latest.memory,
        ...(latest.engine === undefined ? {} : { engine: latest.engine }),
        saved: latest.saved,
        ...(latest.storeProblem === undefined ? {} : { storeProblem: latest.storeProblem }),
        counters: latest.counters,
        latencyMicroseconds: rounded(latest.latencyMicroseconds),
        now,
        merged: this.#merged,
        thinned: this.#thinned,
      },
    };
  }

  #halve(): void {
    const half: Entry[] = [];
    for (let i = 0; i + 1 < this.#entries.length; i += 2) {
      half.push(merge(this.#entries[i]!, this.#entries[i + 1]!));
    }
    this.#merged += this.#entries.length - half.length;
    this.#entries = half;
  }

  /** Keeps every n-th spike where there are too many, with the smallest n that fits. */
  #raster(entries: readonly Entry[], windowSteps: number): RasterColumns {
    const total = entries.reduce((sum, { frame }) => sum + frame.raster.steps.length, 0);
    const stride = Math.max(1, Math.ceil(total / BATCH_SPIKES));
    const counts: number[] = [];
    const steps: number[] = [];
    const neurons: number[] = [];
    let position = 0;
    for (const { frame } of entries) {
      const before = steps.length;
      for (let i = 0; i < frame.raster.steps.length; i++, position++) {
        if (position % stride === 0) {
          steps.push(frame.raster.steps[i]!);
          neurons.push(frame.raster.neurons[i]!);
        }
      }
      counts.push(steps.length - before);
    }
    this.#thinned += total - steps.length;
    return { windowSteps, counts, steps, neurons };
  }
}

function merge(older: Entry, newer: Entry): Entry {
  return {
    frame: moreUnusual(older.frame, newer.frame) ? older.frame : newer.frame,
    readings: older.readings + newer.readings,
    flags: older.flags + newer.flags,
  };
}

function moreUnusual(older: DashboardFrame, newer: DashboardFrame): boolean {
  return older.anomaly === newer.anomaly ? older.score > newer.score : older.anomaly;
}

function columns(
  entries: readonly Entry[],
  channels: number,
  values: (frame: DashboardFrame) => readonly number[] | null,
): Value[][] {
  return Array.from({ length: channels }, (_, channel) =>
    entries.map(({ frame }) => rounded(values(frame)?.[channel] ?? Number.NaN)),
  );
}

/** Six digits are more than a plot shows and halve the text. */
function rounded(value: number): Value {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}
