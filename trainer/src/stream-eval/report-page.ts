import type { Chart, Table, TaskOutcome } from '../tasks/task.ts';

const [WIDTH, HEIGHT] = [760, 300];
const MARGIN = { left: 56, right: 200, top: 16, bottom: 36 };
const COLOURS = ['#c2571a', '#2a6fb0', '#2f8f4e', '#8a4fa3', '#a0892c', '#4a4a4a', '#c43d6b', '#1f8f8f', '#7a5a3c'];

/** The report as one page that needs nothing else: tables, and curves as SVG. */
export function reportPage(title: string, { tables, charts, document }: TaskOutcome): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escaped(title)}</title>`,
    '<style>body{font:15px/1.5 sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#222}',
    'table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}',
    'td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto}pre{overflow:auto}</style></head><body>',
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

function tableOf({ title, head, rows }: Table): string {
  const line = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<h2>${escaped(title)}</h2><table>${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('')}</table>`;
}

function chartOf({ title, axis, curves }: Chart): string {
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return '';
  const [left, right] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))];
  const [low, high] = [Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))];
  const x = (value: number) =>
    MARGIN.left + ((value - left) / (right - left || 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    MARGIN.top + ((high - value) / (high - low || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = low + share * (high - low);
    return (
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
      `<text x="${MARGIN.left - 6}" y="${y(value) + 4}" text-anchor="end">${Number(value.toPrecision(3))}</text>`
    );
  });
  const lines = curves.map(({ name, points }, k) => {
    const colour = COLOURS[k % COLOURS.length];
    const path = points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ');
    const label = `<text x="${WIDTH - MARGIN.right + 12}" y="${MARGIN.top + 16 * (k + 1)}" fill="${colour}">${escaped(name)}</text>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>${label}`;
  });
  return [
    `<h2>${escaped(title)}</h2>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    ...grid,
    ...lines,
    `<text x="${x(left)}" y="${HEIGHT - 12}">${left} ${escaped(axis)}</text>`,
    `<text x="${x(right)}" y="${HEIGHT - 12}" text-anchor="end">${right}</text>`,
    '</svg>',
  ].join('\n');
}
