import { element } from 'spikewire/page';
import { timeText } from './text/time-text.ts';

/** Says whether what the page shows is still true. */
export class ConnectionLine {
  readonly #line = element('connection', HTMLElement);
  #isOpen = false;
  #isAnswered = true;
  #answeredAt = Date.now();

  /** Whether the controller tells of changes by itself. */
  streams(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#draw();
  }

  /** Whether the last request was answered. */
  answered(isAnswered: boolean): void {
    this.#isAnswered = isAnswered;
    if (isAnswered) this.#answeredAt = Date.now();
    this.#draw();
  }

  #draw(): void {
    const [state, text] = this.#words();
    if (this.#line.textContent === text) return;
    this.#line.dataset.state = state;
    this.#line.textContent = text;
  }

  #words(): [state: string, text: string] {
    if (!this.#isAnswered)
      return ['lost', `No connection to the controller since ${timeText(this.#answeredAt)}; trying again`];
    return this.#isOpen ? ['live', 'Live'] : ['asking', 'Asks every 5 s'];
  }
}
