import { numberText } from 'spikewire/page';
import type { DeviceSummary, Health, OfferPage } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import { type Content, make } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { choice, form, submit, textField } from '../parts/fields.ts';
import { healthMark } from '../parts/health-mark.ts';
import { PagedList } from '../parts/paged-list.ts';
import { table } from '../parts/table.ts';
import { since } from '../parts/when.ts';
import { linkTo } from '../place.ts';
import { HEALTH_WORDS, HEALTHS, healthText } from '../text/health-text.ts';
import { labelsText } from '../text/labels-text.ts';
import { shortHash } from '../text/machine-text.ts';
import type { Session, View } from '../view.ts';
import type { Written } from '../written.ts';

const FILTERS = ['search', 'label', 'model', 'base', 'health'] as const;
/** After the last key, before the search begins. */
const TYPING_MILLISECONDS = 300;

/** Devices that a person looks for, a part of them at a time. */
export class DevicesView implements View {
  readonly title = 'Devices';
  readonly about: readonly ChangeKind[] = ['devices'];
  readonly #session: Session;
  readonly #devices: PagedList<DeviceSummary>;
  #filter: Readonly<Record<string, string>>;
  #offers: OfferPage | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, query: URLSearchParams) {
    this.#session = session;
    this.#devices = new PagedList(session, 'devices', 'Devices');
    this.#filter = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
  }

  async read(): Promise<void> {
    const { label = '', ...others } = this.#filter;
    const labels = label.split(',').map((word) => word.trim());
    await this.#devices.read({ ...others, label: labels.filter((word) => word !== '') });
    this.#offers ??= await this.#session.api.get<OfferPage>('offers');
  }

  draw(): Content {
    const { now, status } = this.#session;
    const rows = this.#devices.items.map((device) => ({ key: device.id, cells: cellsOf(device, now) }));
    const columns = ['Name', 'Health', 'Labels', 'Base that answers', 'Machines', 'Last report', 'Problem'];
    return card(
      'Devices',
      'without retired and revoked devices, unless you choose them',
      this.#drawFilter(),
      drawWords(status.silentAfter),
      table('Devices', columns, rows, 'No device is like this.'),
      this.#devices.buttons(),
    );
  }

  #drawFilter(): Content {
    const { search = '', label = '', model = '', base = '', health = '' } = this.#filter;
    const offers = this.#offers?.items ?? [];
    const models = [...new Set(offers.map((offer) => offer.model))].map((name) => [name, name] as const);
    const bases = offers.map(({ sha256, name }) => [sha256, name] as const);
    const states = HEALTHS.map((each) => [each, HEALTH_WORDS[each]] as const);
    return make(
      'div',
      { role: 'search', input: (event) => this.#type(event) },
      form(
        'filter',
        (written) => this.#look(written),
        textField({
          name: 'search',
          label: 'Name or id',
          value: search,
          about: 'part of the name, or how the id begins',
        }),
        textField({
          name: 'label',
          label: 'Labels',
          value: label,
          placeholder: 'room=hall',
          about: 'all of them, separated by commas',
        }),
        textField({ name: 'model', label: 'Model', value: model, suggestions: { id: 'models', values: models } }),
        textField({
          name: 'base',
          label: 'Base',
          value: base,
          about: 'SHA-256 of its file',
          suggestions: { id: 'bases', values: bases },
        }),
        choice('health', 'Health', health, [['', 'all in service'], ...states]),
        submit('Search'),
      ),
    );
  }

  #type(event: Event): void {
    clearTimeout(this.#typing);
    const filter = (event.target as HTMLInputElement).form!;
    this.#typing = setTimeout(() => filter.requestSubmit(), TYPING_MILLISECONDS);
  }

  /** The address says what is looked for, so that it can be sent to somebody. */
  #look(written: Written): void {
    clearTimeout(this.#typing);
    this.#filter = Object.fromEntries(FILTERS.map((name) => [name, written(name).trim()]));
    history.replaceState(null, '', linkTo('devices', null, this.#filter));
    void this.#session.refresh();
  }
}

/** What the words for the health of a device mean. */
function drawWords(silentAfter: number): Content {
  const lines = HEALTHS.map((health) => make('li', {}, healthMark(health), `: ${healthText(health, silentAfter)}`));
  return make('details', {}, make('summary', {}, 'What the words for health mean'), make('ul', {}, lines));
}

function cellsOf({ id, name, labels, health, seen, machines, bases, problem }: DeviceSummary, now: number): Content[] {
  return [
    make('a', { href: linkTo('devices', id) }, name || id),
    healthMark(health as Health),
    labelsText(labels, ''),
    bases.map(({ name, sha256 }) => `${name} (${shortHash(sha256)})`).join(', ') || 'none',
    numberText(machines),
    since(seen, now),
    problem ?? '',
  ];
}
