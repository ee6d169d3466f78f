import { numberText } from 'spikewire/page';
import type { MachineState, RolloutDetails } from '../../../wire/wire.ts';
import { type Content, make } from '../../markup.ts';
import { markedBar, stackedBar } from '../../parts/bars.ts';
import { table } from '../../parts/table.ts';
import { MACHINE_STATES, MACHINE_WORDS } from '../../text/machine-text.ts';
import { phaseText, phaseWord, shareText } from '../../text/rollout-text.ts';
import { timeText } from '../../text/time-text.ts';

/** The phase, in a word and in sentences. */
export function drawStanding(rollout: RolloutDetails): Content {
  return [
    make('p', { class: 'standing', 'data-phase': rollout.phase }, make('strong', {}, phaseWord(rollout))),
    make('p', {}, phaseText(rollout, rollout.plan.waves.length)),
    rollout.waitsUntil !== null && make('p', {}, `It waits until ${rollout.waitsUntil}.`),
  ];
}

export function drawStates({ states }: RolloutDetails): Content {
  const words = MACHINE_STATES.map((state) => `${states[state]} ${MACHINE_WORDS[state][0].toLowerCase()}`);
  const parts = MACHINE_STATES.map((state) => ({ kind: state, amount: states[state] }));
  const legend = MACHINE_STATES.map((state) => legendLine(state, states[state]));
  return [stackedBar(words.join(', '), parts), make('ul', { class: 'legend' }, legend)];
}

function legendLine(state: MachineState, machines: number): Content {
  const [word, about] = MACHINE_WORDS[state];
  const amount = make('strong', {}, `${numberText(machines)} `);
  return make('li', { 'data-kind': state }, amount, word, make('small', { class: 'detail' }, about));
}

export function drawWaves({ marks, installed, machines }: RolloutDetails): Content {
  const rows = marks.map(({ share, machines: reached, begun }, k) => {
    const began = begun === null ? 'not yet' : timeText(begun);
    return { key: String(k), cells: [`Wave ${k + 1}`, shareText(share), numberText(reached), began] };
  });
  const label = `${numberText(installed)} of ${numberText(machines)} machines have the new base`;
  const shares = marks.map(({ share }) => share);
  const columns = ['Wave', 'Share of all machines', 'Machines with the new base at its end', 'Began'];
  return [
    markedBar(label, machines === 0 ? 0 : installed / machines, shares),
    make('p', { class: 'detail' }, `${label}.`),
    table('Waves', columns, rows, 'The plan has no wave.'),
  ];
}
