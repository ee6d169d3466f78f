import { numberText } from 'spikewire/page';
import type { RoundSummary } from '../../wire/wire.ts';

const PHASES: Readonly<Record<RoundSummary['phase'], string>> = {
  open: 'takes parts',
  closing: 'computes its result',
  done: 'has a result',
  empty: 'ended without a result',
};

/** Where a round stands: `ended without a result: 2 parts came, of at least 10`. */
export function roundPhaseText({ phase, reason }: Pick<RoundSummary, 'phase' | 'reason'>): string {
  return reason === null ? PHASES[phase] : `${PHASES[phase]}: ${reason}`;
}

/** `12 of at most 200 came, 11 taken`. */
export function roundPartsText({ parts, most, taken, ended }: RoundSummary): string {
  return `${numberText(parts)} of at most ${numberText(most)} came${ended === null ? '' : `, ${numberText(taken)} taken`}`;
}

/** What a person does next: the same commands as on the page of the guide. */
export function roundNextText({ id, model, phase }: Pick<RoundSummary, 'id' | 'model' | 'phase'>): string {
  if (phase === 'done') return `npx spikewire fleet round fetch ${id} --out ${model}.spike`;
  return phase === 'open' ? `npx spikewire fleet round show ${id}` : '';
}
