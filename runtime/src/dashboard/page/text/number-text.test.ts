import { describe, expect, it } from 'vitest';
import {
  agoText,
  bytesText,
  durationText,
  numberText,
  percentText,
  readingsText,
  scoreText,
  withUnit,
} from './number-text.ts';

describe('number text', () => {
  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [0, '0'],
    [12, '12'],
    [1234.5, '1,235'],
    [-7.38914, '-7.39'],
    [0.12345, '0.123'],
    [123.456, '123.5'],
    [0.0000123, '1.2e-5'],
    [987_654_321_012, '987,654,321,012'],
    [-1.7e12, '-1.7e+12'],
    [1e308, '1.0e+308'],
  ])('%s is shown as %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it('says of what is not there yet that it is not, and shows no dash beside a limit or a unit', () => {
    expect([scoreText(null, 6), scoreText(undefined, 6), scoreText(2.5, 6)]).toEqual([
      'none yet, limit 6',
      'none yet, limit 6',
      '2.50, limit 6',
    ]);
    expect([withUnit(null, 'Hz'), withUnit(Number.NaN, 'Hz'), withUnit(0, 'Hz')]).toEqual([
      'none yet',
      'none yet',
      '0 Hz',
    ]);
    expect([percentText(null, 'no base yet'), percentText(0, 'no base yet')]).toEqual(['no base yet', '0.0 %']);
  });

  it('counts readings', () => {
    expect([0, 1, 1234].map(readingsText)).toEqual(['0 readings', '1 reading', '1,234 readings']);
  });

  it.each([
    [null, '– µs'],
    [0, '0 µs'],
    [812.6, '812.6 µs'],
    [9999, '9,999 µs'],
    [10_000, '10 ms'],
    [48_217, '48.22 ms'],
    [9_999_400, '9,999 ms'],
    [12_345_678, '12.35 s'],
  ])('%s µs are shown as %s', (microseconds, text) => {
    expect(durationText(microseconds)).toBe(text);
  });

  it.each([
    [999, '999 B'],
    [412_000, '412.0 kB'],
    [58_440_000, '58.4 MB'],
  ])('%d bytes are shown as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it.each([
    [-400, 'just now'],
    [30_000, '30 s ago'],
    [600_000, '10 min ago'],
    [7_200_000, '2 h ago'],
    [259_200_000, '3 days ago'],
  ])('%d ms are shown as %s', (milliseconds, text) => {
    expect(agoText(milliseconds)).toBe(text);
  });

  it.each([
    [null, '–'],
    [0, '0.0 %'],
    [0.9372, '93.7 %'],
    [0.9999, '100.0 %'],
    [1, '100 %'],
  ])('a share of %s is shown as %s', (share, text) => {
    expect(percentText(share)).toBe(text);
  });
});
