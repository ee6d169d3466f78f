import { type Content, draw, make } from '../markup.ts';

export interface BarPart {
  readonly kind: string;
  readonly amount: number;
}

/** In the units of the drawing, which is as wide as its place. */
const [WIDTH, HEIGHT] = [1000, 20];

/** Parts of a whole beside each other. What they are is told below it. */
export function stackedBar(label: string, parts: readonly BarPart[]): Content {
  const whole = parts.reduce((sum, { amount }) => sum + amount, 0);
  let from = 0;
  const boxes = parts
    .filter(({ amount }) => amount > 0)
    .map(({ kind, amount }) => {
      const width = (WIDTH * amount) / whole;
      const box = draw('rect', { x: from, y: 0, width, height: HEIGHT, 'data-kind': kind });
      from += width;
      return box;
    });
  return picture(label, boxes);
}

/** How far something has come, with marks at shares of the whole. */
export function markedBar(label: string, share: number, marks: readonly number[]): Content {
  const lines = marks.map((mark) =>
    draw('line', { x1: WIDTH * mark, x2: WIDTH * mark, y1: 0, y2: HEIGHT, class: 'mark-line' }),
  );
  return picture(label, [
    draw('rect', { x: 0, y: 0, width: WIDTH * share, height: HEIGHT, 'data-kind': 'installed' }),
    ...lines,
  ]);
}

/** Evidence on its way to a limit, at the right end. */
export function evidenceBar(label: string, share: number, kind: 'worse' | 'good'): Content {
  return picture(label, [draw('rect', { x: 0, y: 0, width: WIDTH * share, height: HEIGHT, 'data-kind': kind })]);
}

function picture(label: string, content: readonly Element[]): Content {
  const attributes = {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  };
  return make('div', { class: 'bar' }, draw('svg', attributes, ...content));
}
