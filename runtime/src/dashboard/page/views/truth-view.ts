import { element } from '../element.ts';
import type { History } from '../plots/history.ts';

/** What a simulated machine does now, and whether the net says so. */
export class TruthView {
  readonly #line = element('truth', HTMLElement);
  readonly #name = element('truth-name', HTMLElement);
  readonly #verdict = element('truth-verdict', HTMLElement);
  readonly #history: History;
  #isSimulated = false;

  constructor(history: History) {
    this.#history = history;
  }

  begin(isSimulated: boolean): void {
    this.#isSimulated = isSimulated;
    this.#line.hidden = true;
  }

  draw(): void {
    const [truth, answer] = [this.#history.truth.at(-1) ?? null, this.#history.answer.at(-1) ?? null];
    this.#line.hidden = !this.#isSimulated || truth === null;
    if (this.#line.hidden) return;
    this.#name.textContent = truth;
    this.#line.dataset.state = answer === truth ? 'right' : 'wrong';
    this.#verdict.textContent = answer === null ? '' : answer === truth ? '✓ the net is right' : '✗ the net is wrong';
  }
}
