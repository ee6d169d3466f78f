import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { growthOf } from '../../../test/growth.ts';
import { parseCsvTable, readCsvTable } from './csv-table.ts';

const parse = (text: string) => parseCsvTable('t.csv', text);

describe('a table of labelled samples', () => {
  it.each([
    ['with semicolons', 'width;height;kind\n1;2.5;a\n-3;4e2;b\n5;6;a\n'],
    ['with semicolons and decimal commas, no header', '1;2,5;a\n-3,0;4e2;b\n5;6;a'],
    ['as a spreadsheet writes it', '\uFEFF"w, m";"h; m";k\r\n1,0;2,5;a\r\n;;\r\n-3,0;4e2;b\r\n5;6,00;"a"\r\n'],
    ['whose first line is all decimal commas', '1,0;2,5;a\n-3;400,0;b\n5;6;a'],
    ['with a header', 'width,height,kind\n1,2.5,a\n-3,4e2,b\n5,6,a\n'],
    ['without', '1,2.5,a\n-3,4e2,b\n5,6,a'],
    [
      'with byte order mark, CRLF, blanks, quotes and empty lines',
      '\uFEFFw,h,"k"\r\n\r\n 1 , 2.5 ,"a"\r\n-3,4e2, b\r\n5,6,a\r\n\r\n',
    ],
  ])('%s', (_, text) => {
    const { samples, classes, labels } = parse(text);
    expect(samples.map((sample) => Array.from(sample))).toEqual([
      [1, 2.5],
      [-3, 400],
      [5, 6],
    ]);
    expect(classes).toEqual(['a', 'b']);
    expect(Array.from(labels)).toEqual([0, 1, 0]);
  });

  it('keeps the names of its columns, where a reading could be said by them', () => {
    expect(parse('temp,hum %,kind\n1,2,a').channels).toEqual(['temp', 'hum %']);
    expect(parse('"w, m";h;kind\n1,5;2;a').channels).toEqual(['w, m', 'h']);
    const many = Array.from({ length: 257 }, (_, k) => `p${k}`);
    const rows = ['1,2,a', 'temp,temp,kind\n1,2,a', 'te\u001bmp,hum,kind\n1,2,a', `${'n'.repeat(257)},h,kind\n1,2,a`];
    rows.push(`${many.join(',')},kind\n${many.map(() => 1).join(',')},a`);
    for (const text of rows) expect(parse(text).channels).toBeUndefined();
  });

  it('orders classes as numbers where they are numbers', () => {
    expect(parse('1,10\n2,9\n3,x\n4,10').classes).toEqual(['9', '10', 'x']);
  });

  it('has semicolons within classes where commas separate', () => {
    expect(parse('1,2,a;b\n3,4,c;d\n').classes).toEqual(['a;b', 'c;d']);
    expect(parse('x,y;z,kind\n3,4,c;d;e;f\n').classes).toEqual(['c;d;e;f']);
  });

  it('keeps commas, semicolons and quotes of a quoted class', () => {
    expect(parse('1;2,5;"a; ""b"""\n').classes).toEqual(['a; "b"']);
    expect(parse('1,"a, ""b"""\n').classes).toEqual(['a, "b"']);
  });

  it.each([
    ['a,b,k\n1,2,x\n3,four,y', 't.csv, line 3, column 2 (b): is "four"; expected a finite number'],
    ['1,2,x\n3,,y', 't.csv, line 2, column 2: is empty; expected a finite number'],
    ['1,2,x\n\n3,Infinity,y', 't.csv, line 3, column 2: is "Infinity"; expected a finite number'],
    ['1,2,x\n3,y', 't.csv, line 2: has 2 columns; expected 3, like the first line'],
    ['a,b,k\n1,2,3,x', 't.csv, line 2: has 4 columns; expected 3, like the first line'],
    ['1,2,x\n3,4,', 't.csv, line 2, column 3: is empty; expected the name of a class'],
    ['a,b,k', 't.csv: has no rows; expected numbers, and the class in the last column'],
    ['', 't.csv: has no rows; expected numbers, and the class in the last column'],
    ['1\n2', 't.csv: has 1 column; expected numbers, and the class in the last column'],
    ['a;b;k\n1;2,3,4;x', 't.csv, line 2, column 2 (b): is "2,3,4"; expected a finite number'],
    ['1;1.234,5;x', 't.csv, line 1, column 2: is "1.234,5"; expected a finite number'],
    ['1;2;x\n3,4,x', 't.csv, line 2: has 1 columns; expected 3, like the first line'],
    ['1,"2"3,x', 't.csv, line 1, column 2: is ""2"3"; expected a finite number'],
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(SpikewireError);
    expect(() => parse(text)).toThrow(message);
  });

  it('that is any text at all gives a table or a file error', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('1', '.', ',', ';', '"', '\n', '\r', 'a', ' ', '-') }), (text) => {
        try {
          const { samples, labels } = parse(text);
          expect(labels).toHaveLength(samples.length);
        } catch (problem) {
          expect(problem).toBeInstanceOf(SpikewireError);
          expect((problem as SpikewireError).code).toBe('file');
        }
      }),
    );
  });

  it('comes back as it was written', () => {
    const row = fc.tuple(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 }),
      fc.constantFrom('a', 'b', 'c'),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const { samples, classes, labels } = parse(
          rows.map(([numbers, label]) => [...numbers, label].join(',')).join('\n'),
        );
        expect(samples.map((sample) => Array.from(sample))).toEqual(
          rows.map(([numbers]) => numbers.map((x) => x || 0)),
        );
        expect(Array.from(labels, (label) => classes[label])).toEqual(rows.map(([, label]) => label));
      }),
    );
  });

  it('that does not exist is named', async () => {
    await expect(readCsvTable('no-such.csv')).rejects.toThrow('no-such.csv: does not exist; expected a CSV file');
    await expect(readCsvTable('')).rejects.toThrow(/names no file; expected csv:FILE/);
  });

  it('that takes more than half of the memory is refused, whatever it consists of', () => {
    const memory = vi.spyOn(process, 'constrainedMemory').mockReturnValue(200_000);
    for (const [piece, count] of [
      ['1,a\n', 1000],
      [`${'1,'.repeat(5000)}a\n`, 4],
    ] as const) {
      expect(() => parse(piece.repeat(count))).toThrow(
        /^t\.csv: takes more than 0\.1 MB of memory; expected a smaller set of data$/,
      );
      expect(parse(piece.repeat(count / 4)).samples).toHaveLength(count / 4);
    }
    expect(() => parse(Array.from({ length: 500 }, (_, k) => `1,${k}\n`).join(''))).toThrow('takes more than');
    memory.mockRestore();
  });

  it.each([
    ['rows', (size: number) => '1,2,a\n'.repeat(size)],
    ['columns', (size: number) => `${'1,'.repeat(size)}a\n`],
    ['classes', (size: number) => Array.from({ length: size }, (_, k) => `1,c${(7 * k) % size}\n`).join('')],
    ['names', (size: number) => `${'x,'.repeat(size)}k\n${'1,'.repeat(size)}a\n`],
  ])('takes time in proportion to its %s', { timeout: 60_000 }, async (_, textOf) => {
    expect(await growthOf((size) => parse(textOf(size)), 4000)).toBeLessThan(24);
  });
});
