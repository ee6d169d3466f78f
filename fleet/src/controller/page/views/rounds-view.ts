import type { RoundSummary } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import { type Content, make } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { button } from '../parts/fields.ts';
import { PagedList } from '../parts/paged-list.ts';
import { table } from '../parts/table.ts';
import { cohortText } from '../text/labels-text.ts';
import { roundNextText, roundPartsText, roundPhaseText } from '../text/round-text.ts';
import { timeText } from '../text/time-text.ts';
import { may, type Session, type View } from '../view.ts';

const COLUMNS = ['Round', 'Where it stands', 'Parts', 'Model', 'For', 'Begun', 'Closes', 'Next'];

/** Rounds in which devices learn from each other, the newest first. */
export class RoundsView implements View {
  readonly title = 'Learning together';
  readonly about: readonly ChangeKind[] = ['rounds'];
  readonly #session: Session;
  readonly #rounds: PagedList<RoundSummary>;

  constructor(session: Session) {
    this.#session = session;
    this.#rounds = new PagedList(session, 'rounds', 'Rounds');
  }

  read(): Promise<void> {
    return this.#rounds.read();
  }

  draw(): Content {
    const rows = this.#rounds.items.map((round) => ({ key: round.id, cells: this.#cellsOf(round) }));
    return card(
      'Learning together',
      'devices whose owners agree send sums of their lessons; a model is made of them',
      may(this.#session, 'release') &&
        make('p', {}, 'To begin a round: ', make('code', {}, 'npx spikewire fleet round begin <model>')),
      table('Rounds', COLUMNS, rows, 'There has been no round.'),
      this.#rounds.buttons(),
    );
  }

  #cellsOf(round: RoundSummary): Content[] {
    const { id, model, channel, labels, begun, begunBy, deadline, phase, ended } = round;
    const mayClose = phase === 'open' && may(this.#session, 'release');
    return [
      id,
      roundPhaseText(round),
      roundPartsText(round),
      `${model}, channel ${channel}`,
      cohortText(labels),
      `${timeText(begun)} by ${begunBy}`,
      timeText(ended ?? deadline),
      [make('code', {}, roundNextText(round)), mayClose && button('Close …', () => void this.#close(id))],
    ];
  }

  #close(id: string): Promise<boolean> {
    const question = `Close round ${id}? It takes no more parts, and has a result if enough have come.`;
    const work = () => this.#session.api.send('POST', `rounds/${encodeURIComponent(id)}/close`);
    return this.#session.act({ question, confirm: 'Close', done: 'The round is closed.', work });
  }
}
