import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DashboardFrame, DashboardRaster, DashboardReading } from '../source.ts';
import { BATCH_ENTRIES, BATCH_SPIKES, Batch } from './batch.ts';

const NO_SPIKES: DashboardRaster = { steps: [], neurons: [], windowSteps: 10 };

function frame(seq: number, change: Partial<DashboardReading> = {}, raster = NO_SPIKES): DashboardFrame {
  return {
    reading: {
      seq,
      time: seq,
      values: [seq],
      expected: [seq],
      score: 0,
      limit: 1,
      anomaly: false,
      error: 0,
      spikes: 0,
      rate: 0,
      ...change,
    },
    raster,
    status: {
      warmUp: { done: true, readings: 1, of: 1 },
      learning: true,
      memory: { resident: 0, network: 0 },
      saved: null,
      counters: { received: 0, bad: 0, dropped: 0, published: 0 },
      latencyMicroseconds: 0,
    },
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('batch', () => {
  it('accounts for every reading and every flag in bounded room', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 2000 }), (flags) => {
        const batch = new Batch();
        for (const [index, anomaly] of flags.entries()) {
          batch.add(frame(index + 1, { anomaly, score: anomaly ? 2 : 0 }));
        }
        const event = batch.take(1, 0)!;
        expect(event.seq.length).toBeLessThanOrEqual(BATCH_ENTRIES);
        expect(sum(event.readings)).toBe(flags.length);
        expect(sum(event.flags)).toBe(flags.filter(Boolean).length);
        expect(event.status.merged).toBe(flags.length - event.seq.length);
        // Each entry that stands for a flagged reading shows one.
        for (const [entry, count] of event.flags.entries()) {
          expect(event.score[entry]).toBe(count > 0 ? 2 : 0);
        }
        expect(event.seq).toEqual([...event.seq].sort((a, b) => a - b));
        expect(event.seq.at(-1)).toBeGreaterThan(flags.length - BATCH_ENTRIES);
      }),
    );
  });

  it('merges nothing while there is room, and is empty after it was taken', () => {
    const batch = new Batch();
    for (let seq = 1; seq <= BATCH_ENTRIES; seq++) {
      batch.add(frame(seq));
    }
    const event = batch.take(1, 7)!;
    expect(event.seq).toEqual(Array.from({ length: BATCH_ENTRIES }, (_, index) => index + 1));
    expect(event.values).toEqual([event.seq]);
    expect(event.status).toMatchObject({ merged: 0, thinned: 0, now: 7 });
    expect(batch.take(1, 8)).toBeNull();
  });

  it('says what does not exist with null', () => {
    const batch = new Batch();
    batch.add(frame(1, { expected: null, score: Number.NaN, values: [Number.POSITIVE_INFINITY] }));
    const event = batch.take(2, 0)!;
    expect(event.expected).toEqual([[null], [null]]);
    expect(event.values).toEqual([[null], [null]]);
    expect(event.score).toEqual([null]);
  });

  it('keeps the spikes of each reading apart and thins them evenly where there are too many', () => {
    const few = new Batch();
    few.add(frame(1, {}, { steps: [0, 3], neurons: [5, 6], windowSteps: 10 }));
    few.add(frame(2));
    few.add(frame(3, {}, { steps: [9], neurons: [7], windowSteps: 10 }));
    expect(few.take(1, 0)!.raster).toEqual({
      windowSteps: 10,
      counts: [2, 0, 1],
      steps: [0, 3, 9],
      neurons: [5, 6, 7],
    });

    const many = new Batch();
    const steps = Array.from({ length: BATCH_SPIKES }, (_, index) => index % 10);
    for (let seq = 1; seq <= 3; seq++) {
      many.add(frame(seq, {}, { steps, neurons: steps, windowSteps: 10 }));
    }
    const event = many.take(1, 0)!;
    expect(event.raster.steps.length).toBeLessThanOrEqual(BATCH_SPIKES);
    expect(event.raster.steps.length + event.status.thinned).toBe(3 * BATCH_SPIKES);
    expect(Math.max(...event.raster.counts) - Math.min(...event.raster.counts)).toBeLessThanOrEqual(1);
  });
});
