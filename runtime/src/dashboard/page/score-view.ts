import type { History } from './history.ts';
import type { Palette } from './palette.ts';
import { Plot } from './plot.ts';

/** How unusual each reading was, and above which limit it is flagged. */
export class ScoreView {
  readonly #history: History;
  readonly #plot: Plot;

  constructor(card: HTMLElement, history: History, palette: Palette) {
    this.#history = history;
    this.#plot = new Plot(card, history, palette, {
      name: 'Anomaly score',
      height: 108,
      fromZero: true,
      lines: [
        { label: 'score', colour: 'actual', width: 1.25 },
        { label: 'limit', colour: 'flag', width: 1.5, dash: [7, 4] },
      ],
    });
  }

  draw(): void {
    this.#plot.draw([this.#history.score, this.#history.limit]);
  }
}
