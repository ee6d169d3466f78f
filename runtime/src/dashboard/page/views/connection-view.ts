import type { ConnectionState } from '../connection.ts';
import { element } from '../element.ts';

const WORDS: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  lost: 'No connection to the server; trying again',
};

/** Whether what the page shows is still true. */
export class ConnectionView {
  readonly #line = element('connection', HTMLElement);

  draw(state: ConnectionState): void {
    if (this.#line.dataset.state !== state || this.#line.textContent !== WORDS[state]) {
      this.#line.dataset.state = state;
      this.#line.textContent = WORDS[state];
    }
  }
}
