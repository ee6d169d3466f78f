import type { Database } from '../database/database.ts';
import { keyBefore, type Page, type PageWish, pageOf, rowsOfPage } from '../database/page.ts';
import type { RolloutMachineRow, RolloutRow } from '../database/rollout-rows.ts';
import { type Labels, readLabels } from '../labels/labels.ts';
import { type DeviceCounts, evidenceOf, isJudging } from './evidence.ts';
import { expectedEnd } from './expected-end.ts';
import { isWithin, openingText } from './hours.ts';
import type { Plan } from './plan.ts';
import { machinesOfWave } from './progress.ts';
import { ALL, countsOf, REACHABLE, type ShownState, type Sums, shownState, sumsOf } from './rollout-sums.ts';
import { findRollout, type TimedRollout } from './stored-progress.ts';

export interface RolloutSummary
  extends Omit<RolloutRow, 'labels' | 'plan' | 'waveTimes' | 'wavePlaces' | 'approvals' | 'paused'> {
  readonly labels: Labels;
  /** Names of those who have approved the first wave. */
  readonly approvals: readonly string[];
  readonly paused: boolean;
}

export interface RolloutDetails extends RolloutSummary {
  readonly plan: Plan;
  /** Machines by state; all together are `machines`. */
  readonly states: Readonly<Record<ShownState, number>>;
  /** Sums over the machines. */
  readonly counts: Pick<Sums, 'compared' | 'differed' | 'labelled' | 'gained' | 'lost'>;
  /** Machines whose labels count, and machines on which the base has ever answered. */
  readonly judging: number;
  readonly exposed: number;
  /** E-values over all machines; the plan has their limits. */
  readonly evidence: { readonly worse: number; readonly notWorse: number };
  /** The waves of the plan: how many of the machines that can get the base have it then, and when each began. */
  readonly marks: readonly { readonly share: number; readonly machines: number; readonly begun: number | null }[];
  readonly expectedEnd: number | null;
  /** For what it waits by the hours of its plan, such as `22:00 (Europe/Berlin)`. */
  readonly waitsUntil: string | null;
}

/** A machine as people see it in a rollout. */
export interface RolloutMachine
  extends Pick<
    RolloutMachineRow,
    'device' | 'machine' | 'place' | 'compared' | 'differed' | 'labelled' | 'gained' | 'lost' | 'reported'
  > {
  /** Of the device. */
  readonly name: string;
  readonly state: ShownState;
  readonly problem: string | null;
}

export interface RolloutListWish extends PageWish {
  /** Only the open ones, or only those that have ended. */
  readonly phase?: 'open' | 'ended' | undefined;
}

export interface MachineListWish extends PageWish {
  readonly state?: ShownState | undefined;
}

/** Rollouts, the newest first. */
export async function listRollouts({ queries }: Database, wish: RolloutListWish): Promise<Page<RolloutSummary>> {
  const before = keyBefore<[number, string]>(wish, [0, '']);
  const rows = await queries
    .selectFrom('rollout')
    .selectAll()
    .$if(wish.phase !== undefined, (list) => list.where('ended', wish.phase === 'open' ? 'is' : 'is not', null))
    .$if(before !== undefined, (list) =>
      list.where(({ eb, and, or }) =>
        or([eb('begun', '<', before![0]), and([eb('begun', '=', before![0]), eb('id', '>', before![1])])]),
      ),
    )
    .orderBy('begun', 'desc')
    .orderBy('id')
    .limit(rowsOfPage(wish))
    .execute();
  const page = pageOf(rows, wish, ({ begun, id }) => [begun, id]);
  return { ...page, items: page.items.map(summaryOf) };
}

function summaryOf({
  labels,
  approvals,
  plan: _,
  waveTimes: __,
  wavePlaces: ___,
  paused,
  ...rest
}: RolloutRow): RolloutSummary {
  return { ...rest, labels: readLabels(labels), approvals: JSON.parse(approvals) as string[], paused: paused === 1 };
}

