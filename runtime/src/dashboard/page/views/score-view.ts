import { element } from '../element.ts';
import type { Palette } from '../palette.ts';
import type { History } from '../plots/history.ts';
import { Plot } from '../plots/plot.ts';
import type { MonitorsView } from './monitors-view.ts';

/** How unusual each reading was, to the monitor that is looked at, and above which limit it is flagged. */
export class ScoreView {
  readonly #history: History;
  readonly #monitors: MonitorsView;
  readonly #heading = element('score-monitor', HTMLElement);
  readonly #plot: Plot;

  constructor(card: HTMLElement, history: History, palette: Palette, monitors: MonitorsView) {
    this.#history = history;
    this.#monitors = monitors;
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
    const { chosen } = this.#monitors;
    const { score, limit, scores } = this.#history;
    this.#heading.textContent = chosen?.monitor.title ?? '';
    // The first one has its limits as they were with each reading.
    if (chosen === undefined || chosen.index === 0) this.#plot.draw([score, limit]);
    else this.#plot.draw([scores[chosen.index] ?? [], limit.map(() => chosen.monitor.limit)]);
  }
}
