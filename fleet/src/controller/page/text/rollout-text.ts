import type { RolloutSummary } from '../../wire/wire.ts';

type Standing = Pick<RolloutSummary, 'phase' | 'waves' | 'paused' | 'reason'> &
  Partial<Pick<RolloutSummary, 'approvals' | 'machines'>>;

/** As `LEAST_SHADOW` of the controller. */
const LEAST_TO_DECIDE = 50;

/** Where a rollout stands, in a few words. */
export function phaseWord({ phase, waves, paused }: Standing): string {
  const word = {
    shadow: 'On trial',
    waves: `Wave ${waves}`,
    held: 'Waits for approval',
    done: 'Done',
    stopped: 'Stopped',
  };
  return paused && isOpen(phase) ? `Paused (${word[phase].toLowerCase()})` : word[phase];
}

/** The same in sentences, with what happens next. */
export function phaseText(rollout: Standing, waves: number): string {
  const { phase, waves: begun, paused, reason } = rollout;
  const { approvals = [], machines = Number.POSITIVE_INFINITY } = rollout;
  const approved = approvals.length === 0 || begun > 0 ? '' : ` Approved by ${approvals.join(', ')}.`;
  const because = `${reason === null ? '' : ` Reason: ${reason}.`}${approved}`;
  const few = machines < LEAST_TO_DECIDE ? ', and a person approves it: fewer than 50 machines say too little' : '';
  const rest = paused && isOpen(phase) ? ' It is paused: no machine gets a new order until somebody resumes it.' : '';
  switch (phase) {
    case 'shadow':
      return (
        `The new base runs beside the present one and does not answer yet. The first wave begins when the labels ` +
        `show that it is not worse${few}.${rest}`
      );
    case 'waves':
      return (
        `Wave ${begun} of ${waves}: the new base answers on the machines of this wave, and the former one runs ` +
        `beside it.${rest}`
      );
    case 'held':
      return begun === waves
        ? `All waves have begun. A person has to approve the end.${because}${rest}`
        : `The base begins to answer on no further machine until a person approves ` +
            `${begun === 0 ? 'the first wave' : `wave ${begun + 1}`}.${because}${rest}`;
    case 'done':
      return 'The new base has come to all machines of the rollout that it could reach.';
    case 'stopped':
      return `The rollout was stopped: each machine ends the trial, or returns to its former base.${because}`;
  }
}

export const isOpen = (phase: RolloutSummary['phase']): boolean => phase !== 'done' && phase !== 'stopped';

/** How far an e-value is on the way from 1 (no evidence) to its limit; evidence grows by factors. */
export function evidenceShare(evidence: number, limit: number): number {
  if (!(evidence > 1)) return 0;
  return Math.min(1, Math.log(evidence) / Math.log(limit));
}

/** An e-value; beyond a million, its digits tell nothing. */
export function evidenceText(evidence: number): string {
  if (evidence >= 1e6) return 'over 1,000,000';
  if (evidence >= 100) return Math.round(evidence).toLocaleString('en');
  return evidence < 0.01 ? 'below 0.01' : evidence.toPrecision(2);
}

/** A share of machines, as it was written. */
export const shareText = (share: number): string => `${Number((100 * share).toFixed(2))} %`;

/** A share of answers in points, as people say it. */
export function pointsText(share: number): string {
  const points = Number((100 * share).toFixed(2));
  return points === 1 ? '1 point' : `${points} points`;
}
