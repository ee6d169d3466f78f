import type { RefusedUpdate, UpdateCarrying, UpdateOrder, UpdatesStatus, UpdateTrial } from '../../../desk/updates.ts';
import type { DashboardCommand } from '../../source.ts';
import type { CommandRequest } from '../../wire.ts';
import { element } from '../element.ts';
import { postCommand } from '../post-command.ts';
import { numberText, percentText, readingsText } from '../text/number-text.ts';
import { QuestionRow } from './question-row.ts';
import { tableRow } from './table-row.ts';

const WAYS: Readonly<Record<UpdateCarrying, string>> = {
  carry: 'carry: what was learned continues, whole or taught again',
  rebase: 'rebase: the learned difference is added to the new model',
  reset: 'reset: the new model as it is, without what was learned',
};

/** Questions that are shown at a time, the newest, and refused models. */
const MOST_QUESTIONS = 5;
const MOST_REFUSED = 5;

/** Which model answers, what is on trial and what it lacks, and what a person decides about it. */
export class UpdatesView {
  readonly #card = element('updates', HTMLElement);
  readonly #summary = element('updates-summary', HTMLElement);
  readonly #about = element('updates-about', HTMLElement);
  readonly #frame = element('updates-frame', HTMLElement);
  readonly #trial = element('updates-trial', HTMLTableElement);
  readonly #ended = element('updates-ended', HTMLElement);
  readonly #asked = element('updates-asked', HTMLElement);
  readonly #askedCount = element('updates-asked-count', HTMLElement);
  readonly #questions = element('updates-questions', HTMLElement);
  readonly #refused = element('updates-refused', HTMLDetailsElement);
  readonly #refusedList = element('updates-refused-list', HTMLElement);
  readonly #buttons = element('updates-buttons', HTMLElement);
  readonly #look = element('updates-look', HTMLButtonElement);
  readonly #install = element('updates-install', HTMLButtonElement);
  readonly #back = element('updates-back', HTMLButtonElement);
  readonly #pin = element('updates-pin', HTMLButtonElement);
  readonly #answer = element('updates-answer', HTMLElement);
  readonly #dialog = element('updates-dialog', HTMLDialogElement);
  readonly #way = element('updates-way', HTMLSelectElement);
  readonly #confirm = element('updates-confirm', HTMLButtonElement);
  /** By the state in which they were asked, and the question. */
  readonly #rows = new Map<string, QuestionRow>();
  #status: UpdatesStatus | null = null;
  #shownRefused = '';
  #mayTeach = false;
  #mayDecide = false;
  /** What the dialog asks for, and the button that opened it. */
  #wanted: { readonly action: 'approve' | 'rollback'; readonly button: HTMLButtonElement } | undefined;

