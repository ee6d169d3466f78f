import type { PageOf } from '../../wire/wire.ts';
import type { Query } from '../api.ts';
import { type Content, make } from '../markup.ts';
import type { Session } from '../view.ts';

/** Items that are shown, and read, at a time: fewer on a phone, where each is a block and not a line. */
const LENGTH = matchMedia('(max-width: 699px)').matches ? 20 : 50;

/** A long list of the controller, of which one part is read at a time. */
export class PagedList<Item> {
  readonly #session: Session;
  readonly #path: string;
  /** Of how the buttons are told apart on a page with several lists. */
  readonly #noun: string;
  /** Where the present part begins, and each before it; null: at the first item. */
  readonly #places: (string | null)[] = [null];
  #part: PageOf<Item> = { items: [], next: null };
  #asked = '';

  constructor(session: Session, path: string, noun: string) {
    [this.#session, this.#path, this.#noun] = [session, path, noun];
  }

  get items(): readonly Item[] {
    return this.#part.items;
  }

  /** Reads the present part; the first one where something else is asked for than before. */
  async read(query: Query = {}): Promise<void> {
    const asked = JSON.stringify(query);
    if (asked !== this.#asked) this.#places.splice(1);
    this.#asked = asked;
    const place = this.#places.at(-1)!;
    const part = await this.#session.api.get<PageOf<Item>>(this.#path, { ...query, limit: LENGTH, after: place });
    if (place === this.#places.at(-1)) this.#part = part;
  }

  /** Which items these are, and the ways to others; nothing where all are shown. */
  buttons(): Content {
    const [{ items, next }, turned] = [this.#part, this.#places.length - 1];
    if (turned === 0 && next === null) return null;
    const first = turned * LENGTH + 1;
    return make(
      'div',
      { class: 'pages' },
      this.#button('Previous', turned === 0, () => this.#places.pop()),
      make('span', { role: 'status' }, `${this.#noun} ${first} to ${first + items.length - 1}`),
      this.#button('Next', next === null, () => this.#places.push(next)),
    );
  }

  #button(text: string, isDisabled: boolean, turn: () => void): Content {
    // Not `disabled`: at the last part the keyboard would lose its place.
    const press = () => {
      if (isDisabled) return;
      turn();
      void this.#session.refresh();
    };
    const label = `${text} ${this.#noun.toLowerCase()}`;
    return make(
      'button',
      { type: 'button', 'aria-disabled': isDisabled && 'true', 'aria-label': label, click: press },
      text,
    );
  }
}
