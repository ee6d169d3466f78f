import { element } from 'spikewire/page';
import { visibleText } from './text/visible-text.ts';

/** Asks a person before something happens that is not easily undone. */
export class Confirmation {
  readonly #dialog = element('dialog', HTMLDialogElement);
  readonly #confirm = element('dialog-confirm', HTMLButtonElement);

  constructor() {
    element('dialog-cancel', HTMLButtonElement).addEventListener('click', () => this.#dialog.close(''));
    this.#confirm.addEventListener('click', () => this.#dialog.close('confirmed'));
  }

  /** Whether it was confirmed. The keyboard returns to where it was. */
  ask(question: string, confirm: string, isDangerous: boolean): Promise<boolean> {
    element('dialog-question', HTMLElement).textContent = visibleText(question);
    this.#confirm.textContent = confirm;
    this.#confirm.className = isDangerous ? 'danger' : '';
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    return new Promise((resolve) => {
      const closed = () => resolve(this.#dialog.returnValue === 'confirmed');
      this.#dialog.addEventListener('close', closed, { once: true });
    });
  }
}
