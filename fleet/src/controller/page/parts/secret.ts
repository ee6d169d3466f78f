import { type Content, make } from '../markup.ts';
import { button } from './fields.ts';

/** Something that the controller tells once. */
export function secret(heading: string, text: string, about: string, close: () => void): Content {
  return make(
    'section',
    { class: 'card secret', 'data-key': text, 'aria-label': heading },
    make('h2', {}, heading),
    make('p', {}, about),
    make('pre', { tabindex: 0, 'aria-label': heading }, text),
    make(
      'div',
      { class: 'actions' },
      button('Copy', () => void navigator.clipboard?.writeText(text)),
      button('I have it', close),
    ),
  );
}
