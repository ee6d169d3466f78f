import type { DashboardChannel } from '../../source.ts';
import type { Value } from '../../wire.ts';
import { element } from '../element.ts';
import type { Palette } from '../palette.ts';
import { Plot } from '../plots/plot.ts';
import type { Marked, Timeline } from '../plots/timeline.ts';

/** What is left of the height of the axis with each reading, where the signal has become smaller. */
const FADING = 0.995;

/** The numbers of the newest reading, one channel below the other, where a reading has many of each. */
export class SignalView {
  readonly #parent = element('signals', HTMLElement);
  readonly #palette: Palette;
  #signals: Signal[] = [];

  constructor(palette: Palette) {
    this.#palette = palette;
  }

  begin(channels: readonly DashboardChannel[]): void {
    for (const signal of this.#signals) signal.plot.remove();
    this.#parent.replaceChildren();
    this.#signals = [];
    for (const channel of channels) if (channel.measure !== undefined) this.#signals.push(this.#signalOf(channel));
  }

  add(numbers: readonly (readonly Value[])[] = []): void {
    for (const [k, own] of numbers.entries()) this.#signals[k]?.take(own);
  }

  draw(): void {
    for (const signal of this.#signals) signal.draw();
  }

  #signalOf({ name, unit }: DashboardChannel): Signal {
    const card = document.createElement('section');
    const heading = document.createElement('div');
    const label = document.createElement('h2');
    const about = document.createElement('small');
    card.className = 'card signal';
    heading.className = 'heading';
    about.textContent = `${unit}, the newest reading`;
    label.append(`${name}, the signal `, about);
    heading.append(label);
    card.append(heading);
    this.#parent.append(card);
    return new Signal(card, this.#palette, `${name}, the signal of the newest reading ${unit}`.trim());
  }
}

/** One channel. Its axis keeps the height of the largest signals of late, so that a small one is seen to be small. */
class Signal {
  readonly plot: Plot;
  readonly #timeline = new Samples();
  #largest = 0;

  constructor(card: HTMLElement, palette: Palette, name: string) {
    const lines = [{ label: 'measured', colour: 'actual', width: 1 }] as const;
    this.plot = new Plot(card, this.#timeline, palette, { name, height: 108, fromZero: false, group: 'signal', lines });
  }

  take(numbers: readonly Value[]): void {
    this.#timeline.numbers = numbers;
    this.#largest = Math.max(FADING * this.#largest, ...numbers.map((value) => Math.abs(value ?? 0)));
  }

  draw(): void {
    const { numbers } = this.#timeline;
    this.plot.draw([numbers], [numbers, [-this.#largest, this.#largest]]);
  }
}

/** Places of samples, by their number in the reading. */
class Samples implements Timeline {
  readonly isTimed = false;
  numbers: readonly Value[] = [];

  get places(): readonly number[] {
    return this.numbers.map((_, k) => k + 1);
  }

  get range(): readonly [number, number] {
    return [1, Math.max(2, this.numbers.length)];
  }

  marks(): readonly Marked[] {
    return [];
  }
}
