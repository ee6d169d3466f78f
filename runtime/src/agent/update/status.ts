import { megabytes } from '@spikewire/models';
import type { UpdatesStatus, UpdateTrial } from '../../desk/updates.ts';
import { CARRYING, type Carrying } from '../repository/offer.ts';
import { DEFAULT_GATE, type GateState } from '../trial/gate.ts';
import { evidenceOfNotWorse, evidenceOfWorse } from '../trial/paired-evidence.ts';
import { type CandidateFigures, rulesFor } from '../trial/trial.ts';
import type { JournalEntry, Pair, Refusal, UpdateState } from './journal.ts';
import type { Updater } from './updater.ts';

/** Where the updates of a device stand, as a JSON document can hold it. */
export interface UpdateStatus extends UpdatesStatus {
  readonly current: Pair | null;
  readonly former: Pair | null;
  /** Labels that would decide, as far as that can be foreseen; null: more than a thousand, or nothing is on trial. */
  readonly labelsWanted: number | null;
  readonly refused: readonly Refusal[];
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

  function trialOf({ gates }: JournalEntry, endOf: (carrying: Carrying) => string | undefined): UpdateTrial[] {
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
function rightOf(state: UpdateState, figures: CandidateFigures | undefined): UpdateTrial['right'] {
  const { answering, watched, of } = figures?.right ?? {};
  if (answering === undefined || watched === undefined || of === undefined) return null;
  return state === 'probation' ? { old: watched, new: answering, of } : { old: answering, new: watched, of };
}

type GateFigures = Omit<UpdateTrial, 'carrying' | 'right' | 'worseLimit' | 'notWorseLimit' | 'ended'>;

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
  const runs = current === null ? 'no model runs yet' : `${now} runs`;
  switch (state) {
    case 'idle':
      return pinned ? `${runs}; it is pinned, so there are no updates` : runs;
    case 'check':
      return `${runs}; the device checks for another model`;
    case 'download':
      return `${runs}; downloading ${next}${progress === undefined ? '' : `, ${share(progress)}`}`;
    case 'verify':
      return `${runs}; ${next} is being checked`;
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
