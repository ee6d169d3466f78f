import type { Chart, Report, Table } from './report.ts';

const [WIDTH, HEIGHT] = [580, 300];
/** Height of a row of marks, and width of a letter. */
const [ROW, LETTER] = [14, 7];
const MARGIN = { left: 56, right: 20, top: 16, bottom: 36 };
const COLOURS = ['#c2571a', '#2a6fb0', '#2f8f4e', '#8a4fa3', '#a0892c', '#6a6a6a', '#c43d6b', '#1f8f8f', '#7a5a3c'];
/** Light or dark as the reader's system is; what is wider than the page moves within itself. */
const STYLE = [
  ':root{color-scheme:light dark}',
  'body{font:15px/1.5 sans-serif;margin:2em auto;max-width:68em;padding:0 1em}h1,h2{overflow-wrap:anywhere}',
  'div{overflow-x:auto}table{border-collapse:collapse}th,td{padding:.2em .6em;text-align:right;white-space:nowrap}',
  'th,td{border-bottom:1px solid #8886}pre{overflow:auto}',
  'td:first-child,th:first-child{text-align:left;position:sticky;left:0;background:Canvas}',
  'td:only-child{white-space:normal}svg{max-width:100%;min-width:28em;height:auto}.curve{margin-right:1em}',
  '@media(prefers-color-scheme:dark){.curve{filter:brightness(1.6)}}',
].join('\n');

/** The report as one page that needs nothing else: tables, and curves as SVG. */
export function reportPage(title: string, { tables, charts, document }: Report): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    ...tables.map(tableOf),
    ...charts.map(chartOf),
    `<details><summary>as JSON</summary><pre>${escaped(JSON.stringify(document, undefined, 2))}</pre></details>`,
    '</body></html>\n',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function tableOf({ title, note, head, rows }: Table): string {
  const line = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const body = `${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('')}`;
  const said = note === undefined ? '' : `<p>${escaped(note)}</p>`;
  return `<h2>${escaped(title)}</h2>${said}<div><table>${body}</table></div>`;
}

function chartOf({ title, axis, curves, rows, range, logarithmic = false }: Chart): string {
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return '';
  const [left, right] = range ?? [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))];
  const marks = rows?.map((_, row) => row) ?? roundNumbers(...extremes(points));
  const [low, high] = [marks[0]!, marks.at(-1)!];
  const [top, bottom] = rows === undefined ? [high, low] : [low, high];
  const height = rows === undefined ? HEIGHT : MARGIN.top + MARGIN.bottom + ROW * rows.length;
  const edge = rows === undefined ? MARGIN.left : LETTER * Math.max(...rows.map(({ length }) => length)) + 10;
  const along = logarithmic ? Math.log : (value: number) => value;
  const x = (value: number) =>
    edge + ((along(value) - along(left)) / (along(right) - along(left) || 1)) * (WIDTH - edge - MARGIN.right);
  const y = (value: number) =>
    MARGIN.top + ((value - top) / (bottom - top || 1)) * (height - MARGIN.top - MARGIN.bottom);
  const grid = marks.map(
    (value) =>
      `<line x1="${edge}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}" stroke="#8886"/>` +
      `<text x="${edge - 6}" y="${y(value) + 4}" text-anchor="end">${escaped(rows?.[value] ?? String(value))}</text>`,
  );
  const colourOf = (k: number) => COLOURS[k % COLOURS.length]!;
  const lines = curves.map(({ points }, k) => {
    const colour = colourOf(k);
    if (rows !== undefined) {
      const mark = ([a, b]: readonly [number, number]) =>
        `M${x(a).toFixed(1)},${(y(b) - ROW / 3).toFixed(1)}v${(2 * ROW) / 3}`;
      return `<path d="${points.map(mark).join('')}" class="curve" stroke="${colour}" stroke-width="1.5"/>`;
    }
    // A curve of one place is a dot.
    if (left === right) {
      const dot = ([a, b]: readonly [number, number]) =>
        `<circle cx="${x(a)}" cy="${y(b)}" r="4" class="curve" fill="${colour}"/>`;
      return points.map(dot).join('');
    }
    const path = points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" class="curve" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
  });
  const names = curves.map(({ name }, k) => `<span class="curve" style="color:${colourOf(k)}">${escaped(name)}</span>`);
  return [
    `<h2>${escaped(title)}</h2><p>${names.join(' ')}</p><div>`,
    `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" fill="currentColor" font-size="12">`,
    ...grid,
    ...lines,
    `<text x="${x(left)}" y="${height - 12}">${left}</text>`,
    `<text x="${WIDTH / 2}" y="${height - 12}" text-anchor="middle">${escaped(axis)}</text>`,
    left === right ? '' : `<text x="${x(right)}" y="${height - 12}" text-anchor="end">${right}</text>`,
    '</svg></div>',
  ].join('\n');
}

function extremes(points: Chart['curves'][number]['points']): [low: number, high: number] {
  return [Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))];
}

/** Two to eight round numbers, evenly spaced, from at most `low` to at least `high`; one where these are the same. */
export function roundNumbers(low: number, high: number): number[] {
  if (low === high) return [low];
  const power = 10 ** Math.floor(Math.log10((high - low) / 5));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => high - low <= 5 * each)!;
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}
