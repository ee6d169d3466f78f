import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reportPage, roundNumbers } from './report-page.ts';

it('a report is one page that needs nothing else, whatever names are in it', () => {
  const page = reportPage('a <b> & "c"', {
    document: { accuracy: 0.5, name: '</pre><script>' },
    tables: [{ title: 'T', head: ['', 'x'], rows: [['<i>', '1']] }],
    charts: [
      {
        title: 'C',
        axis: 'samples',
        curves: [
          {
            name: '<u>',
            points: [
              [0, 0.25],
              [10, 0.75],
            ],
          },
        ],
      },
      { title: 'empty', axis: 'samples', curves: [] },
    ],
  });
  expect(page).not.toMatch(/<(script|i|u|b)>|src=|href=/);
  // Two points in the corners of the drawing: the lower one at the left.
  const [, from, to] = /<polyline points="([\d.]+,[\d.]+) ([\d.]+,[\d.]+)"/.exec(page)!;
  const [[x0, y0], [x1, y1]] = [from!, to!].map((point) => point.split(',').map(Number)) as [number[], number[]];
  expect(x0! < x1! && y0! > y1!).toBe(true);
  for (const mark of ['0.2', '0.8']) expect(page).toContain(`>${mark}</text>`);
});

it('a curve of one place is a dot, with one number on each axis', () => {
  const curve = (name: string, value: number) => ({ name, points: [[32, value]] as const });
  const page = (curves: ReturnType<typeof curve>[]) =>
    reportPage('', { document: {}, tables: [], charts: [{ title: 'C', axis: 'steps', curves, logarithmic: true }] });
  const [, ...numbers] = page([curve('a', 5)]).split('<text ');
  expect(numbers.map((text) => /^[^>]*>([^<]*)/.exec(text)![1])).toEqual(['5', '32', 'steps']);
  const heights = [...page([curve('a', 1), curve('b', 2)]).matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  expect(heights).toHaveLength(2);
  const [[, x0, y0], [, x1, y1]] = heights as unknown as [string[], string[]];
  expect(x0).toBe(x1);
  expect(Number(y0)).toBeGreaterThan(Number(y1));
});

it.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [85.92, 100, [85, 90, 95, 100]],
  [1661, 217_902, [0, 50_000, 100_000, 150_000, 200_000, 250_000]],
  [-0.3, 0.1, [-0.3, -0.2, -0.1, 0, 0.1]],
  [7, 7, [7]],
])('an axis from %d to %d has the marks %j', (low, high, marks) => {
  expect(roundNumbers(low, high)).toEqual(marks);
});

it('an axis has few marks, and all that is drawn lies between the first and the last', () => {
  const size = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(size, fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (low, range) => {
      const high = low + range;
      fc.pre(range > 0.01 * Math.abs(low)); // twelve digits are shown
      const marks = roundNumbers(low, high);
      expect(marks.length).toBeGreaterThanOrEqual(2);
      expect(marks.length).toBeLessThanOrEqual(8);
      expect(marks[0]! - low).toBeLessThanOrEqual(1e-9 * range);
      expect(high - marks.at(-1)!).toBeLessThanOrEqual(1e-9 * range);
    }),
  );
});

it('rows of marks are named, from the top, and are as far apart as their steps', () => {
  const curves = [
    {
      name: 'a',
      points: [
        [0, 0],
        [5, 0],
      ] as const,
    },
    { name: 'b', points: [[10, 1]] as const },
  ];
  const chart = { title: 'C', axis: 'step', curves, rows: ['0 a', '<b>'], range: [0, 10] as const };
  const page = reportPage('', { document: {}, tables: [], charts: [chart] });
  const marks = [...page.matchAll(/M([\d.]+),([\d.]+)v/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
  expect(marks).toHaveLength(3);
  const [first, second, third] = marks as [[number, number], [number, number], [number, number]];
  expect(second[0] - first[0]).toBeCloseTo(third[0] - second[0], 0);
  expect(first[1]).toBe(second[1]);
  expect(third[1]).toBeGreaterThan(first[1]);
  for (const name of ['0 a', '&lt;b>']) expect(page).toContain(`text-anchor="end">${name}</text>`);
});
