import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areClockTimes, tickTexts, timeText, timeTicks } from './time-axis.ts';

const time = (text: string) => new Date(text).getTime();

describe('time axis', () => {
  it.each([
    ['2026-11-27T10:00:30', '2026-11-27T10:01:10', ['10:00:30', '10:00:40', '10:00:50', '10:01:00', '10:01:10']],
    ['2026-11-27T10:07:00', '2026-11-27T11:01:00', ['10:15', '10:30', '10:45', '11:00']],
    ['2026-11-27T20:00:00', '2026-11-28T13:00:00', ['11-28', '06:00', '12:00']],
    ['2026-11-25T10:00:00', '2026-11-29T01:00:00', ['11-26', '11-27', '11-28', '11-29']],
  ])('from %s to %s has round ticks', (from, to, texts) => {
    expect(tickTexts(timeTicks(time(from), time(to), 5).slice(0, 5))).toEqual(texts.slice(0, 5));
  });

  it('names the year where ticks are at least 52 weeks apart', () => {
    const noon = time('2025-01-01T12:00:00');
    const after = (days: number) => tickTexts([noon, noon + days * 86_400_000]);
    expect(after(364)).toEqual(['2025-01-01', '2025-12-31']);
    expect(after(182)).toEqual(['01-01', '07-02']);
  });

  it('has a bounded number of ticks in order within any range', () => {
    const when = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(when, fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 1, max: 12 }), (from, length, most) => {
        const ticks = timeTicks(from, from + length, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        expect(ticks.every((tick, k) => tick >= (ticks[k - 1] ?? from) && tick <= from + length)).toBe(true);
      }),
    );
  });

  it('names the date only where it is another one', () => {
    const noon = time('2026-11-27T12:00:00');
    expect(timeText(noon, time('2026-11-27T23:00:00'))).toBe('12:00:00');
    expect(timeText(noon, time('2026-11-28T00:30:00'))).toBe('2026-11-27 12:00:00');
  });

  it('is not made of numbers that are no times, of times that go back, or of one time', () => {
    const now = time('2026-11-27T12:00:00');
    expect(areClockTimes([now, now, now + 1])).toBe(true);
    for (const times of [[], [1, 2, 3], [now, now - 1, now + 5], [now, now]]) expect(areClockTimes(times)).toBe(false);
  });
});
