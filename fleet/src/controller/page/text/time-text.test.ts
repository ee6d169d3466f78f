import { describe, expect, it } from 'vitest';
import { sinceText, spanText, timeText } from './time-text.ts';

const [MINUTE, HOUR] = [60_000, 3_600_000];

describe('times', () => {
  it('are written as ISO 8601 writes them, at the place of the reader', () => {
    expect(timeText(new Date(2026, 0, 2, 3, 4).getTime())).toBe('2026-01-02 03:04');
  });

  it('say that something never was', () => {
    expect(sinceText(null, 5)).toBe('never');
    expect(sinceText(0, 30 * MINUTE)).toBe('30 min ago');
  });

  it.each([
    [MINUTE, '1 minute'],
    [90 * MINUTE, '90 minutes'],
    [2 * HOUR, '2 hours'],
    [47 * HOUR, '47 hours'],
    [72 * HOUR, '3 days'],
    [-1, '0 minutes'],
  ])('of %d ms last %s', (milliseconds, text) => expect(spanText(milliseconds)).toBe(text));
});
