import type { DashboardChannel } from '../source.ts';
import type { History } from './history.ts';
import type { Palette } from './palette.ts';
import { Plot } from './plot.ts';

/** One channel: what was measured, what the net expected, and what it was given to expect it from. */
export class TraceView {
  readonly #card = document.createElement('section');
  readonly #history: History;
  readonly #channel: number;
  readonly #plot: Plot;

  constructor(parent: HTMLElement, history: History, palette: Palette, channel: number, about: DashboardChannel) {
    this.#history = history;
    this.#channel = channel;
    const heading = document.createElement('div');
    const name = document.createElement('h2');
    const unit = document.createElement('small');
    heading.className = 'heading';
    name.textContent = about.name;
    unit.textContent = about.unit;
    name.append(' ', unit);
    heading.append(name);
    this.#card.className = 'card channel';
    this.#card.append(heading);
    parent.append(this.#card);
    this.#plot = new Plot(this.#card, history, palette, {
      name: `${about.name} ${about.unit}`.trim(),
      height: 130,
      fromZero: false,
      lines: [
        { label: 'input', colour: 'input', width: 1, dash: [2, 3] },
        { label: 'actual', colour: 'actual', width: 1.25 },
        { label: 'predicted', colour: 'prediction', width: 2, dash: [7, 4] },
      ],
    });
  }

  draw(): void {
    const { input, actual, prediction } = this.#history;
    this.#plot.draw([input, actual, prediction].map((channels) => channels[this.#channel] ?? []));
  }

  remove(): void {
    this.#plot.remove();
    this.#card.remove();
  }
}
