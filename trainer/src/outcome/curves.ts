import type { EpochRecord } from '../runs/history.ts';
import type { Score, ScoreName } from '../runs/tally.ts';

const [WIDTH, HEIGHT] = [420, 260];
const MARGIN = { left: 56, right: 16, top: 36, bottom: 36 };
const [LEARNED, VALIDATION] = ['#2a6fb0', '#c2571a'];

interface Panel {
  readonly title: string;
  readonly low: number;
  readonly high: number;
  readonly value: (score: Score) => number;
  readonly format: (value: number) => string;
}

/** Loss and accuracy, or what scores are else, over the epochs, of the learned and of the validation samples, as an SVG picture. */
export function curvesSvg(history: readonly EpochRecord[], name: ScoreName = 'accuracy'): string {
  const scores = history.flatMap(({ training, validation }) => [training, validation]);
  const losses = scores.map(({ loss }) => loss);
  const lowest = Math.min(...scores.map(({ accuracy }) => accuracy));
  const panels: Panel[] = [
    {
      title: 'loss',
      low: 0,
      high: Math.max(...losses, 1e-9),
      value: ({ loss }) => loss,
      format: (value) => value.toPrecision(2),
    },
    {
      title: name,
      low: Math.min(0.99, Math.floor(lowest * 20) / 20),
      high: 1,
      value: ({ accuracy }) => accuracy,
      format: (value) => `${(100 * value).toFixed(1)} %`,
    },
  ];
  const parts = panels.map((panel, index) => panelSvg(panel, history, index * WIDTH));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function panelSvg({ title, low, high, value, format }: Panel, history: readonly EpochRecord[], left: number): string {
  const x = (epoch: number) => {
    const share = history.length > 1 ? (epoch - 1) / (history.length - 1) : 0.5;
    return left + MARGIN.left + share * (WIDTH - MARGIN.left - MARGIN.right);
  };
  const y = (number: number) => MARGIN.top + ((high - number) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const curve = (pick: (record: EpochRecord) => Score, colour: string) => {
    const corners = history.map((record) => [x(record.epoch), y(value(pick(record)))] as const);
    const points = corners.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');
    const dots = corners.map(
      ([a, b]) => `<circle cx="${a.toFixed(1)}" cy="${b.toFixed(1)}" r="2.5" fill="${colour}"/>`,
    );
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}`;
  };
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = low + share * (high - low);
    const line = `<line x1="${left + MARGIN.left}" x2="${left + WIDTH - MARGIN.right}" y1="${y(at)}" y2="${y(at)}" stroke="#ddd"/>`;
    return `${line}<text x="${left + MARGIN.left - 6}" y="${y(at) + 4}" text-anchor="end" fill="#444">${format(at)}</text>`;
  });
  const last = history.at(-1)!.epoch;
  return [
    ...lines,
    `<text x="${left + MARGIN.left}" y="20" font-weight="bold">${title}</text>`,
    `<text x="${left + MARGIN.left + 80}" y="20" fill="${LEARNED}">learned</text>`,
    `<text x="${left + MARGIN.left + 140}" y="20" fill="${VALIDATION}">validation</text>`,
    `<text x="${x(1)}" y="${HEIGHT - 14}" text-anchor="middle" fill="#444">epoch 1</text>`,
    ...(last > 1 ? [`<text x="${x(last)}" y="${HEIGHT - 14}" text-anchor="end" fill="#444">${last}</text>`] : []),
    curve(({ training }) => training, LEARNED),
    curve(({ validation }) => validation, VALIDATION),
  ].join('\n');
}
