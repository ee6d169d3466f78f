import type { Value } from '../../wire.ts';
import type { Colour, Palette } from '../palette.ts';
import { numberText } from '../text/number-text.ts';
import { tickTexts, timeText, timeTicks } from '../time-axis.ts';
import uPlot from '../uPlot.esm.js';
import { flagMarks } from './flag-marks.ts';
import type { Timeline } from './timeline.ts';
import { type Mark, ticksEvery, ValueAxis } from './value-axis.ts';

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
  /** In CSS pixels, with its axis and without its legend; on a phone it is half as high again. */
  readonly height: number;
  /** Whether the vertical axis begins at 0, for what cannot be negative. */
  readonly fromZero: boolean;
  /** Plots of one group show the same place where one of them is pointed at. Default: those of the newest readings. */
  readonly group?: string;
  /** Whether there is a band between two lines, each of which stays as it is until the next value. */
  readonly isBand?: boolean;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** Between two ticks of the horizontal axis at least, in CSS pixels. */
const TICK_SPACE = 70;

/** Between two marks of the vertical axis about, in CSS pixels. */
const MARK_SPACE = 18;

/** What of the height the horizontal axis and the triangles of flags take, in CSS pixels. */
const AXIS_HEIGHT = 22;
const TOP = 12;

/**
 * Of the vertical axis: so wide that plots below each other have the same places, more where its numbers are long. A
 * phone has no room to spare.
 */
const AXIS_WIDTH = 50;
const AXIS_WIDTH_PHONE = 34;
/** Of a plot on a phone, times that elsewhere: a curve as flat as it is narrow says little. */
const HEIGHT_PHONE = 1.5;
/** Of a digit, and between numbers and plot, in CSS pixels. */
const DIGIT_WIDTH = 7.5;
const GAP = 6;

/** Lines over time or the number of the reading, with flags as marks: one look for all plots of the page. */
export class Plot {
  readonly #container = document.createElement('div');
  readonly #beyond = document.createElement('span');
  readonly #timeline: Timeline;
  readonly #options: PlotOptions;
  readonly #plot: uPlot;
  readonly #resize: ResizeObserver;
  /** As in style.css. */
  readonly #wide = matchMedia('(min-width: 700px)');
  #lines: readonly (readonly Value[])[] = [];
  #marks: readonly Mark[] = [];

  /** @param card Its heading gets the legend, its end the plot. */
  constructor(card: HTMLElement, timeline: Timeline, palette: Palette, options: PlotOptions) {
    this.#timeline = timeline;
    this.#options = options;
    this.#container.className = 'plot';
    this.#container.setAttribute('role', 'img');
    card.append(this.#container);
    const heading = card.querySelector('.heading') ?? card;
    this.#beyond.className = 'beyond';
    heading.append(this.#beyond);
    this.#plot = new uPlot(
      this.#uPlotOptions(palette, heading),
      [[], ...options.lines.map(() => [])] as unknown as uPlot.AlignedData,
      this.#container,
    );
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(this.#container);
  }

  /**
   * @param lines The values of each line, of the length of the timeline.
   * @param within What the vertical axis is made for, where that is more than these.
   */
  draw(lines: readonly (readonly Value[])[], within = lines): void {
    const axis = new ValueAxis(within, this.#options.fromZero);
    this.#lines = lines;
    const former = this.#marks;
    this.#marks = axis.marks(Math.max(2, Math.floor((this.#height - AXIS_HEIGHT - TOP) / MARK_SPACE)));
    const places = lines.map((line) => line.map((value) => axis.place(value)));
    this.#plot.setData([this.#timeline.places, ...places] as uPlot.AlignedData);
    // uPlot keeps what stands at an axis as long as its scales are the same, and those are places.
    if (this.#marks.some(({ text }, k) => text !== former[k]?.text)) this.#plot.redraw(false, true);
    this.#beyond.textContent = axis.beyond && `beyond the axis: ${axis.beyond}`;
    if ((this.#plot.cursor.left ?? -1) < 0) {
      this.#plot.setLegend({ idx: this.#timeline.places.length - 1 }, false);
    }
    const newest = this.#options.lines.map(({ label }, line) => `${label} ${numberText(lines[line]?.at(-1))}`);
    const told = axis.beyond === '' ? newest : [...newest, this.#beyond.textContent];
    this.#container.setAttribute('aria-label', `${this.#options.name}: ${told.join(', ')}`);
  }

  remove(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
    this.#beyond.remove();
    this.#container.remove();
  }

  get #height(): number {
    return Math.round(this.#options.height * (this.#wide.matches ? 1 : HEIGHT_PHONE));
  }

  #fit(): void {
    const width = this.#container.clientWidth;
    if (width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({ width, height: this.#height });
    }
  }

  #uPlotOptions(palette: Palette, heading: Element): uPlot.Options {
    const timeline = this.#timeline;
    const axis = {
      stroke: () => palette.colour('muted'),
      font: FONT,
      grid: { stroke: () => palette.colour('line'), width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.#container.clientWidth || 300,
      height: this.#height,
      padding: [TOP, 14, 0, 0],
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        sync: { key: this.#options.group ?? (this.#options.isBand ? 'past' : 'readings'), scales: ['x', null] },
      },
      legend: {
        mount: (_, legend) => heading.append(legend),
        markers: { width: 2, dash: (_, series) => borderStyle(this.#options.lines[series - 1]?.dash) },
      },
      scales: {
        x: { time: false, range: () => [...timeline.range] },
        // What is drawn are places on the axis.
        y: { range: [0, 1] },
      },
      axes: [
        {
          ...axis,
          size: AXIS_HEIGHT,
          gap: 4,
          space: TICK_SPACE,
          splits: (plot, _, from, to, distance) =>
            timeline.isTimed
              ? timeTicks(from, to, Math.max(1, Math.floor(plot.width / TICK_SPACE) - 1))
              : ticksEvery(distance, from, to),
          values: (_, ticks) => (timeline.isTimed ? tickTexts(ticks) : ticks.map((tick) => numberText(tick))),
        },
        {
          ...axis,
          size: (_, texts) =>
            Math.max(this.#wide.matches ? AXIS_WIDTH : AXIS_WIDTH_PHONE, GAP + DIGIT_WIDTH * longest(texts)),
          gap: GAP,
          splits: () => this.#marks.map(({ place }) => place),
          values: () => this.#marks.map(({ text }) => text),
        },
      ],
      series: [
        { label: 'at', value: (_, value) => placeText(timeline, value) },
        ...this.#options.lines.map((line, index) => ({
          label: line.label,
          stroke: () => palette.colour(line.colour),
          width: line.width,
          ...(this.#options.isBand ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
          points: { show: false },
          value: (_: uPlot, _place: Value, _series: number, at: number | null) =>
            numberText(at === null ? null : this.#lines[index]?.[at]),
          ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
        })),
      ],
      ...(this.#options.isBand
        ? { bands: [{ series: [1, 2] as [number, number], fill: () => palette.colour('band') }] }
        : {}),
      plugins: [flagMarks(timeline, palette)],
    };
  }
}

/** The style of a legend's marker that looks most like a line with such a dash. */
function borderStyle(dash: readonly number[] | undefined): string {
  return dash === undefined ? 'solid' : dash[0]! < 4 ? 'dotted' : 'dashed';
}

function longest(texts: readonly string[] | null): number {
  return Math.max(0, ...(texts ?? []).map(({ length }) => length));
}

function placeText(timeline: Timeline, place: Value): string {
  return timeline.isTimed && place !== null ? timeText(place, timeline.range[1]) : numberText(place);
}
