import { numberText } from 'spikewire/page';
import type { HistoryCheck } from '../../history/chain.ts';
import type { HistoryEntry } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import { type Content, make } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { button } from '../parts/fields.ts';
import { historyTable } from '../parts/history-table.ts';
import { PagedList } from '../parts/paged-list.ts';
import { linkTo } from '../place.ts';
import { shortHash } from '../text/machine-text.ts';
import type { Session, View } from '../view.ts';

/** What people and the controller have done. */
export class HistoryView implements View {
  readonly title = 'History';
  readonly about: readonly ChangeKind[] = ['history'];
  readonly #session: Session;
  readonly #entries: PagedList<HistoryEntry>;
  readonly #subject: string | null;
  #check: HistoryCheck | undefined;

  constructor(session: Session, query: URLSearchParams) {
    [this.#session, this.#subject] = [session, query.get('subject')];
    this.#entries = new PagedList(session, 'history', 'Entries');
  }

  read(): Promise<void> {
    return this.#entries.read({ subject: this.#subject });
  }

  draw(): Content {
    const subject = this.#subject;
    const about =
      'what people and the controller did, the newest first; each entry contains the hash of the one before';
    return card(
      'History',
      about,
      make(
        'div',
        { class: 'actions' },
        button('Check the chain', () => void this.#examine()),
      ),
      this.#check && make('p', { role: 'status' }, checkText(this.#check)),
      subject !== null &&
        make('p', {}, `Only about ${subject}. `, make('a', { href: linkTo('history') }, 'Show everything')),
      historyTable(this.#entries.items, subjectLink),
      this.#entries.buttons(),
    );
  }

  async #examine(): Promise<void> {
    await this.#session.act({
      done: 'The history is checked.',
      work: async () => {
        this.#check = await this.#session.api.get<HistoryCheck>('history/check');
      },
    });
  }
}

function checkText(check: HistoryCheck): string {
  if (check.kind === 'broken')
    return `The chain is broken at entry ${check.number}: that entry is missing, added or changed.`;
  const { number, hash } = check.head;
  return (
    `All ${numberText(number)} entries fit together. Write down the hash of the last one, ${shortHash(hash)}…: ` +
    `“spikewire fleet history” compares it later, and shows whether the history was rewritten.`
  );
}

function subjectLink({ subject }: HistoryEntry): Content {
  return make('a', { href: linkTo('history', null, { subject }) }, subject);
}
