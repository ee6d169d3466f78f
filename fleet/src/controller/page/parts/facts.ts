import { type Content, make } from '../markup.ts';

/** Something that is known, and what it means. */
export type Fact = readonly [term: string, value: Content, about?: Content];

export function facts(list: readonly Fact[]): Content {
  return make(
    'dl',
    { class: 'facts' },
    list.map(([term, value, about]) =>
      make(
        'div',
        {},
        make('dt', {}, term),
        make('dd', {}, value, about !== undefined && make('small', { class: 'detail' }, about)),
      ),
    ),
  );
}

/** A part of a view with its heading. */
export function card(heading: string, about: string, ...content: Content[]): HTMLElement {
  return make('section', { class: 'card' }, make('h2', {}, heading, about !== '' && make('small', {}, about)), content);
}
