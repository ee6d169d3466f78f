import type { Palette } from '../palette.ts';

interface Cells {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly values: readonly number[];
}

/** Draws a pixel for each cell: below 0 in one colour, above in another, the stronger the farther from it. */
export function drawHeat(canvas: HTMLCanvasElement, { rows, columns, values }: Cells, palette: Palette): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d')!;
  const strongest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [k, value] of values.entries()) {
    context.globalAlpha = strongest === 0 ? 0 : Math.abs(value) / strongest;
    context.fillStyle = palette.colour(value < 0 ? 'flag' : 'prediction');
    context.fillRect(k % columns, Math.floor(k / columns), 1, 1);
  }
}
