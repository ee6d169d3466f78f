import type { DashboardComparison, DashboardModelFigures } from '../../source.ts';
import { element } from '../element.ts';
import { bytesText, durationText, numberText, readingsText } from '../text/number-text.ts';
import { tableRow } from './table-row.ts';

type Figure = readonly [name: string, of: (figures: DashboardModelFigures) => string];

const FIGURES: readonly Figure[] = [
  ['Flagged', ({ flagged }) => numberText(flagged)],
  ['Time for a reading', ({ microseconds }) => durationText(microseconds)],
  ['Memory of the largest net', ({ bytes }) => bytesText(bytes)],
];
/** Where labels have said who was right. */
const RIGHT: Figure = ['Right answers, of readings with a label', ({ right, wrong }) => `${right} of ${right + wrong}`];

/** What a model that is watched has made of the readings, beside the one that answers. */
export class BesideView {
  readonly #card = element('beside', HTMLElement);
  readonly #about = element('beside-about', HTMLElement);
  readonly #table = element('beside-figures', HTMLTableElement);

  show(comparison: DashboardComparison | null): void {
    this.#card.hidden = comparison === null;
    if (comparison === null) return;
    const { answering, watched } = comparison;
    this.#about.textContent = aboutText(comparison);
    const figures = [answering, watched].some(({ right, wrong }) => right + wrong > 0) ? [RIGHT, ...FIGURES] : FIGURES;
    this.#table.replaceChildren(
      tableRow('th', ['', `${answering.name} answers`, `${watched.name} for comparison`]),
      ...figures.map(([name, of]) => tableRow('td', [name, of(answering), of(watched)])),
    );
  }
}

function aboutText({ readings, classes, agreed, leftOut, refused, problem }: DashboardComparison): string {
  return [
    `${readingsText(readings)} compared`,
    ...(classes === 0 ? [] : [`the same class for ${agreed} of ${classes}`]),
    ...(leftOut === 0 ? [] : [`${leftOut} left out, because the second model is too slow`]),
    ...(refused === 0 ? [] : [`${refused} refused by the second model: ${problem}`]),
  ].join('; ');
}
