import type { Health } from '../../wire/wire.ts';
import { type Content, make } from '../markup.ts';
import { HEALTH_WORDS } from '../text/health-text.ts';

const MARKS: Readonly<Record<Health, string>> = {
  ...{ reporting: '●', problem: '▲', silent: '◌', retired: '–', revoked: '✕' },
};

/** Sign and word of how a device is: no colour alone tells it. */
export function healthMark(health: Health): Content {
  return make(
    'span',
    { class: 'health', 'data-health': health },
    make('span', { 'aria-hidden': 'true' }, MARKS[health]),
    ` ${HEALTH_WORDS[health]}`,
  );
}
