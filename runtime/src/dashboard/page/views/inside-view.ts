import type { DashboardInside, DashboardMap } from '../../source.ts';
import { element } from '../element.ts';
import type { Palette } from '../palette.ts';
import { drawHeat } from '../plots/heat-map.ts';
import { numberText } from '../text/number-text.ts';

/** Between two looks while the part of the page is open. */
const LOOK_MILLISECONDS = 5000;

/** Heights of a map, in CSS pixels. */
const ROW_PIXELS = 14;
const LOWEST_PIXELS = 24;
const TALLEST_PIXELS = 320;

/** The weights that a net learns, their change since the base, and its membranes: asked for only while this is open. */
export class InsideView {
  readonly #details = element('inside', HTMLDetailsElement);
  readonly #maps = element('inside-maps', HTMLElement);
  readonly #palette: Palette;
  #net: string | null = null;
  #shown: DashboardInside | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #asking = false;

  constructor(palette: Palette) {
    this.#palette = palette;
    this.#details.addEventListener('toggle', () => this.look());
  }

  begin(net: string): void {
    this.#net = net;
    this.#shown = null;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#maps.replaceChildren();
  }

  /** Asks again where it is time to. */
  look(): void {
    const isDue = performance.now() - this.#lookedAt >= LOOK_MILLISECONDS;
    if (this.#details.open && this.#net !== null && isDue && !this.#asking) void this.#ask(this.#net);
  }

  async #ask(net: string): Promise<void> {
    this.#asking = true;
    this.#lookedAt = performance.now();
    try {
      const response = await fetch(`inside?net=${encodeURIComponent(net)}`);
      const answer = (await response.json()) as DashboardInside | { readonly error: string };
      if (net === this.#net) this.#show(answer);
    } catch {
      // The line of the connection says that the server is gone.
    } finally {
      this.#asking = false;
    }
  }

  #show(answer: DashboardInside | { readonly error: string }): void {
    if ('error' in answer) {
      this.#maps.textContent = answer.error;
      return;
    }
    this.#shown = answer;
    this.draw();
  }

  draw(): void {
    if (this.#shown === null) return;
    const { weights, membranes } = this.#shown;
    const figures = [
      ...weights.flatMap((map) => [
        this.#figure(map, `${map.name}: ${sizeText(map)} weights`, map.values),
        ...(map.change === undefined ? [] : [this.#figure(map, `${map.name}: change since the base`, map.change)]),
      ]),
      ...membranes.map((map) => this.#figure(map, `${map.name}: ${numberText(map.width)} membranes`, map.values)),
    ];
    this.#maps.replaceChildren(...figures);
    if (weights.length === 0) this.#maps.prepend('This net has learned no weights.');
  }

  #figure({ rows, columns }: DashboardMap, title: string, values: readonly number[]): HTMLElement {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    const canvas = document.createElement('canvas');
    const [low, high] = [Math.min(...values), Math.max(...values)];
    caption.textContent = `${title}, ${numberText(low)} … ${numberText(high)}`;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', caption.textContent);
    canvas.style.height = `${Math.min(TALLEST_PIXELS, Math.max(LOWEST_PIXELS, ROW_PIXELS * rows))}px`;
    drawHeat(canvas, { rows, columns, values }, this.#palette);
    figure.append(caption, canvas);
    return figure;
  }
}

function sizeText({ height, width }: DashboardMap): string {
  return height === 1 ? numberText(width) : `${numberText(height)} × ${numberText(width)}`;
}
