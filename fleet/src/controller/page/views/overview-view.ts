import { numberText } from 'spikewire/page';
import type { Group, Health, LabelKey, PageOf, RolloutSummary } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import { type Content, make } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { choice } from '../parts/fields.ts';
import { healthMark } from '../parts/health-mark.ts';
import { PagedList } from '../parts/paged-list.ts';
import { rolloutTable } from '../parts/rollout-table.ts';
import { table } from '../parts/table.ts';
import { linkTo } from '../place.ts';
import { HEALTHS, healthText } from '../text/health-text.ts';
import type { Session, View } from '../view.ts';

/** How the fleet is: devices by health, open rollouts, and groups by a label. */
export class OverviewView implements View {
  readonly title = 'Overview';
  readonly about: readonly ChangeKind[] = ['devices', 'rollouts'];
  readonly #session: Session;
  readonly #rollouts: PagedList<RolloutSummary>;
  readonly #groups: PagedList<Group>;
  #keys: readonly LabelKey[] = [];
  #by: string | undefined;

  constructor(session: Session) {
    this.#session = session;
    this.#rollouts = new PagedList(session, 'rollouts', 'Rollouts');
    this.#groups = new PagedList(session, 'groups', 'Groups');
  }

  async read(): Promise<void> {
    const keys = this.#session.api.get<PageOf<LabelKey>>('groups', { limit: 100 });
    await Promise.all([this.#rollouts.read({ phase: 'open' }), keys]);
    this.#keys = (await keys).items;
    if (!this.#keys.some(({ key }) => key === this.#by)) this.#by = this.#keys[0]?.key;
    if (this.#by !== undefined) await this.#groups.read({ by: this.#by });
  }

  draw(): Content {
    const { devices, silentAfter } = this.#session.status;
    return [
      card(
        'Devices',
        '',
        make(
          'ul',
          { class: 'tiles' },
          HEALTHS.map((health) => tile(health, devices[health], silentAfter)),
        ),
      ),
      card(
        'Open rollouts',
        'new bases on their way to machines',
        rolloutTable(this.#rollouts.items, 'No rollout is open.'),
      ),
      this.#rollouts.buttons(),
      card('Groups', 'devices with the same value of a label; without retired and revoked devices', this.#drawGroups()),
    ];
  }

  #drawGroups(): Content {
    const by = this.#by;
    if (by === undefined)
      return make('p', { class: 'detail' }, 'No device has a label. Labels are set on the view of a device.');
    const rows = this.#groups.items.map(({ value, devices, machines, silent, problem }) => {
      const name =
        value === null
          ? `without ${by}`
          : make('a', { href: linkTo('devices', null, { label: `${by}=${value}` }) }, value);
      return { key: value ?? '', cells: [name, ...[devices, machines, silent, problem].map(numberText)] };
    });
    const keys = this.#keys.map(({ key, devices }) => [key, `${key} (${numberText(devices)} devices)`] as const);
    const choose = (event: Event) => {
      this.#by = (event.target as HTMLSelectElement).value;
      void this.#session.refresh();
    };
    return [
      make('div', { class: 'fields', change: choose }, choice('by', 'Label', by, keys)),
      table(
        'Groups',
        [by, 'Devices', 'Machines', 'Silent devices', 'Devices with a problem'],
        rows,
        'There is no group.',
      ),
      this.#groups.buttons(),
    ];
  }
}

function tile(health: Health, devices: number, silentAfter: number): Content {
  return make(
    'li',
    {},
    make(
      'a',
      { class: 'tile', href: linkTo('devices', null, { health }) },
      make('strong', {}, numberText(devices)),
      healthMark(health),
      make('small', { class: 'detail' }, healthText(health, silentAfter)),
    ),
  );
}
