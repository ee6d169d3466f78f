import { type AliasedExpression, type ExpressionBuilder, sql } from 'kysely';
import type { Changes, Database } from '../database/database.ts';
import type { MachineState, RolloutRow } from '../database/rollout-rows.ts';
import type { Tables } from '../database/tables.ts';
import { SILENT_AFTER } from '../reports/interval.ts';
import type { DeviceCounts } from './evidence.ts';
import type { Plan } from './plan.ts';
import { type Progress, placesReached, type Reported } from './progress.ts';

/** `silent`: the machine is asked to try the base or to answer with it, has not failed, and does not report. */
export type ShownState = MachineState | 'silent';

/** Sums over machines in the same state. */
export interface Sums {
  readonly shown: ShownState;
  /** Whether they are to try the base or, in waves, to answer with it. */
  readonly isAsked: 0 | 1;
  /** Whether they were to do either at any time. */
  readonly isTried: 0 | 1;
  readonly machines: number;
  /** Of these, machines on which the base has ever answered. */
  readonly exposed: number;
  readonly compared: number;
  readonly differed: number;
  readonly labelled: number;
  readonly gained: number;
  readonly lost: number;
}

type SummedRollout = Pick<RolloutRow, 'id' | 'plan' | 'waves' | 'wavePlaces' | 'machines' | 'ended'>;

/**
 * Sums up what the machines of a rollout have reported.
 * @param now of the database
 */
export function sumsOf(reads: Changes | Database['queries'], rollout: SummedRollout, now: number): Promise<Sums[]> {
  return reads
    .selectFrom('rolloutMachine')
    .select((of) => [
      shownState(of, rollout, now),
      isBelow(of, placesAsked(rollout), 'isAsked'),
      isBelow(of, placesTried(rollout), 'isTried'),
    ])
    .select(({ fn }) => fn.countAll<number>().as('machines'))
    .select(({ fn }) => fn.countAll<number>().filterWhere('exposed', '=', 1).as('exposed'))
    .select(() => [sum('compared'), sum('differed'), sum('labelled'), sum('gained'), sum('lost')])
    .where('rollout', '=', rollout.id)
    .groupBy(['shown', 'isAsked', 'isTried'])
    .execute();
}

/** Sums of whole numbers have another type in PostgreSQL. */
function sum<Column extends 'compared' | 'differed' | 'labelled' | 'gained' | 'lost'>(column: Column) {
  return sql<number>`cast(sum(${sql.ref(column)}) as bigint)`.as(column);
}

type OfMachines = ExpressionBuilder<Tables, 'rolloutMachine'>;

/** The state of a machine as a part of a query, `silent` included. */
export function shownState(
  of: OfMachines,
  rollout: SummedRollout,
  now: number,
): AliasedExpression<ShownState, 'shown'> {
  const mayBeSilent = of('state', 'in', ['waiting', 'trying', 'installed']);
  const isSilent = of('rolloutMachine.reported', '<', now - SILENT_AFTER);
  return of
    .case()
    .when(of.and([mayBeSilent, isSilent, of('place', '<', placesAsked(rollout))]))
    .then(sql<ShownState>`${sql.lit('silent')}`)
    .else(of.ref('state'))
    .end()
    .as('shown');
}

function isBelow<Name extends string>(of: OfMachines, places: number, name: Name): AliasedExpression<0 | 1, Name> {
  return of.case().when('place', '<', places).then(of.lit(1)).else(of.lit(0)).end().as(name);
}

/** Machines on these places were asked to try the base, or to answer with it, at any time. */
export function placesTried(rollout: SummedRollout): number {
  const plan = JSON.parse(rollout.plan) as Plan;
  return Math.max(plan.shadow, placesReached(plan, rollout));
}

/** Machines on these places are asked now: none of a rollout that has ended. */
function placesAsked(rollout: SummedRollout): number {
  if (rollout.ended !== null) return 0;
  const plan = JSON.parse(rollout.plan) as Plan;
  return rollout.waves === 0 ? plan.shadow : placesReached(plan, rollout);
}

/**
 * What the members have counted that have labels, each of which is one judge however many machines it watches. What
 * machines say that were never asked to try the base, or are gone, does not count: a device can name as many as it
 * likes.
 */
export function countsOf(reads: Changes | Database['queries'], rollout: SummedRollout): Promise<DeviceCounts[]> {
  return reads
    .selectFrom('rolloutMachine')
    .innerJoin('device', 'device.id', 'rolloutMachine.device')
    .select(() => [sum('compared'), sum('differed'), sum('labelled'), sum('gained'), sum('lost')])
    .where('rollout', '=', rollout.id)
    .where('labelled', '>', 0)
    .where('state', '!=', 'gone')
    .where('place', '<', placesTried(rollout))
    .where('status', '=', 'member')
    .groupBy('device')
    .execute();
}

/** What the progress of a rollout depends on. */
export function reportedOf(
  sums: readonly Sums[],
  counts: readonly DeviceCounts[],
  { waves }: Pick<Progress, 'waves'>,
): Reported {
  const total = (key: Summed, states: readonly ShownState[] = ALL, only: readonly Sums[] = sums) =>
    only.reduce((all, group) => all + (states.includes(group.shown) ? group[key] : 0), 0);
  const asked = sums.filter((group) => group.isAsked === 1);
  const tried = sums.filter((group) => group.isTried === 1);
  return {
    machines: total('machines', PRESENT),
    counts,
    asked: total('machines', ANSWERABLE, asked),
    reached: total('machines', waves === 0 ? ['trying', 'installed'] : ['installed'], asked),
    failed: total('machines', ['failed'], asked),
    silent: total('machines', ['silent'], asked),
    unoffered: total('machines', ['unoffered'], asked),
    tried: total('machines', ANSWERABLE, tried),
    failures: total('machines', ['failed'], tried),
  };
}

type Summed = Exclude<keyof Sums, 'shown' | 'isAsked' | 'isTried'>;

/** Not counted: machines that a person at the device has pinned, and those to which nobody offers the base. */
const ANSWERABLE: readonly ShownState[] = ['waiting', 'trying', 'installed', 'failed', 'silent'];
const PRESENT: readonly ShownState[] = [...ANSWERABLE, 'pinned', 'unoffered', 'left'];
export const ALL: readonly ShownState[] = [...PRESENT, 'gone'];
/** Machines that a wave can reach. */
export const REACHABLE = ['waiting', 'trying', 'installed'] as const satisfies readonly MachineState[];
