import type { Person, Role } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import { type Content, make } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { button, choice, form, submit, textField } from '../parts/fields.ts';
import { PagedList } from '../parts/paged-list.ts';
import { secret } from '../parts/secret.ts';
import { table } from '../parts/table.ts';
import { timeText } from '../text/time-text.ts';
import type { Session, View } from '../view.ts';

const ROLES: readonly (readonly [Role, string])[] = [
  ['look', 'look: see everything but tokens and people'],
  ['operate', 'operate: also name and label devices, and make join tokens'],
  ['release', 'release: also begin and decide rollouts'],
  ['administer', 'administer: also retire and revoke devices, and manage people'],
];

/** Who may use the controller. */
export class PeopleView implements View {
  readonly title = 'People';
  readonly about: readonly ChangeKind[] = ['people'];
  readonly #session: Session;
  readonly #people: PagedList<Person>;
  #made: { readonly name: string; readonly token: string } | undefined;

  constructor(session: Session) {
    this.#session = session;
    this.#people = new PagedList(session, 'people', 'People');
  }

  read(): Promise<void> {
    return this.#people.read();
  }

  draw(): Content {
    const rows = this.#people.items.map((person) => ({ key: person.id, cells: this.#cellsOf(person) }));
    return [
      this.#made && this.#drawMade(this.#made),
      card(
        'Add a person',
        'each role includes those before it',
        form(
          'person',
          (written) => void this.#add(written('name').trim(), written('role')),
          textField({ name: 'name', label: 'Name', required: true, longest: 64 }),
          choice('role', 'Role', 'look', ROLES),
          submit('Add'),
        ),
      ),
      card(
        'People',
        '',
        table('People', ['Name', 'Role', 'Added', 'Action'], rows, 'There is nobody.'),
        this.#people.buttons(),
      ),
      card(
        'Roles',
        '',
        make(
          'ul',
          {},
          ROLES.map(([, about]) => make('li', {}, about)),
        ),
      ),
    ];
  }

  #drawMade({ name, token }: { readonly name: string; readonly token: string }): Content {
    const about = `“${name}” signs in with it. It is shown only now: the controller keeps no copy.`;
    return secret('Token of the new person', token, about, () => {
      this.#made = undefined;
      this.#session.redraw();
    });
  }

  #cellsOf({ id, name, role, made, madeBy }: Person): Content[] {
    const remove = button('Remove …', () => void this.#remove(id, name), true);
    remove.setAttribute('aria-label', `Remove ${name} …`);
    return [name, role, `${timeText(made)} by ${madeBy}`, remove];
  }

  #add(name: string, role: string): Promise<boolean> {
    return this.#session.act({
      done: 'The person is added.',
      work: async () => {
        const { token } = await this.#session.api.send<{ token: string }>('POST', 'people', { name, role });
        this.#made = { name, token };
      },
    });
  }

  #remove(id: string, name: string): Promise<boolean> {
    return this.#session.act({
      question: `Remove “${name}”? Their token stops working at once. What they did remains in the history.`,
      ...{ confirm: 'Remove', danger: true, done: 'The person is removed.' },
      work: () => this.#session.api.send('DELETE', `people/${encodeURIComponent(id)}`),
    });
  }
}
