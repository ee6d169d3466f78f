import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBudgetRecord, WriteBudget } from './write-budget.ts';

const HOUR = 3600e3;
const DAY = 24 * HOUR;
const PER_DAY = 1000;

interface Write {
  readonly time: number;
  readonly bytes: number;
}

/** The most that any 24 hours saw: such a window may as well begin with a write. */
function mostInADay(writes: readonly Write[]): number {
  return Math.max(
    0,
    ...writes.map(({ time }) =>
      writes
        .filter((write) => write.time >= time && write.time < time + DAY)
        .reduce((sum, { bytes }) => sum + bytes, 0),
    ),
  );
}

describe('the budget of a day', () => {
  const asked = fc.record({
    pause: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: DAY / 10 })),
    bytes: fc.integer({ min: 1, max: PER_DAY / 8 }),
    urgent: fc.boolean(),
  });

  it('is never exceeded in any 24 hours, whoever asks for what, over restarts from what was noted', () => {
    fc.assert(
      fc.property(
        fc.array(asked, { minLength: 20, maxLength: 200 }),
        fc.integer({ min: 1, max: 30 }),
        (requests, life) => {
          let now = 1e12;
          let budget = new WriteBudget(PER_DAY, () => now);
          const writes: Write[] = [];
          let waiting: Write[] = [];
          for (const [index, { pause, bytes, urgent }] of requests.entries()) {
            now += pause;
            for (const write of waiting.filter((write) => write.time <= now)) budget.written(write.bytes);
            writes.push(...waiting.filter((write) => write.time <= now));
            waiting = waiting.filter((write) => write.time > now);
            const wait = urgent ? budget.reserveNow(bytes) : budget.reserve(bytes);
            if (wait === 0) {
              writes.push({ time: now, bytes });
              budget.written(bytes);
            } else if (!urgent) waiting.push({ time: now + wait, bytes });
            if (index % life !== 0) continue;
            for (const { bytes } of waiting.splice(0)) budget.cancel(bytes);
            budget = new WriteBudget(PER_DAY, () => now, parseBudgetRecord(JSON.stringify(budget.record())));
          }
          expect(mostInADay(writes)).toBeLessThanOrEqual(PER_DAY + 1e-6);
        },
      ),
      { numRuns: 2000, seed: 8 },
    );
  });

  it('lets an eager writer write at the even pace that the day allows, from the first minute to the last', () => {
    let now = 1e12;
    const budget = new WriteBudget(PER_DAY, () => now);
    const begin = now;
    let written = 0;
    while (now < begin + 10 * DAY) {
      now += budget.reserve(1) + 1;
      written++;
    }
    // Three quarters of each day, and half of the bucket once; the other half is the reserve.
    expect(written).toBeGreaterThan(0.98 * (7.5 * PER_DAY + PER_DAY / 8));
    expect(written).toBeLessThanOrEqual(7.5 * PER_DAY + PER_DAY / 8 + 1);
  });

  it('serves who asked first, and keeps enough for what cannot wait', () => {
    let now = 1e12;
    const budget = new WriteBudget(PER_DAY, () => now);
    const waits = Array.from({ length: 200 }, () => budget.reserve(1));
    expect(waits.slice(0, 125)).toEqual(new Array(125).fill(0));
    for (let k = 126; k < 200; k++) expect(waits[k]!).toBeGreaterThan(waits[k - 1]!);
    expect(budget.reserveNow(50)).toBe(0);
    expect(budget.reserveNow(1)).toBeGreaterThan(0);
    now += budget.reserveNow(1);
    expect(budget.reserveNow(1)).toBe(0);
  });

  it('lets a state through that is larger than what it holds, when it is full', () => {
    let now = 1e12;
    const budget = new WriteBudget(PER_DAY, () => now);
    expect(budget.reserveNow(5 * PER_DAY)).toBe(0);
    const wait = budget.reserve(1);
    now += wait;
    expect(wait).toBeGreaterThan(5 * DAY);
  });

  it('knows what was written in the last day, to the hour', () => {
    let now = 1e12;
    const budget = new WriteBudget(PER_DAY, () => now);
    budget.written(100);
    now += 23 * HOUR;
    budget.written(10);
    expect(budget.writtenInLastDay).toBe(110);
    const { hours, ...rest } = budget.record();
    expect(new WriteBudget(PER_DAY, () => now, { hours, ...rest }).writtenInLastDay).toBe(110);
    now += HOUR;
    expect(budget.writtenInLastDay).toBe(10);
    now += 1000 * HOUR;
    expect(budget.writtenInLastDay).toBe(0);
  });

  it('gives no more for a day in which nothing was written than a bucket holds', () => {
    let now = 1e12;
    const record = new WriteBudget(PER_DAY, () => now).record();
    now += 365 * DAY;
    const budget = new WriteBudget(PER_DAY, () => now, record);
    expect(budget.reserveNow(PER_DAY / 4)).toBe(0);
    expect(budget.reserveNow(1)).toBeGreaterThan(0);
  });

  it.each(['', '{}', 'null', '[]', '{"time":1,"level":1,"hours":[]}', '{"time":1e300,"level":1,"hours":[0]}'])(
    'takes no record from %j',
    (json) => {
      expect(parseBudgetRecord(json)).toBeUndefined();
    },
  );
});
