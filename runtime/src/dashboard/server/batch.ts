import type { DashboardFrame, DashboardNamed, DashboardReading, DashboardStatus } from '../source.ts';
import type { NamedColumns, RasterColumns, ReadingsEvent, StatusEvent, Value } from '../wire.ts';

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
    this.#entries.push({ frame, readings: 1, flags: frame.reading.anomaly ? 1 : 0 });
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
    const { anomaly, spikes } = latest.reading;
    return {
      seq: entries.map(({ frame }) => frame.reading.seq),
      time: entries.map(({ frame }) => frame.reading.time),
      readings: entries.map(({ readings }) => readings),
      flags: entries.map(({ flags }) => flags),
      values: columns(entries, channels, ({ values }) => values),
      expected: columns(entries, channels, ({ expected }) => expected),
      score: column(entries, ({ score }) => score),
      ...(latest.reading.scores && {
        scores: columns(entries, latest.reading.scores.length, ({ scores }) => scores ?? null),
      }),
      limit: column(entries, ({ limit }) => limit),
      said: entries.map(({ frame }) => frame.reading.said ?? []),
      error: column(entries, ({ error }) => error),
      rate: column(entries, ({ rate }) => rate),
      ...namedColumns(entries),
      ...(latest.signal && { signal: latest.signal.map((numbers) => numbers.map(rounded)) }),
      raster,
      status: {
        ...statusEvent(latest.status, now),
        anomaly,
        spikes,
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

/** @param now by the server's clock, in milliseconds since 1970 */
export function statusEvent(status: DashboardStatus, now: number): StatusEvent {
  return { ...status, latencyMicroseconds: rounded(status.latencyMicroseconds), now };
}

function merge(older: Entry, newer: Entry): Entry {
  return {
    frame: moreUnusual(older.frame.reading, newer.frame.reading) ? older.frame : newer.frame,
    readings: older.readings + newer.readings,
    flags: older.flags + newer.flags,
  };
}

function moreUnusual(older: DashboardReading, newer: DashboardReading): boolean {
  return older.anomaly === newer.anomaly ? older.score > newer.score : older.anomaly;
}

function namedColumns(entries: readonly Entry[]): { readonly named?: NamedColumns } {
  if (entries.every(({ frame }) => frame.reading.named === undefined)) return {};
  const pick = (name: keyof DashboardNamed) => entries.map(({ frame }) => frame.reading.named?.[name] ?? null);
  return { named: { answer: pick('answer'), base: pick('base'), truth: pick('truth') } };
}

function columns(
  entries: readonly Entry[],
  channels: number,
  pick: (reading: DashboardReading) => readonly number[] | null,
): Value[][] {
  return Array.from({ length: channels }, (_, channel) =>
    column(entries, (reading) => pick(reading)?.[channel] ?? Number.NaN),
  );
}

function column(entries: readonly Entry[], pick: (reading: DashboardReading) => number): Value[] {
  return entries.map(({ frame }) => rounded(pick(frame.reading)));
}

/** Six digits are more than a plot shows and halve the text. */
function rounded(value: number): Value {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}
