import type { RolloutSummary } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import { type Content, make } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { PagedList } from '../parts/paged-list.ts';
import { rolloutTable } from '../parts/rollout-table.ts';
import { linkTo } from '../place.ts';
import { may, type Session, type View } from '../view.ts';

/** All rollouts, the newest first. */
export class RolloutsView implements View {
  readonly title = 'Rollouts';
  readonly about: readonly ChangeKind[] = ['rollouts'];
  readonly #session: Session;
  readonly #rollouts: PagedList<RolloutSummary>;

  constructor(session: Session) {
    this.#session = session;
    this.#rollouts = new PagedList(session, 'rollouts', 'Rollouts');
  }

  read(): Promise<void> {
    return this.#rollouts.read();
  }

  draw(): Content {
    const begin = make('p', {}, make('a', { class: 'button', href: linkTo('begin') }, 'Begin a rollout'));
    return card(
      'Rollouts',
      'how new bases come to the machines of the fleet; the newest first',
      may(this.#session, 'release') && begin,
      rolloutTable(this.#rollouts.items, 'There has been no rollout.'),
      this.#rollouts.buttons(),
    );
  }
}
