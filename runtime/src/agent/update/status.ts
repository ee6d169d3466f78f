import { megabytes } from '@spikewire/models';
import { CARRYING, type Carrying } from '../repository/offer.ts';
import { DEFAULT_GATE, type GateState } from '../trial/gate.ts';
import { evidenceOfNotWorse, evidenceOfWorse } from '../trial/paired-evidence.ts';
import { type CandidateFigures, rulesFor } from '../trial/trial.ts';
import type { JournalEntry, Pair, Refusal, UpdateState } from './journal.ts';
import type { Question } from './questions.ts';
import type { Updater } from './updater.ts';

/** A way to install the base on trial, and what labels say of it. */
export interface TrialStatus {
  readonly carrying: Carrying;
  /** Readings to which both named a class; of these, those with different ones, and those whose label is known. */
  readonly compared: number;
  readonly differed: number;
  readonly labelled: number;
  /** Labels by which only the new one was right, or only the old one. */
  readonly newRight: number;
  readonly oldRight: number;
  /** Right answers among all labelled readings since both run in this process; null: none is labelled. */
  readonly right: { readonly old: number; readonly new: number; readonly of: number } | null;
  /** E-values: at its limit the first ends the way, and the second lets it be installed. */
  readonly evidenceOfWorse: number;
  readonly worseLimit: number;
  readonly evidenceOfNotWorse: number;
  readonly notWorseLimit: number;
  /** Why it is out; null while it is not. */
  readonly ended: string | null;
}

/** Where the updates of a device stand, as a JSON document can hold it. */
export interface UpdateStatus {
  readonly state: UpdateState;
  /** The same in one line for people. */
  readonly summary: string;
  readonly current: Pair | null;
  readonly former: Pair | null;
  /** Name of the base on trial, or that is being fetched. */
  readonly candidate: string | null;
  readonly trial: readonly TrialStatus[];
  readonly readings: number;
  /** Labels that would decide, as far as that can be foreseen; null: more than a thousand, or nothing is on trial. */
  readonly labelsWanted: number | null;
  readonly questions: readonly Question[];
  readonly refused: readonly Refusal[];
  readonly pinned: boolean;
  /** Why the last step failed and is tried again; null where it did not. */
  readonly problem: string | null;
}

export function statusOf(updater: Updater): UpdateStatus {
  const { entry, trial, questions, figures, problem = null } = updater;
  const { state, current, former, candidate, refused, pinned } = entry;
  return {
    ...{ state, summary: summaryOf(updater), current, former, candidate: candidate?.name ?? null },
    trial: trialOf(entry, (carrying) => trial?.endOf(carrying)),
    readings: trial === undefined ? entry.readings : updater.readings,
    labelsWanted: (state === 'shadow' ? trial?.labelsWanted : undefined) ?? null,
    ...{ questions: questions.list, refused, pinned, problem },
  };

  function trialOf({ gates }: JournalEntry, endOf: (carrying: Carrying) => string | undefined): TrialStatus[] {
    const now = trial?.gates ?? gates;
    const { abortEvidence: worseLimit, goEvidence: notWorseLimit } = rulesFor(Object.keys(now).length);
    return CARRYING.flatMap((carrying) => {
      const gate = now[carrying];
      if (gate === undefined) return [];
      const right = rightOf(state, figures.get(carrying));
      return [{ carrying, ...figuresOf(gate), right, worseLimit, notWorseLimit, ended: endOf(carrying) ?? null }];
    });
  }
}

/** In a probation the new base answers, and the former one is watched. */
function rightOf(state: UpdateState, figures: CandidateFigures | undefined): TrialStatus['right'] {
  const { answering, watched, of } = figures?.right ?? {};
  if (answering === undefined || watched === undefined || of === undefined) return null;
  return state === 'probation' ? { old: watched, new: answering, of } : { old: answering, new: watched, of };
}

type GateFigures = Omit<TrialStatus, 'carrying' | 'right' | 'worseLimit' | 'notWorseLimit' | 'ended'>;

function figuresOf(gate: GateState): GateFigures {
  const { agreed, differed, answered, gained, lost } = gate;
  return {
    ...{ compared: agreed + differed, differed, labelled: answered, newRight: gained, oldRight: lost },
    evidenceOfWorse: evidenceOfWorse(gate, DEFAULT_GATE.abortMargin),
    evidenceOfNotWorse: evidenceOfNotWorse(gate, DEFAULT_GATE.goMargin),
  };
}

function summaryOf(updater: Updater): string {
  const { entry, trial, progress, isHeld } = updater;
  const { state, current, former, candidate, chosen, reason, pinned } = entry;
  const [now, before, next] = [current?.name ?? 'nothing', former?.name ?? 'nothing', candidate?.name ?? 'nothing'];
  switch (state) {
    case 'idle':
      return pinned ? `${now} runs; it is pinned, so there are no updates` : `${now} runs`;
    case 'check':
      return `${now} runs; the device checks for another model`;
    case 'download':
      return `${now} runs; downloading ${next}${progress === undefined ? '' : `, ${share(progress)}`}`;
    case 'verify':
      return `${now} runs; ${next} is being checked`;
    case 'shadow': {
      const labels = trial?.labelsWanted;
      const wanted = labels === undefined ? '' : `about ${labels} more ${labels === 1 ? 'label' : 'labels'}, or `;
      const long = isHeld ? '; it has been on trial for long' : '';
      return `${now} runs; ${next} is on trial and needs ${wanted}your approval${long}`;
    }
    case 'install':
      return `${next} takes the place of ${now} (${chosen})`;
    case 'probation':
      return `${now} runs on probation; the former model ${before} runs beside it for comparison`;
    case 'commit':
      return `${now} runs and has passed its probation`;
    case 'rollback':
      return `going back from ${now} to ${before}: ${reason}`;
  }
}

function share({ done, of }: { readonly done: number; readonly of: number }): string {
  return `${megabytes(done)} of ${megabytes(of)}`;
}
