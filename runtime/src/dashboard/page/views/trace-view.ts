import type { DashboardChannel } from '../../source.ts';
import type { Palette } from '../palette.ts';
import type { History } from '../plots/history.ts';
import { Plot } from '../plots/plot.ts';

/** One channel: what was measured, and what the net expected, where it expects anything. */
export class TraceView {
  readonly #card = document.createElement('section');
  readonly #history: History;
  readonly #channel: number;
  readonly #expects: boolean;
  readonly #plot: Plot;

  constructor(
    parent: HTMLElement,
    history: History,
    palette: Palette,
    channel: number,
    about: DashboardChannel,
    expects: boolean,
  ) {
    this.#expects = expects;
    this.#history = history;
    this.#channel = channel;
    const heading = document.createElement('div');
    const name = document.createElement('h2');
    const unit = document.createElement('small');
    heading.className = 'heading';
    name.textContent = about.name;
    unit.textContent = [about.unit, about.measure ?? ''].filter((text) => text !== '').join(', ');
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
        { label: 'measured', colour: 'actual', width: 1.25 } as const,
        { label: 'expected', colour: 'prediction', width: 2, dash: [7, 4] } as const,
      ].slice(0, expects ? 2 : 1),
    });
  }

  draw(): void {
    const { values, expected } = this.#history;
    this.#plot.draw((this.#expects ? [values, expected] : [values]).map((channels) => channels[this.#channel] ?? []));
  }

  remove(): void {
    this.#plot.remove();
    this.#card.remove();
  }
}
