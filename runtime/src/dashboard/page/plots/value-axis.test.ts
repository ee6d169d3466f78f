import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueAxis } from './value-axis.ts';

const wave = Array.from({ length: 600 }, (_, k) => 21 + 2 * Math.sin(k / 60));
/** A wave with some readings that are something else. */
const waveWith = (value: number, ...places: number[]) => {
  const line = [...wave];
  for (const place of places) line[place] = value;
  return line;
};

describe('value axis', () => {
  it.each([
    [
      [19, 23],
      ['19', '20', '21', '22', '23'],
    ],
    [
      [0, 0.3],
      ['0.0', '0.1', '0.2', '0.3'],
    ],
    [
      [-1, 1],
      ['-1.0', '-0.5', '0.0', '0.5', '1.0'],
    ],
    [
      [0, 4e6],
      ['0', '1e6', '2e6', '3e6', '4e6'],
    ],
    [
      [0, 40_000],
      ['0', '10,000', '20,000', '30,000', '40,000'],
    ],
    [
      [1.9e-299, 2.3e-299],
      ['1.9e-299', '2.0e-299', '2.1e-299', '2.2e-299', '2.3e-299'],
    ],
    [
      [-1e308, 1e308],
      ['-4e307', '-2e307', '0', '2e307', '4e307'],
    ],
    [
      [4e-6, 5e-6],
      ['4.0e-6', '4.2e-6', '4.4e-6', '4.6e-6', '4.8e-6', '5.0e-6'],
    ],
    [
      [1_000_000, 1_000_004],
      ['1,000,000', '1,000,001', '1,000,002', '1,000,003', '1,000,004'],
    ],
    [
      [7, 7],
      ['6.8', '7.0', '7.2'],
    ],
    [
      [0, 1e-322],
      ['-1.0', '-0.5', '0.0', '0.5', '1.0'],
    ],
  ])('over %s has marks at %s', (line, texts) => {
    expect(new ValueAxis([line], false).marks(6).map(({ text }) => text)).toEqual(texts);
  });

  it('begins at 0 where it is asked to', () => {
    const axis = new ValueAxis([[2, 3]], true);
    expect([axis.from, axis.place(0)]).toEqual([0, 0]);
    expect(axis.beyond).toBe('');
    // Beside their height over 0, 200 is not far from values of 19 to 23, which it is beside their range.
    expect(new ValueAxis([waveWith(200, 300)], true).beyond).toBe('');
  });

  it.each([
    [1e308, 'up to 1.0e+308'],
    [-1.7e308, 'down to -1.7e+308'],
    [-127, 'down to -127'],
    [200, 'up to 200'],
  ])('leaves %d out among readings of 19 to 23, and says so', (value, beyond) => {
    for (const places of [[300], [5, 80, 400]]) {
      const axis = new ValueAxis([waveWith(value, ...places)], false);
      expect(axis.beyond).toBe(beyond);
      expect([axis.from > 18, axis.to < 24]).toEqual([true, true]);
      expect(Math.abs(axis.place(value)! - 0.5)).toBeCloseTo(0.6, 9);
    }
  });

  it.each<[string, number[][]]>([
    ['what is unusual as people want to see it', [waveWith(60, 300)]],
    ['what comes again and again', [waveWith(-127, ...Array.from({ length: 20 }, (_, k) => 30 * k))]],
    ['the newest reading, whatever it is', [waveWith(1e6, 599)]],
    ['the newest of another line', [wave, waveWith(1e6, 599)]],
    ['all, where the others are all the same', [[...new Array(99).fill(5), 1e6, 5]]],
    ['all of a few readings', [[1, 2, 3, 1e6, 2]]],
    ['a limit far above all scores', [wave, wave.map(() => 1e6)]],
  ])('shows %s', (_, lines) => {
    const axis = new ValueAxis(lines, false);
    expect(axis.beyond).toBe('');
    for (const value of lines.flat()) expect(Math.abs(axis.place(value)! - 0.5)).toBeLessThan(0.5);
  });

  it('has marks within it that can be told apart, whatever the numbers are', () => {
    const value = fc.oneof(fc.double(), fc.constant(null), fc.integer({ min: -3, max: 3 }));
    const lines = fc.array(fc.array(value, { maxLength: 40 }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(lines, fc.boolean(), fc.integer({ min: 2, max: 9 }), (given, fromZero, most) => {
        const line = given.map((values) => values.map((each) => (fromZero && each !== null ? Math.abs(each) : each)));
        const axis = new ValueAxis(line, fromZero);
        expect(Number.isFinite(axis.to - axis.from) && axis.to > axis.from).toBe(true);
        const marks = axis.marks(most);
        expect(marks.length).toBeGreaterThan(0);
        expect(marks.length).toBeLessThanOrEqual(most);
        expect(new Set(marks.map(({ text }) => text)).size).toBe(marks.length);
        for (const { place, text } of marks) {
          expect(place >= -1e-9 && place <= 1 + 1e-9).toBe(true);
          expect(text.length).toBeLessThan(22);
        }
        for (const each of line.flat()) {
          const place = axis.place(each);
          expect(place === null ? !Number.isFinite(each ?? Number.NaN) : place >= -0.11 && place <= 1.11).toBe(true);
        }
      }),
    );
  });
});
