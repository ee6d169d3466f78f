import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBudgetRecord, type Urgency, WriteBudget } from './write-budget.ts';

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
    urgency: fc.constantFrom<Urgency>('routine', 'lesson', 'shutdown'),
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
          for (const [index, { pause, bytes, urgency }] of requests.entries()) {
            now += pause;
            for (const write of waiting.filter((write) => write.time <= now)) budget.written(write.bytes);
            writes.push(...waiting.filter((write) => write.time <= now));
            waiting = waiting.filter((write) => write.time > now);
            const wait = budget.reserve(bytes, urgency);
            if (wait === 0) {
              writes.push({ time: now, bytes });
              budget.written(bytes);
            } else if (urgency === 'routine') waiting.push({ time: now + wait, bytes });
            else budget.cancel(bytes);
            if (index % life !== 0) continue;
            waiting = []; // what waits dies with its process
            budget = new WriteBudget(PER_DAY, () => now, parseBudgetRecord(JSON.stringify(budget.record())));
          }
          expect(mostInADay(writes)).toBeLessThanOrEqual(PER_DAY + 1e-6);
        },
      ),
      { numRuns: 2000, seed: 8 },
    );
  });

  it('is noted without what is set aside and not written, which a killed process never writes', () => {
    const now = 1e12;
    const budget = new WriteBudget(PER_DAY, () => now);
    budget.reserve(40);
    budget.written(40);
    for (let k = 0; k < 300; k++) budget.reserve(30);
    expect(budget.record().level).toBe(PER_DAY / 4 - 40);
    expect(budget.record(25)).toMatchObject({ level: PER_DAY / 4 - 65 });
    expect(budget.record(25).hours.at(-1)).toBe(65);
  });

  describe('lends to commands of a person', () => {
    const MIB = 2 ** 20;
    /** Commands of so many bytes each, as often as may be, with nothing left of the budget itself. */
    function lent(bytes: number, days: number, every: number): Write[] {
      let now = 1e12;
      let budget = new WriteBudget(1, () => now);
      const writes: Write[] = [];
      for (let k = 0; now < 1e12 + days * DAY; k++, now += every) {
        budget.reserve(bytes, 'command');
        if (budget.lend(bytes) === 0) writes.push({ time: now, bytes });
        budget.cancel(bytes);
        if (k % 7 === 0) budget = new WriteBudget(1, () => now, parseBudgetRecord(JSON.stringify(budget.record())));
      }
      return writes;
    }

    it('300 at once whatever their number of bytes up to a MiB, and then 100 a day, over restarts', () => {
      for (const bytes of [1, 1000, MIB]) {
        const writes = lent(bytes, 10, 60e3);
        expect(writes.slice(0, 300).every(({ time }) => time < 1e12 + 300 * 60e3)).toBe(true);
        expect(writes.length).toBeLessThanOrEqual(300 + 10 * 100);
        expect(writes.length).toBeGreaterThan(300 + 10 * 100 - 3);
        expect(mostInADay(writes)).toBeLessThanOrEqual(400 * bytes);
      }
    });

    it('and of larger ones no more bytes than of these', () => {
      const writes = lent(25 * MIB, 10, 60e3);
      expect(writes.length).toBe(12 + 40 - 1);
      expect(mostInADay(writes)).toBeLessThanOrEqual(400 * MIB);
    });

    it('and says when it will again', () => {
      let now = 1e12;
      const budget = new WriteBudget(1, () => now);
      while (budget.lend(MIB) === 0);
      now += budget.lend(MIB);
      expect(now - 1e12).toBeCloseTo(DAY / 100);
      expect(budget.lend(MIB)).toBeCloseTo(0);
    });

    it('and takes nothing of that from others', () => {
      const now = 1e12;
      const budget = new WriteBudget(PER_DAY, () => now);
      const before = budget.record().level;
      for (let k = 0; k < 10; k++) {
        budget.reserve(PER_DAY, 'command');
        expect(budget.lend(PER_DAY)).toBe(0);
        budget.written(PER_DAY);
      }
      expect(budget.record().level).toBe(before);
      expect(budget.writtenInLastDay).toBe(10 * PER_DAY);
    });
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
    expect(budget.reserve(50, 'shutdown')).toBe(0);
    const wait = budget.reserve(1, 'shutdown');
    expect(wait).toBeGreaterThan(0);
    now += wait;
    expect(budget.waitFor(1, 'shutdown')).toBe(0);
  });

  it('keeps half of it from routine, and a quarter from lessons', () => {
    const writesOf = (urgency: Urgency) => {
      const budget = new WriteBudget(PER_DAY, () => 1e12);
      let writes = 0;
      while (budget.reserve(1, urgency) === 0) writes++;
      return writes;
    };
    const capacity = PER_DAY / 4;
    expect([writesOf('routine'), writesOf('lesson'), writesOf('shutdown'), writesOf('command')]).toEqual(
      [capacity / 2, (3 * capacity) / 4, capacity, capacity].map(Math.floor),
    );
  });

  it('lets a state through that is larger than what it holds, when it is full', () => {
    let now = 1e12;
    const budget = new WriteBudget(PER_DAY, () => now);
    expect(budget.reserve(5 * PER_DAY, 'shutdown')).toBe(0);
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
    expect(budget.reserve(PER_DAY / 4, 'shutdown')).toBe(0);
    expect(budget.reserve(1, 'shutdown')).toBeGreaterThan(0);
  });

  it.each(['', '{}', 'null', '[]', '{"time":1,"level":1,"hours":[]}', '{"time":1e300,"level":1,"hours":[0]}'])(
    'takes no record from %j',
    (json) => {
      expect(parseBudgetRecord(json)).toBeUndefined();
    },
  );

  it.each([
    [{ level: -1e300 }, undefined],
    [{ loans: -1e300 }, undefined],
    [
      { level: -1000, loans: 0 },
      { level: -1000, loans: 0 },
    ],
  ])('takes %j for what they are: nothing may block saves for good', (numbers, expected) => {
    const record = { time: 1e12, level: 1, loans: 1, hours: new Array(24).fill(0), ...numbers };
    const read = parseBudgetRecord(JSON.stringify(record));
    if (expected === undefined) expect(read).toBeUndefined();
    else expect(read).toMatchObject(expected);
  });
});
