import { numberText } from 'spikewire/page';
import type { RolloutMachine } from '../../../wire/wire.ts';
import { type Content, make } from '../../markup.ts';
import { table } from '../../parts/table.ts';
import { since } from '../../parts/when.ts';
import { linkTo } from '../../place.ts';
import { MACHINE_WORDS } from '../../text/machine-text.ts';

const COLUMNS = [
  ...['Machine', 'State', 'Compared', 'Different', 'Labelled', 'Only new right', 'Only old right'],
  ...['Last report', 'Problem'],
];
const EXPLANATION =
  'Compared: readings that both bases answered. Different: of these, readings with different answers. Labelled: of ' +
  'these, readings whose right answer is known.';

export function machineTable(machines: readonly RolloutMachine[], now: number): Content {
  const rows = machines.map((each) => ({ key: `${each.device} ${each.machine}`, cells: cellsOf(each, now) }));
  return [
    make('p', { class: 'detail' }, EXPLANATION),
    table('Machines of the rollout', COLUMNS, rows, 'No machine is in this state.'),
  ];
}

function cellsOf(each: RolloutMachine, now: number): Content[] {
  const { device, name, machine, state, compared, differed, labelled, gained, lost, reported, problem } = each;
  const [word, about] = MACHINE_WORDS[state];
  return [
    make('a', { href: linkTo('devices', device) }, `${name || device}, ${machine}`),
    make('span', { class: 'state', 'data-kind': state, title: about }, word),
    ...[compared, differed, labelled, gained, lost].map((count) => numberText(count)),
    since(reported, now),
    problem ?? '',
  ];
}
