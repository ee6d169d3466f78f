import { numberText } from 'spikewire/page';
import type { RolloutDetails } from '../../../wire/wire.ts';
import type { Fact } from '../../parts/facts.ts';
import { cohortText } from '../../text/labels-text.ts';
import { CARRYING_WORDS, shortHash } from '../../text/machine-text.ts';
import { isOpen, shareText } from '../../text/rollout-text.ts';
import { spanText, timeText } from '../../text/time-text.ts';

/** What it brings to whom, and since when. */
export function factsOf(rollout: RolloutDetails, now: number): Fact[] {
  const { model, channel, sha256, labels, begun, begunBy, exposed, machines } = rollout;
  const about = `how the SHA-256 of its file begins; model ${model}, channel ${channel}`;
  const share = `${numberText(exposed)} of ${numberText(machines)} machines`;
  return [
    ['New base', shortHash(sha256), about],
    ['For', cohortText(labels), `${numberText(machines)} machines`],
    ['Exposed', share, 'on which the new base answers, or has answered'],
    ['Begun', timeText(begun), `by ${begunBy}`],
    ...timesOf(rollout, now),
  ];
}

function timesOf({ phase, since, begun, ended, expectedEnd }: RolloutDetails, now: number): Fact[] {
  const ending = expectedEnd === null ? 'not known' : timeText(expectedEnd);
  return [
    ...(isOpen(phase) ? [['In this phase', `for ${spanText(now - since)}`, `since ${timeText(since)}`] as const] : []),
    ended === null
      ? ['Expected end', ending, 'at the earliest, if nothing stops or holds it']
      : ['Ended', timeText(ended), `after ${spanText(ended - begun)}`],
  ];
}

function approversOf(approval: RolloutDetails['plan']['approval']): string {
  return typeof approval === 'object' ? ` by ${approval.people} with the role ${approval.by}` : '';
}

function hoursOf(hours: RolloutDetails['plan']['hours']): Fact[] {
  if (hours === null) return [];
  const { from, to, zone, days } = hours;
  return [['Hours', `${from} to ${to}`, `${zone}, ${days?.join(', ') ?? 'each day'}: only then it is installed`]];
}

export function planOf({ plan }: RolloutDetails): Fact[] {
  const { shadow, questionsPerDay, shadowDays, approval, waves, hours, waveHours, mostFailed, mostSilent, carrying } =
    plan;
  return [
    ['Trial', `${numberText(shadow)} machines`, `for at most ${shadowDays} days, then a person decides`],
    [
      'Labels asked for',
      questionsPerDay === null ? 'as devices decide' : `at most ${questionsPerDay} a day`,
      'on each machine on trial',
    ],
    [
      'First wave',
      approval === false ? 'begins by itself, on 50 machines or more' : `waits for approval${approversOf(approval)}`,
      'when labels show that the new base is not worse',
    ],
    ['Waves', waves.map(shareText).join(', '), `each watched for ${waveHours} hours`],
    ...hoursOf(hours),
    ['Most failed', shareText(mostFailed), 'of the machines that tried it; above, the rollout stops'],
    ['Most silent', shareText(mostSilent), 'of the machines of a wave; above, a person decides'],
    ['What was learned', CARRYING_WORDS[carrying]],
  ];
}
