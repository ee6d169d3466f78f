import type { Value } from '../wire.ts';
import { flagMarks } from './flag-marks.ts';
import type { History } from './history.ts';
import { numberText } from './number-text.ts';
import type { Colour, Palette } from './palette.ts';
import uPlot from './uPlot.esm.js';

export interface Line {
  readonly label: string;
  readonly colour: Colour;
  /** In CSS pixels. */
  readonly width: number;
  /** Lengths of strokes and gaps in CSS pixels; solid without. */
  readonly dash?: readonly number[];
}

export interface PlotOptions {
  /** For those who hear the page. */
  readonly name: string;
  readonly lines: readonly Line[];
  /** In CSS pixels, with its axis and without its legend. */
  readonly height: number;
  /** Whether the vertical axis begins at 0, for what cannot be negative. */
  readonly fromZero: boolean;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** Lines over the number of the reading, with the flags of the history as marks: one look for all plots of the page. */
export class Plot {
  readonly #container = document.createElement('div');
  readonly #history: History;
  readonly #options: PlotOptions;
  readonly #plot: uPlot;
  readonly #resize: ResizeObserver;

  /** @param card Its heading gets the legend, its end the plot. */
  constructor(card: HTMLElement, history: History, palette: Palette, options: PlotOptions) {
    this.#history = history;
    this.#options = options;
    this.#container.className = 'plot';
    this.#container.setAttribute('role', 'img');
    card.append(this.#container);
    this.#plot = new uPlot(
      this.#uPlotOptions(palette, card.querySelector('.heading') ?? card),
      [[], ...options.lines.map(() => [])] as unknown as uPlot.AlignedData,
      this.#container,
    );
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(this.#container);
  }

  /** @param lines The values of each line, of the length of the history. */
  draw(lines: readonly (readonly Value[])[]): void {
    this.#plot.setData([this.#history.seq, ...lines] as uPlot.AlignedData);
    if ((this.#plot.cursor.left ?? -1) < 0) {
      this.#plot.setLegend({ idx: this.#history.seq.length - 1 }, false);
    }
    const newest = this.#options.lines.map(({ label }, line) => `${label} ${numberText(lines[line]?.at(-1))}`);
    this.#container.setAttribute('aria-label', `${this.#options.name}: ${newest.join(', ')}`);
  }

  remove(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
    this.#container.remove();
  }

  #fit(): void {
    const width = this.#container.clientWidth;
    if (width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({ width, height: this.#options.height });
    }
  }

  #uPlotOptions(palette: Palette, heading: Element): uPlot.Options {
    const history = this.#history;
    const axis = {
      stroke: () => palette.colour('muted'),
      font: FONT,
      grid: { stroke: () => palette.colour('line'), width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.#container.clientWidth || 300,
      height: this.#options.height,
      padding: [12, 14, 0, 0],
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        sync: { key: 'readings', scales: ['x', null] },
      },
      legend: {
        mount: (_, legend) => heading.append(legend),
        markers: { width: 2, dash: (_, series) => borderStyle(this.#options.lines[series - 1]?.dash) },
      },
      scales: {
        x: { time: false, range: () => horizontalRange(history) },
        y: { range: (_, low, high) => verticalRange(low, high, this.#options.fromZero) },
      },
      axes: [
        { ...axis, size: 22, gap: 4, space: 70 },
        { ...axis, size: 50, gap: 6, space: 22 },
      ],
      series: [
        { label: 'reading', value: (_, value) => numberText(value) },
        ...this.#options.lines.map((line) => ({
          label: line.label,
          stroke: () => palette.colour(line.colour),
          width: line.width,
          points: { show: false },
          value: (_: uPlot, value: Value) => numberText(value),
          ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
        })),
      ],
      plugins: [flagMarks(history, palette)],
    };
  }
}

/** The style of a legend's marker that looks most like a line with such a dash. */
function borderStyle(dash: readonly number[] | undefined): string {
  return dash === undefined ? 'solid' : dash[0]! < 4 ? 'dotted' : 'dashed';
}

/** A little room above and below; a constant line lies in the middle. */
function verticalRange(low: number | null, high: number | null, fromZero: boolean): [number, number] {
  const from = fromZero ? 0 : (low ?? 0);
  const to = high ?? 1;
  const room = (to - from) * 0.08 || Math.abs(to) * 0.05 || 1;
  return [fromZero ? 0 : from - room, to + room];
}

/** The span that ends with the newest reading; the first span stands still until it is full. */
function horizontalRange(history: History): [number, number] {
  const first = history.seq[0] ?? 1;
  const last = Math.max(history.newest, first + history.span - 1);
  return [last - history.span + 1, last];
}
