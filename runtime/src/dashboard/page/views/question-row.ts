import type { UpdateQuestion } from '../../../desk/updates.ts';

/** An answer that is no class: nobody can teach it. */
const UNKNOWN = 'unknown';

/** Teaches what a reading was; resolves with whether that was done. */
export type Teach = (label: string, button: HTMLButtonElement) => Promise<boolean>;

/** A reading to which two models gave different answers, and buttons that say which was right. */
export class QuestionRow {
  readonly element = document.createElement('li');
  readonly #answers = document.createElement('div');
  readonly #teach: Teach;

  /** @param isProbation whether the new model answers, and the old one is watched */
  constructor({ id, net, time, answering, watched }: UpdateQuestion, isProbation: boolean, teach: Teach) {
    this.#teach = teach;
    this.element.className = 'question';
    this.element.dataset.question = String(id);
    const text = document.createElement('p');
    const [old, own] = isProbation ? [watched, answering] : [answering, watched];
    const where = net === '' ? '' : `${net}, `;
    text.textContent = `${where}${new Date(time).toLocaleString()}: old says “${old}”, new says “${own}” – which was it?`;
    this.#answers.className = 'answers-to';
    const classes = [old, own].filter((label) => label !== UNKNOWN);
    this.#answers.append(...classes.map((label) => this.#button(label)), this.#another());
    this.element.append(text, this.#answers);
  }

  allow(mayTeach: boolean): void {
    this.#answers.hidden = !mayTeach;
  }

  #button(label: string): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.title = `It was “${label}”`;
    button.addEventListener('click', () => void this.#teach(label, button));
    return button;
  }

  /** For a class that neither has named. */
  #another(): HTMLFormElement {
    const [form, name, send] = [
      document.createElement('form'),
      document.createElement('input'),
      document.createElement('button'),
    ];
    Object.assign(name, { placeholder: 'another class', ariaLabel: 'Another class', maxLength: 64, required: true });
    name.autocomplete = 'off';
    Object.assign(send, { type: 'submit', textContent: 'Teach' });
    form.append(name, send);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const label = name.value.trim();
      if (label !== '') void this.#teach(label, send);
    });
    return form;
  }
}
