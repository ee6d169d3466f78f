import type { DashboardCommand, DashboardNet } from '../../source.ts';
import type { CommandRequest } from '../../wire.ts';
import { element } from '../element.ts';
import { postCommand } from '../post-command.ts';

/** The buttons: what a person can ask of the net that is looked at, and what it answered. */
export class CommandView {
  readonly #learning = element('learning', HTMLButtonElement);
  readonly #buttons: readonly (readonly [DashboardCommand, HTMLButtonElement])[];
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
    this.#buttons = (['normal', 'save', 'reset'] as const).map((name) => [name, element(name, HTMLButtonElement)]);
    for (const [command, button] of this.#buttons.slice(0, 2)) {
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

  /** @param allowed what this viewer may ask for */
  begin(net: DashboardNet, allowed: ReadonlySet<DashboardCommand>): void {
    if (this.#net?.id !== net.id) {
      this.#answer.textContent = '';
    }
    this.#net = net;
    for (const [command, button] of this.#buttons) button.hidden = !allowed.has(command);
    this.#learning.hidden = !(allowed.has('freeze') && allowed.has('learn'));
    // Nets with settings are those with a monitor; nothing else flags.
    element('normal', HTMLButtonElement).hidden ||= (net.settings ?? []).length === 0;
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
    const reply = await postCommand({ net: id, ...command });
    button.disabled = false;
    this.#answer.dataset.state = 'error' in reply ? 'failed' : 'done';
    this.#answer.textContent = 'error' in reply ? reply.error : `${name}: ${reply.message}`;
  }
}
