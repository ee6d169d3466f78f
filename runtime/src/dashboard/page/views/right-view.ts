import type { Value } from '../../wire.ts';
import { element } from '../element.ts';
import type { Palette } from '../palette.ts';
import type { History } from '../plots/history.ts';
import { Plot } from '../plots/plot.ts';
import { rightCourse } from './right-answers.ts';

/** How many of the newest answers were right: of the net as it answers, and of its base or the frozen one, which learn nothing. */
export class RightView {
  readonly #card = element('right', HTMLElement);
  readonly #adapted = element('right-adapted', HTMLElement);
  readonly #base = element('right-base', HTMLElement);
  readonly #history: History;
  readonly #plot: Plot;

  constructor(history: History, palette: Palette) {
    this.#history = history;
    this.#plot = new Plot(this.#card, history, palette, {
      name: 'Right answers in percent',
      height: 108,
      fromZero: true,
      lines: [
        { label: 'learning', colour: 'prediction', width: 2 },
        { label: 'not learning', colour: 'muted', width: 1.5, dash: [7, 4] },
      ],
    });
  }

  /** @param isSimulated whether what is compared is the same net frozen, in place of the base */
  begin(isSimulated: boolean): void {
    element('right-other', HTMLElement).textContent = isSimulated
      ? 'The same net, frozen'
      : 'Base, without later learning';
  }

  draw(): void {
    const { answer, base, truth } = this.#history;
    const courses = [rightCourse(answer, truth), rightCourse(base, truth)];
    this.#card.hidden = truth.every((was) => was === null);
    if (this.#card.hidden) return;
    this.#adapted.textContent = wholePercent(courses[0]!.at(-1));
    this.#base.textContent = wholePercent(courses[1]!.at(-1));
    this.#plot.draw(courses);
  }
}

function wholePercent(share: Value | undefined): string {
  return share === null || share === undefined ? 'too few yet' : `${Math.round(share)} %`;
}
