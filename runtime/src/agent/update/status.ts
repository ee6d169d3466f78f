import { megabytes } from '@spikewire/models';
import type { RefusedUpdate, UpdateCalibration, UpdatesStatus, UpdateTrial } from '../../desk/updates.ts';
import type { MachineOrder } from '../fleet/orders.ts';
import { CARRYING } from '../repository/offer.ts';
import { CALIBRATION_EVIDENCE, type CalibrationState, evidenceOfWorseConfidence } from '../trial/calibration.ts';
import { type GateState, notWorseEvidence, worseEvidence } from '../trial/gate.ts';
import { type CandidateFigures, rulesFor } from '../trial/trial.ts';
import type { Pair, UpdateState } from './journal.ts';
import { againAt, type Refusal } from './refusals.ts';
import type { Updater } from './updater.ts';

/** Where the updates of a device stand, as a JSON document can hold it. */
export interface UpdateStatus extends UpdatesStatus {
  readonly current: Pair | null;
  readonly former: Pair | null;
  /** Labels that would decide, as far as that can be foreseen; null: more than a thousand, or nothing is on trial. */
  readonly labelsWanted: number | null;
  /** What the controller of this device wants; null: the device decides by itself. */
  readonly order: MachineOrder | null;
}

export function statusOf(updater: Updater): UpdateStatus {
  const { entry, trial, questions, problem = null, order = null } = updater;
  const { state, current, former, candidate, refused, pinned } = entry;
  return {
    ...{ state, summary: summaryOf(updater), current, former, candidate: candidate?.name ?? null },
    trial: trialOf(updater),
    readings: trial === undefined ? entry.readings : updater.readings,
    labelsWanted: (state === 'shadow' ? trial?.labelsWanted : undefined) ?? null,
    ...{ questions: questions.list, refused: refused.map(shownRefusal), pinned, problem, order },
  };
}

function trialOf({ entry, trial, figures }: Updater): UpdateTrial[] {
  const { gates, calibrations, ends } = trial?.state ?? entry;
  const isProbation = entry.state === 'probation';
  const ways = CARRYING.filter((carrying) => gates[carrying] !== undefined);
  return CARRYING.flatMap((carrying) => {
    const [gate, calibration, own] = [gates[carrying], calibrations[carrying], figures.get(carrying)];
    if (gate === undefined) return [];
    const { abortEvidence: worseLimit, goEvidence: notWorseLimit } = rulesFor(carrying, ways);
    return [
      {
        ...{ carrying, ...figuresOf(gate), right: rightOf(entry.state, own), worseLimit, notWorseLimit },
        operations: operationsOf(isProbation, own),
        calibration: calibration === undefined ? null : calibrationOf(calibration),
        ended: ends[carrying]?.reason ?? null,
        runs: trial?.isWatched(carrying) ?? false,
        held: (!isProbation && trial?.objectionsTo(carrying, own)) || [],
      },
    ];
  });
}

function operationsOf(isProbation: boolean, figures: CandidateFigures | undefined): UpdateTrial['operations'] {
  if (figures?.operations === undefined) return null;
  const { answering, watched } = figures.operations;
  if (isProbation) return { old: watched, new: answering, card: null };
  return { old: answering, new: watched, card: figures.operationsOnCard ?? null };
}

function calibrationOf(state: CalibrationState): UpdateCalibration | null {
  const { rated: of, oldLoss, newLoss } = state;
  if (of === 0) return null;
  const evidence = { evidenceOfWorse: evidenceOfWorseConfidence(state), worseLimit: CALIBRATION_EVIDENCE };
  return { old: oldLoss / of, new: newLoss / of, of, ...evidence };
}

export function shownRefusal(refusal: Refusal): RefusedUpdate {
  const { sha256, name, reason, time, cause } = refusal;
  const again = againAt(refusal);
  return { sha256, name, reason, time, cause, againAt: again === undefined ? null : new Date(again).toISOString() };
}

/** In a probation the new base answers, and the former one is watched. */
function rightOf(state: UpdateState, figures: CandidateFigures | undefined): UpdateTrial['right'] {
  const { answering, watched, of } = figures?.right ?? {};
  if (answering === undefined || watched === undefined || of === undefined) return null;
  return state === 'probation' ? { old: watched, new: answering, of } : { old: answering, new: watched, of };
}

type GateFigures = Pick<
  UpdateTrial,
  'compared' | 'differed' | 'labelled' | 'newRight' | 'oldRight' | 'evidenceOfWorse' | 'evidenceOfNotWorse'
>;

function figuresOf(gate: GateState): GateFigures {
  const { agreed, differed, answered, gained, lost } = gate;
  return {
    ...{ compared: agreed + differed, differed, labelled: answered, newRight: gained, oldRight: lost },
    evidenceOfWorse: worseEvidence(gate),
    evidenceOfNotWorse: notWorseEvidence(gate),
  };
}

function summaryOf(updater: Updater): string {
  const { entry, trial, progress, isHeld, objections, order } = updater;
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
      if (order !== undefined) return `${now} runs; ${next} is on trial for the controller`;
      const labels = trial?.labelsWanted;
      const wanted = labels === undefined ? '' : `about ${labels} more ${labels === 1 ? 'label' : 'labels'}, or `;
      if (objections !== '')
        return `${now} runs; ${next} is on trial, is not worse by its labels, and needs your approval: ${objections}`;
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
