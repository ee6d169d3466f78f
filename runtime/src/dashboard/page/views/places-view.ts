import type { DashboardNet } from '../../source.ts';
import { element } from '../element.ts';

/** Which nodes of a net lie where, and why, where it runs in more than one place. */
export class PlacesView {
  readonly #card = element('places', HTMLElement);
  readonly #list = element('places-list', HTMLElement);

  begin({ places = [] }: Pick<DashboardNet, 'places'>): void {
    this.#card.hidden = places.length === 0;
    this.#list.replaceChildren(
      ...places.map((place) => {
        const line = document.createElement('li');
        line.textContent = place;
        return line;
      }),
    );
  }
}
