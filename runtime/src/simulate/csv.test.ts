import { SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { growthOf } from '../../../test/growth.ts';
import { readCsv } from './csv.ts';

describe('readCsv', () => {
  it('reads one line per step', () => {
    expect(readCsv('1,2.5,-3\n0, 1e-3 ,7\n')).toEqual({
      steps: 2,
      size: 3,
      values: Float64Array.of(1, 2.5, -3, 0, 1e-3, 7),
    });
  });

  it('takes semicolons, and then decimal commas', () => {
    expect(readCsv('a;b\r\n1,5;-2\r\n0.25;3e2\r\n')).toEqual({
      steps: 2,
      size: 2,
      values: Float64Array.of(1.5, -2, 0.25, 300),
    });
  });

  it('leaves out a line of names, and takes the ends of lines of any system', () => {
    expect(readCsv('temperature,humidity\r\n21,40\r\n')).toEqual({
      steps: 1,
      size: 2,
      values: Float64Array.of(21, 40),
    });
  });

  it.each([
    ['', /has no line of numbers/],
    ['a,b\n', /has no line of numbers/],
    ['1,2\n3\n', /CSV line 2: has 1 columns; expected 2/],
    ['1,2\n3,x\n', /CSV line 2, column 2: is "x"/],
    ['a\n1\n\n2\n', /CSV line 3, column 1: is ""/],
    ['1,Infinity\n', /CSV line 1, column 2: is "Infinity"/],
  ])('names the place of what is wrong in %j', (text, message) => {
    expect(() => readCsv(text)).toThrow(message);
  });

  it('takes no room for numbers that its first line only promises', () => {
    const rows = 30_000;
    // A row of as many columns as there are lines would have 7 GB with all others.
    const text = `${'1,'.repeat(rows)}1\n${'1\n'.repeat(rows)}`;
    const before = process.memoryUsage().arrayBuffers;
    expect(() => readCsv(text)).toThrow(/CSV line 2: has 1 columns; expected 30001/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * text.length);
  });

  it('refuses more numbers than it may have, before it takes room for them', () => {
    expect(readCsv('1,2\n3,4\n', 4).values).toHaveLength(4);
    expect(() => readCsv('1,2\n3,4\n', 3)).toThrow(/^CSV: has 4 numbers; expected at most 3$/);
  });

  it.each([
    ['columns', (size: number) => '1,'.repeat(size)],
    ['lines', (size: number) => '1\n'.repeat(size)],
    ['quotes', (size: number) => '"1",'.repeat(size)],
    ['quotes that do not end', (size: number) => `"1${',"'.repeat(size)}`],
    ['quotes in quotes', (size: number) => `"${'""'.repeat(size)}`],
    ['blanks', (size: number) => `"1"${' '.repeat(size)}"`],
  ])('takes time in proportion to its %s', { timeout: 60_000 }, async (_, textOf) => {
    const growth = await growthOf((size) => {
      try {
        readCsv(`${textOf(size)}1`);
      } catch (problem) {
        expect(problem).toBeInstanceOf(SpikewireError);
      }
    }, 5000);
    expect(growth).toBeLessThan(24);
  });
});
