import { element } from '../element.ts';
import type { Palette } from '../palette.ts';
import { answerColour, classColour } from '../plots/class-colours.ts';
import type { History } from '../plots/history.ts';

/** In CSS pixels: of a row, of the bar below a wrong answer, and between rows. */
const ROW = 20;
const WRONG = 4;
const GAP = 4;
/** The places of the plots below it; a phone has no room to spare. */
const [LEFT, LEFT_PHONE, RIGHT] = [50, 34, 14];

type Column = 'truth' | 'answer' | 'base';

/** The answer where no class that was taught looks like a reading. */
const UNKNOWN = 'unknown';

/** Rows from top to bottom, and how they are called. */
const COLUMNS: readonly Column[] = ['truth', 'answer', 'base'];
const NAMES = { truth: 'it was', answer: 'it says', base: 'base' } as const;

/** A strip of the newest answers, coloured by class, below what it was, and with a bar below those that were wrong. */
export class AnswersView {
  readonly #card = element('answers', HTMLElement);
  readonly #key = element('class-key', HTMLElement);
  readonly #canvas = element('answers-strip', HTMLCanvasElement);
  readonly #wide = matchMedia('(min-width: 700px)');
  readonly #history: History;
  readonly #palette: Palette;
  #classes: readonly string[] = [];
  #names: Readonly<Record<Column, string>> = NAMES;

  constructor(history: History, palette: Palette) {
    this.#history = history;
    this.#palette = palette;
  }

  /** @param isSimulated whether what is compared is the same net frozen, in place of the base */
  begin(isSimulated: boolean): void {
    this.#names = isSimulated ? { ...NAMES, base: 'frozen' } : NAMES;
  }

  /** @param classes in the order of their colours */
  name(classes: readonly string[]): void {
    if (classes.length === this.#classes.length && classes.every((name, k) => name === this.#classes[k])) return;
    this.#classes = classes;
    this.#key.replaceChildren(
      ...[...classes, UNKNOWN].map((name) => {
        const entry = document.createElement('li');
        entry.dataset.colour = name === UNKNOWN ? UNKNOWN : String(classColour(classes, name));
        entry.textContent = name;
        return entry;
      }),
    );
  }

  draw(): void {
    const { answer, truth, base } = this.#history;
    this.#card.hidden = answer.length === 0;
    if (this.#card.hidden) return;
    const rows = COLUMNS.filter((column) => column === 'answer' || this.#history[column].some((name) => name !== null));
    const height = rows.length * (ROW + WRONG + GAP);
    const width = this.#canvas.clientWidth;
    this.#canvas.style.height = `${height}px`;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    const context = this.#canvas.getContext('2d')!;
    context.scale(devicePixelRatio, devicePixelRatio);
    for (const [k, row] of rows.entries()) this.#drawRow(context, row, k * (ROW + WRONG + GAP), width);
    const isWrong = truth.at(-1) !== null && truth.at(-1) !== answer.at(-1);
    const told = [`it says ${answer.at(-1) ?? 'nothing yet'}`];
    if (truth.at(-1) !== null) told.push(`it was ${truth.at(-1)}, so that is ${isWrong ? 'wrong' : 'right'}`);
    if (base.at(-1) !== null) told.push(`${this.#names.base}: ${base.at(-1)}`);
    this.#canvas.setAttribute('aria-label', `Newest answer: ${told.join('; ')}`);
  }

  #drawRow(context: CanvasRenderingContext2D, column: Column, top: number, width: number): void {
    const { places, range, truth } = this.#history;
    const left = this.#wide.matches ? LEFT : LEFT_PHONE;
    const [first, last] = range;
    const at = (place: number) => left + ((place - first) / Math.max(1e-9, last - first)) * (width - left - RIGHT);
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillStyle = this.#palette.colour('muted');
    context.fillText(this.#names[column], left - 6, top + ROW / 2, left - 6);
    for (const [k, said] of this.#history[column].entries()) {
      const [from, to] = [at(places[k]!), at(places[k + 1] ?? places[k]!)];
      context.fillStyle = this.#palette.colour(answerColour(this.#classes, said));
      if (said !== null) context.fillRect(from, top, Math.max(1, to - from + 0.5), ROW);
      if (truth[k] === null || said === truth[k] || said === null) continue;
      context.fillStyle = this.#palette.colour('flag');
      context.fillRect(from, top + ROW, Math.max(1, to - from + 0.5), WRONG);
    }
  }
}
