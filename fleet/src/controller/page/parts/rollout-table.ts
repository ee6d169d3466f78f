import { numberText } from 'spikewire/page';
import type { RolloutSummary } from '../../wire/wire.ts';
import { type Content, make } from '../markup.ts';
import { linkTo } from '../place.ts';
import { cohortText } from '../text/labels-text.ts';
import { phaseWord } from '../text/rollout-text.ts';
import { timeText } from '../text/time-text.ts';
import { table } from './table.ts';

export function rolloutTable(rollouts: readonly RolloutSummary[], empty: string): Content {
  const rows = rollouts.map((rollout) => {
    const { id, name, model, channel, labels, installed, machines, begun, begunBy, phase } = rollout;
    const cells = [
      make('a', { href: linkTo('rollouts', id) }, name),
      make('span', { class: 'phase', 'data-phase': phase }, phaseWord(rollout)),
      `${numberText(installed)} of ${numberText(machines)}`,
      `${model}, channel ${channel}`,
      cohortText(labels),
      `${timeText(begun)} by ${begunBy}`,
    ];
    return { key: id, cells };
  });
  const columns = ['Name', 'Where it stands', 'Machines with the new base', 'Model', 'For', 'Begun'];
  return table('Rollouts', columns, rows, empty);
}