  constructor() {
    this.#frame.tabIndex = 0; // it scrolls sideways on a phone, by the keyboard too
    this.#look.addEventListener('click', () => void this.#order({ action: 'look' }, this.#look));
    this.#pin.addEventListener('click', () => {
      void this.#order({ action: this.#status?.pinned ? 'unpin' : 'pin' }, this.#pin);
    });
    this.#install.addEventListener('click', () => this.#ask('approve', this.#install));
    this.#back.addEventListener('click', () => this.#ask('rollback', this.#back));
    element('updates-cancel', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    this.#confirm.addEventListener('click', () => this.#carryOut());
  }

  /** @param allowed what this viewer may ask for */
  allow(allowed: ReadonlySet<DashboardCommand>): void {
    this.#mayDecide = allowed.has('update');
    this.#buttons.hidden = !this.#mayDecide;
    this.#showRefused(this.#status?.refused ?? []);
    this.#mayTeach = allowed.has('teach');
    for (const row of this.#rows.values()) row.allow(this.#mayTeach);
  }

  show(status: UpdatesStatus | null): void {
    this.#status = status;
    this.#card.hidden = status === null;
    if (status === null) return;
    const { state, summary, current, former, refused, pinned } = status;
    this.#summary.textContent = summary;
    this.#about.textContent = [
      ...(current === null ? [] : [`${current.name} has answered since ${timeText(current.since)}`]),
      ...(status.problem === null ? [] : [`last problem: ${status.problem}`]),
    ].join('; ');
    this.#showTrial(status);
    this.#showQuestions(status);
    this.#showRefused(refused);
    this.#install.hidden = state !== 'shadow';
    this.#back.hidden = former === null || (state !== 'probation' && state !== 'idle');
    this.#pin.textContent = pinned ? 'Unpin' : 'Pin';
    this.#pin.title = pinned ? 'Take newer models again' : 'Keep the present model and try no other one';
  }

  #showTrial({ state, trial, readings }: UpdatesStatus): void {
    this.#frame.hidden = trial.length === 0;
    const [first] = trial;
    if (first === undefined) {
      this.#ended.replaceChildren();
      return;
    }
    const isTrial = state === 'shadow';
    const caption = document.createElement('caption');
    caption.textContent = `${isTrial ? 'On trial' : 'On probation'} for ${readingsText(readings)}`;
    const limits = [`worse (ends at ${first.worseLimit})`, 'not worse (passes at)'];
    const names = ['compared', 'different', 'labelled', 'only new right', 'only old right', 'new right', 'old right'];
    this.#trial.replaceChildren(
      caption,
      tableRow('th', ['', ...names, ...limits]),
      ...trial.map((way) => tableRow('td', [isTrial ? way.carrying : 'former model', ...figuresOf(way)])),
    );
    const about = trial.map(({ carrying, ...way }) => {
      const line = document.createElement('li');
      line.textContent = [isTrial ? WAYS[carrying] : 'The former model is watched', ...notesOf(way)].join(' – ');
      return line;
    });
    this.#ended.replaceChildren(...about);
  }

  /** Lines stay while nothing changes, so that the keyboard does not lose its place. */
  #showRefused(refused: UpdatesStatus['refused']): void {
    this.#refused.hidden = refused.length === 0;
    const key = JSON.stringify([refused, this.#mayDecide]);
    if (key === this.#shownRefused) return;
    this.#shownRefused = key;
    const lines = refused.slice(-MOST_REFUSED).reverse();
    this.#refusedList.replaceChildren(...lines.map((each) => this.#refusedLine(each)));
  }

  #refusedLine({ sha256, name, reason, time, againAt }: RefusedUpdate): HTMLElement {
    const line = document.createElement('li');
    const again = againAt === null ? '' : `; tried again from ${timeText(againAt)}`;
    line.textContent = `${name}, ${timeText(time)}: ${reason}${again} `;
    if (!this.#mayDecide) return line;
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: 'Try again' });
    button.title = 'Try it again as soon as the repository offers it';
    button.addEventListener('click', () => void this.#order({ action: 'retry', model: sha256 }, button));
    line.append(button);
    return line;
  }

  /** Rows stay as long as their question does, so that the keyboard does not lose its place. */
  #showQuestions({ state, questions }: UpdatesStatus): void {
    this.#asked.hidden = questions.length === 0;
    const shown = new Map(questions.slice(-MOST_QUESTIONS).map((each) => [JSON.stringify([state, each]), each]));
    const isMore = questions.length > shown.size;
    this.#askedCount.textContent = isMore ? `the newest ${shown.size} of ${questions.length}` : '';
    for (const [key, row] of this.#rows) {
      if (shown.has(key)) continue;
      this.#rows.delete(key);
      row.element.remove();
    }
    for (const [key, question] of shown) {
      if (this.#rows.has(key)) continue;
      const { net, time } = question;
      const row = new QuestionRow(question, state === 'probation', (label, button) =>
        this.#send({ net, command: 'teach', lesson: { label, time } }, button),
      );
      row.allow(this.#mayTeach);
      this.#rows.set(key, row);
      this.#questions.prepend(row.element);
    }
  }

  #ask(action: 'approve' | 'rollback', button: HTMLButtonElement): void {
    const { current, former, candidate, trial } = this.#status!;
    this.#wanted = { action, button };
    const isInstall = action === 'approve';
    element('updates-question', HTMLElement).textContent = isInstall
      ? `Install ${candidate} now, without waiting for more labels? The present model is watched beside it for a while.`
      : `Go back from ${current?.name} to ${former?.name}, and to what was learned on it? ${current?.name} is not tried again.`;
    this.#confirm.textContent = isInstall ? 'Install' : 'Go back';
    element('updates-ways', HTMLElement).hidden = !isInstall;
    const running = trial.filter(({ ended }) => ended === null);
    this.#way.replaceChildren(
      option('', 'the best so far'),
      ...running.map(({ carrying }) => option(carrying, WAYS[carrying])),
    );
    this.#dialog.showModal();
  }

  #carryOut(): void {
    this.#dialog.close();
    const { action, button } = this.#wanted!;
    const carrying = action === 'approve' && this.#way.value !== '' ? (this.#way.value as UpdateCarrying) : undefined;
    void this.#order({ action, ...(carrying !== undefined && { carrying }) }, button);
  }

  #order(update: UpdateOrder, button: HTMLButtonElement): Promise<boolean> {
    return this.#send({ net: '', command: 'update', update }, button);
  }

  /** Whether it was done. */
  async #send(request: CommandRequest, button: HTMLButtonElement): Promise<boolean> {
    button.disabled = true;
    const reply = await postCommand(request);
    button.disabled = false;
    const isDone = 'message' in reply;
    this.#answer.dataset.state = isDone ? 'done' : 'failed';
    this.#answer.textContent = isDone ? reply.message : reply.error;
    return isDone;
  }
}

function figuresOf({ right, ...way }: UpdateTrial): string[] {
  const { compared, differed, labelled, newRight, oldRight, evidenceOfWorse, evidenceOfNotWorse, notWorseLimit } = way;
  const shareOf = (count: number | undefined) => percentText(right === null ? null : count! / right.of);
  return [
    ...[compared, differed, labelled, newRight, oldRight].map((count) => numberText(count)),
    ...[shareOf(right?.new), shareOf(right?.old)],
    ...[numberText(evidenceOfWorse), `${numberText(evidenceOfNotWorse)} (${numberText(notWorseLimit)})`],
  ];
}

/** What is to be known of a way beside its counts. */
function notesOf({ operations, calibration, held, ended, runs }: Omit<UpdateTrial, 'carrying'>): string[] {
  const work =
    operations && `${numberText(operations.new)} synaptic operations a sample, old ${numberText(operations.old)}`;
  const sure =
    calibration &&
    `Brier score of its confidence ${numberText(calibration.new)}, old ${numberText(calibration.old)}` +
      ` (${calibration.of} labels)`;
  return [
    ...(work === null ? [] : [work]),
    ...(sure === null ? [] : [sure]),
    ...held.map((reason) => `needs approval: ${reason}`),
    ...(ended === null ? (runs ? [] : ['waits for its turn']) : [`ended: ${ended}`]),
  ];
}

function option(value: string, text: string): HTMLOptionElement {
  return new Option(text, value);
}

function timeText(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleString();
}
