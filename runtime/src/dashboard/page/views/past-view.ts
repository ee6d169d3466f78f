import type { DashboardChannel } from '../../source.ts';
import { element } from '../element.ts';
import type { Palette } from '../palette.ts';
import { Plot } from '../plots/plot.ts';
import type { WholeTime } from '../plots/whole-time.ts';
import { numberText } from '../text/number-text.ts';
import { timeText } from '../time-axis.ts';

/** The whole time of the net: what each channel measured, and where something was flagged. */
export class PastView {
  readonly #card = element('past', HTMLElement);
  readonly #about = element('past-about', HTMLElement);
  readonly #parent = element('past-channels', HTMLElement);
  readonly #whole: WholeTime;
  readonly #palette: Palette;
  #plots: Plot[] = [];

  constructor(whole: WholeTime, palette: Palette) {
    this.#whole = whole;
    this.#palette = palette;
  }

  begin(channels: readonly DashboardChannel[]): void {
    for (const plot of this.#plots) plot.remove();
    this.#parent.replaceChildren();
    this.#plots = channels.map((channel) => this.#plot(channel));
    this.#card.hidden = true;
  }

  #plot({ name, unit }: DashboardChannel): Plot {
    const part = document.createElement('div');
    const heading = document.createElement('div');
    const label = document.createElement('h3');
    heading.className = 'heading';
    label.textContent = `${name} ${unit}`.trim();
    heading.append(label);
    part.append(heading);
    this.#parent.append(part);
    return new Plot(part, this.#whole, this.#palette, {
      name: `The whole time, ${name} ${unit}`.trim(),
      height: 92,
      fromZero: false,
      isBand: true,
      lines: [
        { label: 'highest', colour: 'prediction', width: 1 },
        { label: 'lowest', colour: 'prediction', width: 1 },
      ],
    });
  }

  /** @param shown readings that the other plots show: where these are all, this one says nothing new */
  draw(shown: number): void {
    const { readings, begin, isTimed, range } = this.#whole;
    this.#card.hidden = readings <= shown || this.#plots.length === 0;
    if (this.#card.hidden) return;
    const since = isTimed ? ` since ${timeText(begin, range[1])}` : '';
    this.#about.textContent = `${numberText(readings)} readings${since}`;
    for (const [channel, plot] of this.#plots.entries()) plot.draw(this.#whole.bandOf(channel));
  }
}
