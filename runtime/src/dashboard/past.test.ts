import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Past } from './past.ts';
import type { DashboardReading } from './source.ts';

const because = (reason: string) => [{ title: 'unexpected value', reason }];

function reading(seq: number, value: number, anomaly = false): DashboardReading {
  const said = anomaly ? because(`at ${seq}`) : [];
  const rest = { score: anomaly ? 9 : 0, limit: 6, error: 0, spikes: 0, rate: 0, said };
  return { seq, time: 1000 * seq, values: [value], expected: null, anomaly, ...rest };
}

function pastOf(readings: readonly DashboardReading[]): Past {
  const past = new Past(1);
  for (const each of readings) past.add(each);
  return past;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the past of a net', () => {
  it('accounts for every reading, every flag and every extreme in bounded room', () => {
    const reads = fc.array(fc.record({ value: fc.integer({ min: -999, max: 999 }), anomaly: fc.boolean() }), {
      minLength: 1,
      maxLength: 3000,
      size: 'max',
    });
    fc.assert(
      fc.property(reads, (list) => {
        const { time, readings, flags, low, high } = pastOf(
          list.map(({ value, anomaly }, k) => reading(k + 1, value, anomaly)),
        ).shown();
        expect(time.length).toBeLessThanOrEqual(96);
        expect(sum(readings)).toBe(list.length);
        let at = 0;
        for (const [k, count] of readings.entries()) {
          const own = list.slice(at, at + count);
          expect(time[k]).toBe(1000 * (at + 1));
          expect(low[0]![k]).toBe(Math.min(...own.map(({ value }) => value)));
          expect(high[0]![k]).toBe(Math.max(...own.map(({ value }) => value)));
          expect(flags[k]).toBe(own.filter(({ anomaly }) => anomaly).length);
          at += count;
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps what was lately in more detail, and what was long ago in no bucket that fills the picture', () => {
    const { readings } = pastOf(Array.from({ length: 50_000 }, (_, k) => reading(k + 1, 0))).shown();
    expect(readings.length).toBeGreaterThan(90);
    expect(Math.max(...readings)).toBeLessThan(50_000 / 20);
    expect(sum(readings.slice(-10))).toBeLessThan(1000);
  });

  it('joins flags that lie close together, says why the first was one, and keeps the newest stretches', () => {
    const flagged = new Set([100, 101, 150, 300]);
    const past = pastOf(Array.from({ length: 400 }, (_, k) => reading(k + 1, 0, flagged.has(k + 1))));
    const first = { from: 100, to: 150, begun: 100_000, ended: 150_000, flags: 3, score: 9, reason: 'at 100' };
    const second = { from: 300, to: 300, begun: 300_000, ended: 300_000, flags: 1, score: 9, reason: 'at 300' };
    expect(past.shown().stretches).toEqual([first, second]);
    for (let k = 5; k < 40; k++) past.flag(100 * k, 0, Number.NaN, because('a\nb'));
    expect(past.shown().stretches).toHaveLength(16);
    expect(past.last).toMatchObject({ from: 3900, score: null, reason: expect.not.stringContaining('\n') });
  });

  it('goes on after a restart as if there had been none', () => {
    const all = Array.from({ length: 500 }, (_, k) => reading(k + 1, Math.sin(k), k % 90 === 0));
    const restored = new Past(1);
    restored.restore(pastOf(all.slice(0, 300)).save());
    for (const each of all.slice(300)) restored.add(each);
    expect(restored.shown()).toEqual(pastOf(all).shown());
  });

  it('takes a few kilobytes, whatever was read', () => {
    const said = because('x'.repeat(10_000));
    const past = new Past(2);
    for (let k = 0; k < 20_000; k++) {
      past.add({ ...reading(k, 0, k % 100 === 0), values: [Math.PI * 1e-8 * k, -Math.E * 1e9 * k], said });
    }
    expect(past.save().length).toBeLessThan(12_000);
  });

  it('takes nothing from a text that is damaged or another’s', () => {
    const good = pastOf([reading(1, 1, true), reading(2, 2)]);
    const saved = JSON.parse(good.save());
    const damaged = [
      '',
      '{',
      'null',
      '7',
      JSON.stringify({ ...saved, past: 2 }),
      JSON.stringify({ ...saved, rows: [[1, 1, 1]] }),
      ...[-1, 0.5, 1e300].map((n) => JSON.stringify({ ...saved, rows: [saved.rows[0].with(1, n)] })),
      JSON.stringify({ ...saved, rows: [saved.rows[0].with(2, 2)] }),
      JSON.stringify({ ...saved, rows: Array.from({ length: 97 }, () => saved.rows[0]) }),
      JSON.stringify({ ...saved, rows: [[null, 1, 0, 0, 1, 1]] }),
      JSON.stringify({ ...saved, rows: [['1', 1, 0, 0, 1, 1]] }),
      JSON.stringify({ ...saved, stretches: 3 }),
    ];
    for (const text of damaged) {
      const past = pastOf([reading(9, 9)]);
      past.restore(text);
      expect([text, past.shown()]).toEqual([text, pastOf([reading(9, 9)]).shown()]);
    }
    const past = new Past(1);
    past.restore(JSON.stringify({ ...saved, stretches: [{ ...saved.stretches[0], reason: 'a\u001b[2J' }, null, 4] }));
    expect(past.shown().stretches).toEqual([]);
    past.restore(JSON.stringify({ ...saved, stretches: [{ ...saved.stretches[0], more: 'x'.repeat(1e6) }] }));
    expect(past.save().length).toBeLessThan(1000);
    const wider = new Past(2);
    wider.restore(good.save());
    expect(wider.shown().time).toEqual([]);
    fc.assert(fc.property(fc.json(), (text) => new Past(1).restore(text)));
  });
});
