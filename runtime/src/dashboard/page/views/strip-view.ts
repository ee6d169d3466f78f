import type { Value } from '../../wire.ts';
import type { Palette } from '../palette.ts';
import type { History } from '../plots/history.ts';
import { Plot } from '../plots/plot.ts';

/** One quantity that is never negative, as a low plot: learning error, spike rate. */
export class StripView {
  readonly #values: () => readonly Value[];
  readonly #plot: Plot;

  constructor(card: HTMLElement, history: History, palette: Palette, label: string, values: () => readonly Value[]) {
    this.#values = values;
    this.#plot = new Plot(card, history, palette, {
      name: card.querySelector('h2')?.textContent ?? label,
      height: 78,
      fromZero: true,
      lines: [{ label, colour: 'prediction', width: 1.25 }],
    });
  }

  draw(): void {
    this.#plot.draw([this.#values()]);
  }
}
