import { shortText } from '../fleet/device-report.ts';
import {
  LONGEST_REPORTED_NAME,
  type MachineReport,
  MOST_REPORTED_GROUPS,
  MOST_REPORTED_REFUSALS,
  type ReportedRefusal,
  type ReportedTrial,
  type ReportedWay,
} from '../fleet/report.ts';
import { CARRYING, type Wish } from '../repository/offer.ts';
import type { JournalEntry } from '../update/journal.ts';
import type { Refusal } from '../update/refusals.ts';
import type { Updater } from '../update/updater.ts';
import type { Activity } from './host-activity.ts';

/** Of an updater, or of a journal where none runs. */
export type ReportedUpdates = { readonly entry: JournalEntry } & Partial<
  Pick<Updater, 'trial' | 'problem' | 'unoffered'>
>;

/** What runs before the first base: nothing. */
const NO_ACTIVITY: Activity = { readings: 0, accuracy: null, lessons: 0, alarms: 0, drift: false };

/** What a machine tells its controller, from the state of its updates and what its host does. */
export function machineReport(
  machine: string,
  wish: Wish,
  updater: ReportedUpdates,
  activity: Activity = NO_ACTIVITY,
): MachineReport {
  const { entry, problem, unoffered = null } = updater;
  const { state, current, former, candidate, refused, pinned } = entry;
  return {
    ...{ machine, model: nameOf(wish.model), channel: nameOf(wish.channel), state, pinned, unoffered },
    groups: wish.groups.slice(0, MOST_REPORTED_GROUPS).map(nameOf),
    base: current && {
      ...{ sha256: current.sha256, name: shortText(current.name), carrying: current.carrying, since: current.since },
    },
    ...{ former: former?.sha256 ?? null, candidate: candidate?.sha256 ?? null, trial: trialOf(updater) },
    // The controller knows what it has stopped, and may order it again.
    refused: refused.flatMap(reported).slice(-MOST_REPORTED_REFUSALS),
    ...activity,
    problem: problem === undefined ? null : shortText(problem),
  };
}

function nameOf(name: string): string {
  return shortText(name, LONGEST_REPORTED_NAME).trim();
}

function reported({ sha256, cause, reason }: Refusal): ReportedRefusal[] {
  return cause === 'controller' ? [] : [{ sha256, cause, reason: shortText(reason) }];
}

/** In a probation the base was installed in one way, and the counts of its journal are about that. */
function trialOf({ entry, trial }: ReportedUpdates): ReportedTrial | null {
  const { state, candidate, current, begun } = entry;
  const isProbation = state === 'probation';
  const sha256 = isProbation ? current?.sha256 : candidate?.sha256;
  if (sha256 === undefined || (!isProbation && state !== 'shadow' && state !== 'install')) return null;
  const { gates, ends }: Pick<JournalEntry, 'gates' | 'ends'> = trial?.state ?? entry;
  const ways = CARRYING.flatMap((way): ReportedWay[] => {
    const gate = gates[way];
    if (gate === undefined) return [];
    const { agreed, differed, answered, gained, lost } = gate;
    const carrying = isProbation ? (current?.carrying ?? way) : way;
    const ended = ends[way] === undefined ? null : shortText(ends[way].reason);
    return [{ carrying, compared: agreed + differed, differed, labelled: answered, gained, lost, ended }];
  });
  return { sha256, ways, ...(begun !== null && { begun }) };
}
