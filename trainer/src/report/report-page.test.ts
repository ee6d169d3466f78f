import { expect, it } from 'vitest';
import { reportPage } from './report-page.ts';

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
  expect(page).toContain('0.25');
});

it('a curve of one place is a dot, with one number on each axis', () => {
  const curve = (name: string, value: number) => ({ name, points: [[32, value]] as const });
  const page = (curves: ReturnType<typeof curve>[]) =>
    reportPage('', { document: {}, tables: [], charts: [{ title: 'C', axis: 'steps', curves, logarithmic: true }] });
  const [, ...numbers] = page([curve('a', 5)]).split('<text ');
  expect(numbers.map((text) => /^[^>]*>([^<]*)/.exec(text)![1])).toEqual(['5', '32 steps']);
  const heights = [...page([curve('a', 1), curve('b', 2)]).matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  expect(heights).toHaveLength(2);
  const [[, x0, y0], [, x1, y1]] = heights as unknown as [string[], string[]];
  expect(x0).toBe(x1);
  expect(Number(y0)).toBeGreaterThan(Number(y1));
});
