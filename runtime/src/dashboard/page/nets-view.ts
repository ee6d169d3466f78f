import type { DashboardNet, DashboardNetState } from '../source.ts';
import { element } from './element.ts';

/** A flag between two looks is shown at least so long. */
const FLAG_MILLISECONDS = 3000;

const UNKNOWN = '·';

interface Choice {
  readonly label: HTMLLabelElement;
  readonly mark: HTMLElement;
  /** For those who hear the page. */
  readonly word: HTMLElement;
  readonly frozen: HTMLElement;
  readonly muted: HTMLElement;
  readonly input: HTMLInputElement;
  /** Flagged readings at the last look, and when they last became more. */
  flags: number | undefined;
  flaggedAt: number;
}

/** The net selector: one radio button per net with a mark that says how it is. */
export class NetsView {
  readonly #parent = element('nets', HTMLElement);
  readonly #choices = new Map<string, Choice>();
  readonly #choose: (net: string) => void;

  constructor(choose: (net: string) => void) {
    this.#choose = choose;
  }

  begin(nets: readonly DashboardNet[], chosen: string): void {
    const same = nets.length === this.#choices.size && nets.every(({ id }) => this.#choices.has(id));
    if (!same) {
      this.#choices.clear();
      this.#parent.replaceChildren(...nets.map((net) => this.#choice(net)));
    }
    for (const [id, { input }] of this.#choices) {
      input.checked = id === chosen;
    }
  }

  draw(states: readonly DashboardNetState[]): void {
    for (const state of states) {
      const choice = this.#choices.get(state.net);
      if (choice !== undefined) {
        drawState(choice, state);
      }
    }
  }

  /** Takes the marks away: what they said may no longer be true. */
  forget(): void {
    for (const { label, mark, word } of this.#choices.values()) {
      label.dataset.state = 'none';
      label.title = '';
      mark.textContent = UNKNOWN;
      word.textContent = '';
    }
  }

  #choice(net: DashboardNet): HTMLElement {
    const label = document.createElement('label');
    const input = document.createElement('input');
    const mark = document.createElement('span');
    const name = document.createElement('span');
    const word = document.createElement('span');
    const frozen = document.createElement('small');
    label.className = 'net';
    label.dataset.state = 'none';
    input.type = 'radio';
    input.name = 'net';
    input.value = net.id;
    input.addEventListener('change', () => this.#choose(net.id));
    mark.className = 'mark';
    mark.ariaHidden = 'true';
    mark.textContent = UNKNOWN;
    name.textContent = net.name;
    word.className = 'visually-hidden';
    frozen.textContent = 'frozen';
    frozen.hidden = true;
    const muted = document.createElement('small');
    muted.textContent = 'alarm muted';
    muted.title = 'The sensitivity limit is so high that hardly anything will be flagged.';
    muted.hidden = true;
    label.append(input, mark, name, word, frozen, muted);
    const never = Number.NEGATIVE_INFINITY;
    this.#choices.set(net.id, { label, mark, word, frozen, muted, input, flags: undefined, flaggedAt: never });
    return label;
  }
}

function drawState(choice: Choice, state: DashboardNetState): void {
  const now = performance.now();
  if (state.anomaly || (choice.flags !== undefined && state.flags > choice.flags)) {
    choice.flaggedAt = now;
  }
  choice.flags = state.flags;
  const flagged = now - choice.flaggedAt < FLAG_MILLISECONDS;
  const [name, mark, word] = !state.warm
    ? ['warming', '○', 'warming up']
    : flagged
      ? ['flagged', '▲', 'unusual']
      : ['calm', '●', 'as expected'];
  choice.label.dataset.state = name;
  choice.label.title = state.learning ? word : `${word}, not learning`;
  choice.mark.textContent = mark;
  choice.word.textContent = `: ${word}`;
  choice.frozen.hidden = state.learning;
  choice.muted.hidden = state.muted !== true;
}
