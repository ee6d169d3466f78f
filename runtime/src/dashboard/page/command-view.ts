import type { DashboardNet } from '../source.ts';
import type { CommandReply, CommandRequest } from '../wire.ts';
import { element } from './element.ts';

/** The buttons: what a person can ask of the net that is looked at, and what it answered. */
export class CommandView {
  readonly #learning = element('learning', HTMLButtonElement);
  readonly #normal = element('normal', HTMLButtonElement);
  readonly #learningWord = element('learning-word', HTMLElement);
  readonly #answer = element('answer', HTMLElement);
  readonly #dialog = element('reset-dialog', HTMLDialogElement);
  readonly #question = element('reset-question', HTMLElement);
  #net: DashboardNet | null = null;

  constructor() {
    this.#learning.addEventListener('click', () => {
      const command = this.#learning.ariaChecked === 'true' ? 'freeze' : 'learn';
      void this.send({ command }, this.#learning);
    });
    for (const command of ['normal', 'save'] as const) {
      const button = element(command, HTMLButtonElement);
      button.addEventListener('click', () => void this.send({ command }, button));
    }
    const reset = element('reset', HTMLButtonElement);
    reset.addEventListener('click', () => this.#dialog.showModal());
    element('reset-cancel', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    element('reset-confirm', HTMLButtonElement).addEventListener('click', () => {
      this.#dialog.close();
      void this.send({ command: 'reset' }, reset);
    });
  }

  begin(net: DashboardNet): void {
    if (this.#net?.id !== net.id) {
      this.#answer.textContent = '';
    }
    this.#net = net;
    // Nets with settings are those with a monitor; nothing else flags.
    this.#normal.hidden = (net.settings ?? []).length === 0;
    this.#question.textContent = `Reset “${net.name}”? Everything it has learned on this device is forgotten.`;
  }

  /** @param learning undefined while nobody has said */
  draw(learning: boolean | undefined): void {
    this.#learning.disabled = learning === undefined;
    this.#learning.ariaChecked = String(learning ?? false);
    this.#learningWord.textContent = learning === undefined ? 'not known' : learning ? 'on' : 'off';
  }

  /** Sends a command to the net that is looked at, and shows the answer. */
  async send(command: Omit<CommandRequest, 'net'>, button: HTMLButtonElement): Promise<void> {
    if (this.#net === null) {
      return;
    }
    const { id, name } = this.#net;
    button.disabled = true;
    const reply = await post({ net: id, ...command });
    button.disabled = false;
    this.#answer.dataset.state = 'error' in reply ? 'failed' : 'done';
    this.#answer.textContent = 'error' in reply ? reply.error : `${name}: ${reply.message}`;
  }
}

async function post(request: CommandRequest): Promise<CommandReply> {
  try {
    const response = await fetch('command', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return (await response.json()) as CommandReply;
  } catch {
    return { error: 'The server does not answer; nothing was changed as far as this page knows.' };
  }
}