/** Undefined where there is no rollout of this id. */
export async function rolloutDetails({ queries, now }: Database, id: string): Promise<RolloutDetails | undefined> {
  const rollout = await findRollout(queries, now, id);
  if (rollout === undefined) return undefined;
  return detailsOf(rollout, await sumsOf(queries, rollout, rollout.now), await countsOf(queries, rollout));
}

function detailsOf(
  { now, ...rollout }: TimedRollout,
  sums: readonly Sums[],
  counts: readonly DeviceCounts[],
): RolloutDetails {
  const plan = JSON.parse(rollout.plan) as Plan;
  const times = JSON.parse(rollout.waveTimes) as number[];
  const { waves } = rollout;
  const total = (key: 'compared' | 'differed' | 'labelled' | 'gained' | 'lost' | 'exposed') =>
    sums.reduce((all, group) => all + group[key], 0);
  const inState = (state: ShownState) =>
    sums.reduce((all, group) => all + (group.shown === state ? group.machines : 0), 0);
  const reachable = [...REACHABLE, 'silent' as const].reduce((all, state) => all + inState(state), 0);
  return {
    ...{ ...summaryOf(rollout), plan },
    states: Object.fromEntries(ALL.map((state) => [state, inState(state)])) as Record<ShownState, number>,
    counts: {
      ...{ compared: total('compared'), differed: total('differed'), labelled: total('labelled') },
      ...{ gained: total('gained'), lost: total('lost') },
    },
    judging: counts.filter(isJudging).length,
    exposed: total('exposed'),
    evidence: evidenceOf(counts, plan.gates),
    marks: plan.waves.map((share, k) => ({
      ...{ share, machines: machinesOfWave(plan, k + 1, reachable) },
      begun: k < waves ? (times[k] ?? null) : null,
    })),
    expectedEnd: expectedEnd(rollout, plan, counts, now),
    waitsUntil: waitsUntil(rollout, plan, sums, now),
  };
}

/** Of a wave with machines that were to install the base, if it were the hour. */
function waitsUntil(
  { phase, paused }: Pick<RolloutRow, 'phase' | 'paused'>,
  { hours }: Plan,
  sums: readonly Sums[],
  now: number,
): string | null {
  const isWaiting = sums.some(({ shown, isAsked }) => isAsked === 1 && (shown === 'waiting' || shown === 'trying'));
  if (phase !== 'waves' || paused || hours === null || !isWaiting || isWithin(hours, now)) return null;
  return openingText(hours, now);
}

/** The machines of a rollout by their places; undefined where there is no rollout of this id. */
export async function rolloutMachines(
  { queries, now }: Database,
  id: string,
  wish: MachineListWish,
): Promise<Page<RolloutMachine> | undefined> {
  const before = keyBefore<[number]>(wish, [0]);
  const rollout = await findRollout(queries, now, id);
  if (rollout === undefined) return undefined;
  const states = queries
    .selectFrom('rolloutMachine')
    .selectAll()
    .select((of) => shownState(of, rollout, rollout.now))
    .where('rollout', '=', id)
    .$if(before !== undefined, (list) => list.where('place', '>', before![0]))
    .as('own');
  const rows = await queries
    .selectFrom(states)
    .innerJoin('device', 'device.id', 'own.device')
    .leftJoin('machine', (join) =>
      join.onRef('machine.device', '=', 'own.device').onRef('machine.machine', '=', 'own.machine'),
    )
    .select(['own.device', 'device.name', 'own.machine', 'own.place', 'own.shown as state', 'own.compared'])
    .select(['own.differed', 'own.labelled', 'own.gained', 'own.lost', 'own.reported', 'machine.problem'])
    .$if(wish.state !== undefined, (list) => list.where('own.shown', '=', wish.state!))
    .orderBy('own.place')
    .limit(rowsOfPage(wish))
    .execute();
  return pageOf(rows, wish, ({ place }) => [place]);
}
