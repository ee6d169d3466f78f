import { numberText } from 'spikewire/page';
import type { RolloutDetails } from '../../../wire/wire.ts';
import { type Content, make } from '../../markup.ts';
import { evidenceBar } from '../../parts/bars.ts';
import { type Fact, facts } from '../../parts/facts.ts';
import { evidenceShare, evidenceText, pointsText } from '../../text/rollout-text.ts';

const EXPLANATION =
  'An e-value says how strongly the labels speak for a statement: 1 or less is no evidence, and if the statement is ' +
  'false, it ever reaches a limit of 100 in at most one of 100 rollouts. The bars grow by factors: in the ' +
  'middle, the ' +
  'e-value is the square root of its limit.';

/** What labels say about the old and the new base. */
export function drawEvidence(rollout: RolloutDetails): Content {
  const { worse, notWorse } = rollout.evidence;
  const { abortMargin, abortEvidence, goMargin, goEvidence } = rollout.plan.gates;
  const stops = `that the new base is worse by more than ${pointsText(abortMargin)}; at the limit the rollout stops`;
  const goes = `that it is worse by less than ${pointsText(goMargin)}, or better; at the limit the first wave may begin`;
  return [
    facts(countsOf(rollout)),
    drawValue('It is worse', worse, abortEvidence, 'worse', stops),
    drawValue('It is not worse', notWorse, goEvidence, 'good', goes),
    make('p', { class: 'detail' }, EXPLANATION),
  ];
}

function countsOf({ counts: { compared, differed, labelled, gained, lost }, judging }: RolloutDetails): Fact[] {
  const among = `of ${numberText(differed)} readings with different answers, of ${numberText(compared)} compared`;
  return [
    ['Only the new base was right', numberText(gained), 'labelled readings'],
    ['Only the old base was right', numberText(lost), 'labelled readings'],
    ['Labelled', numberText(labelled), among],
    ['Machines with labels', numberText(judging), 'at least one label each'],
  ];
}

function drawValue(name: string, evidence: number, limit: number, kind: 'worse' | 'good', about: string): Content {
  const text = `e = ${evidenceText(evidence)}, limit ${numberText(limit)}`;
  const line = make(
    'p',
    {},
    make('strong', {}, name),
    `: ${text}`,
    make('small', { class: 'detail' }, `evidence ${about}`),
  );
  const bar = evidenceBar(`${name}: ${text}`, evidenceShare(evidence, limit), kind);
  return make('div', { class: 'evidence' }, line, bar);
}
