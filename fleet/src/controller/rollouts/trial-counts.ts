import type { ReportedTrial, ReportedWay } from 'spikewire/agent';
import type { RolloutMachineRow, RolloutRow } from '../database/rollout-rows.ts';
import type { Plan } from './plan.ts';

/** What the readings of one machine say of a base, as far as it counts for its rollout. */
export type TrialCounts = Pick<RolloutMachineRow, 'compared' | 'differed' | 'labelled' | 'gained' | 'lost' | 'trial'>;

type Counted = Pick<ReportedWay, 'compared' | 'differed' | 'labelled' | 'gained' | 'lost'>;

const NOTHING: Counted = { compared: 0, differed: 0, labelled: 0, gained: 0, lost: 0 };
export const NOTHING_COUNTED: TrialCounts = { ...NOTHING, trial: null };

/** Of one machine: the sums over a fleet stay exact whatever devices report. */
const MOST_COUNTED = 1e9;

/** What `trial` holds: the run that the device reports now, and the sums of its earlier ones. */
interface Runs {
  /** What counts, and since when; `trial` alone where an earlier release has stored that it was one. */
  readonly run: string;
  readonly counted: Counted;
  readonly earlier: Counted;
}

/**
 * The counts with those of a new report. A device counts each trial, and the probation after it, from 0; here these
 * runs are added up. Within a run, a report holds all counts since its beginning, so a lost report does no harm, and
 * one that holds less than an earlier one, as after a loss of power, adds nothing.
 */
export function withReported(
  counts: TrialCounts,
  { sha256, plan }: Pick<RolloutRow, 'sha256' | 'plan'>,
  trial: ReportedTrial | null,
  answers: boolean,
): TrialCounts {
  if (trial?.sha256 !== sha256) return counts;
  const { carrying } = JSON.parse(plan) as Plan;
  const way = trial.ways.find((each) => each.carrying === carrying) ?? trial.ways[0];
  if (way === undefined) return counts;
  const counted = consistent(way);
  const run = `${answers ? 'probation' : 'trial'} ${trial.begun ?? ''}`;
  const before = counts.trial === null ? undefined : (JSON.parse(counts.trial) as Runs);
  const isSame = before?.run === run || (before?.run === 'trial' && !answers);
  if (isSame && counted.compared < before.counted.compared) return counts;
  const earlier = isSame ? before.earlier : before === undefined ? NOTHING : summed(before.earlier, before.counted);
  const total = summed(earlier, counted);
  if (total.compared > MOST_COUNTED) return counts;
  return { ...total, trial: JSON.stringify({ run, counted, earlier } satisfies Runs) };
}

/** Counts of which each is at most the one before, as those of an honest device are. */
function consistent(way: ReportedWay): Counted {
  const compared = Math.min(way.compared, MOST_COUNTED);
  const differed = Math.min(way.differed, compared);
  const labelled = Math.min(way.labelled, differed);
  const gained = Math.min(way.gained, labelled);
  return { compared, differed, labelled, gained, lost: Math.min(way.lost, labelled - gained) };
}

function summed(...parts: readonly Counted[]): Counted {
  const total = (key: keyof Counted) => parts.reduce((sum, part) => sum + part[key], 0);
  const [compared, differed, labelled] = [total('compared'), total('differed'), total('labelled')];
  return { compared, differed, labelled, gained: total('gained'), lost: total('lost') };
}
