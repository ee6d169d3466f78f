import type { DashboardCommand, DashboardTaught } from '../../source.ts';
import type { ReadingsEvent, StatusEvent } from '../../wire.ts';
import { element } from '../element.ts';
import { classColour } from '../plots/class-colours.ts';
import { numberText, percentText } from '../text/number-text.ts';
import type { CommandView } from './command-view.ts';
import { confusionRows } from './confusion-table.ts';

/** A reading that a label can be about. */
interface Labelled {
  readonly seq: number;
  readonly time: number;
}

/** Buttons that say what the last answer should have been, and how good the net is at it. */
export class TeachView {
  readonly #card = element('teach', HTMLElement);
  readonly #about = element('teach-about', HTMLElement);
  readonly #classes = element('classes', HTMLElement);
  readonly #name = element('new-class-name', HTMLInputElement);
  readonly #accuracy = element('accuracy', HTMLElement);
  readonly #confusion = element('confusion', HTMLTableElement);
  readonly #commands: CommandView;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  #newest: Labelled | null = null;
  /** The one that a person sees, and so the one that is taught: while the page rests, not the newest. */
  #shown: Labelled | null = null;
  #taught: DashboardTaught | null = null;

  constructor(commands: CommandView) {
    this.#commands = commands;
    // It scrolls sideways on a phone, by the keyboard too.
    element('confusion-frame', HTMLElement).tabIndex = 0;
    const add = element('new-class-teach', HTMLButtonElement);
    element('new-class', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const label = this.#name.value.trim();
      if (label === '') return;
      this.#name.value = '';
      this.#teach(label, add);
    });
    for (const command of ['take-back', 'settle', 'base'] as const) {
      const button = element(command, HTMLButtonElement);
      button.addEventListener('click', () => void commands.send({ command }, button));
    }
  }

  /** @param allowed what this viewer may ask for */
  allow(allowed: ReadonlySet<DashboardCommand>): void {
    this.#classes.inert = !allowed.has('teach');
    element('new-class', HTMLFormElement).hidden = !allowed.has('teach');
    for (const command of ['take-back', 'settle', 'base'] as const) {
      element(command, HTMLButtonElement).hidden = !allowed.has(command);
    }
  }

  begin(): void {
    this.#newest = null;
    this.#shown = null;
    this.#taught = null;
    this.#card.hidden = true;
  }

  add({ seq, time, status }: ReadingsEvent): void {
    this.#taught = status.taught ?? null;
    const last = seq.length - 1;
    if (last >= 0) this.#newest = { seq: seq[last]!, time: time[last]! };
  }

  tell({ taught }: StatusEvent): void {
    this.#taught = taught ?? null;
  }

  draw(): void {
    const taught = this.#taught;
    this.#card.hidden = taught === null;
    if (taught === null) return;
    this.#shown = this.#newest;
    this.#about.textContent =
      this.#shown === null ? '' : `press the right answer for reading ${numberText(this.#shown.seq)}`;
    this.#drawClasses(taught);
    this.#drawAccuracy(taught);
    const rows = confusionRows(taught);
    this.#confusion.hidden = taught.labels === 0;
    this.#confusion.replaceChildren(...rows);
  }

  /** Buttons stay the same as long as the classes do, so that the keyboard does not lose its place. */
  #drawClasses({ classes, answer }: DashboardTaught): void {
    if (classes.length !== this.#buttons.size || classes.some((name) => !this.#buttons.has(name))) {
      this.#buttons.clear();
      this.#classes.replaceChildren(...classes.map((name) => this.#button(name)));
    }
    for (const [name, button] of this.#buttons) {
      button.classList.toggle('answered', name === answer);
      button.dataset.colour = String(classColour(classes, name));
    }
  }

  #button(name: string): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.title = `It was “${name}”`;
    button.addEventListener('click', () => this.#teach(name, button));
    this.#buttons.set(name, button);
    return button;
  }

  #teach(label: string, button: HTMLButtonElement): void {
    if (this.#shown === null) return;
    void this.#commands.send({ command: 'teach', lesson: { label, time: this.#shown.time } }, button);
  }

  #drawAccuracy({ labels, accuracy, today }: DashboardTaught): void {
    const figures = [
      ['Labels', numberText(labels), 'Answers with a label since the base was set'],
      [
        'Right',
        percentText(accuracy.served, 'none judged yet'),
        'Right answers, each given before its label was learned',
      ],
      [
        'Base',
        percentText(accuracy.base, 'no base yet'),
        'Answers that would be right with only what it knew at the base',
      ],
      [
        'Adapted',
        percentText(accuracy.adapted, 'none judged yet'),
        'Answers that would be right with all that it knows now',
      ],
      [
        'Lessons today',
        `${numberText(today.lessons)} of ${numberText(today.budget)}`,
        'Further lessons are refused until tomorrow',
      ],
    ];
    this.#accuracy.replaceChildren(
      ...figures.map(([term, value, about]) => {
        const entry = document.createElement('div');
        entry.title = about!;
        entry.append(cell('dt', term!), cell('dd', value!));
        return entry;
      }),
    );
  }
}

function cell(name: 'dt' | 'dd', text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
