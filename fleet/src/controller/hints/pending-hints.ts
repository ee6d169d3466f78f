import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import type { Database } from '../database/database.ts';
import type { RolloutRow } from '../database/rollout-rows.ts';
import type { Tables } from '../database/tables.ts';
import { SILENT_AFTER } from '../reports/interval.ts';
import { openedAt } from '../rollouts/hours.ts';
import type { Plan } from '../rollouts/plan.ts';
import { placesReached } from '../rollouts/progress.ts';
import { placesTried, REACHABLE } from '../rollouts/rollout-sums.ts';

/** A device that has not reported since its orders changed. */
export interface PendingHint {
  readonly device: string;
  /** When they last did, in milliseconds since 1970. */
  readonly changed: number;
}

/** Devices of one rollout, and rollouts, at which one look looks; the rest is found when these have reported. */
const MOST_PENDING = 10_000;
const MOST_ROLLOUTS = 1000;
/** Newest entries of the history in which acts on devices are searched. */
const NEWEST_ENTRIES = 1000;

/**
 * Devices to which a hint is of use; where there are too many, those with the newest changes. They are found by what
 * rollouts want of machines, which is cheap and not exact: it names a few whose orders have not changed, and misses
 * those that an earlier rollout still concerns. Silent devices are left out: they ask when they return.
 */
export async function pendingHints(database: Database): Promise<PendingHint[]> {
  const found = await relabelled(database);
  for (const change of await changedRollouts(database))
    if (found.length < MOST_PENDING) found.push(...(await concernedBy(database, change)));
  found.sort((a, b) => a.changed - b.changed);
  return [...new Map(found.map((hint) => [hint.device, hint])).values()];
}

/** What a rollout wants of machines has changed, then. */
interface RolloutChange {
  readonly rollout: RolloutRow;
  readonly now: number;
  readonly changed: number;
}

/** The newest first. Each change is noted in the history; that the hours of a plan begin is not. */
async function changedRollouts({ queries, now }: Database): Promise<RolloutChange[]> {
  const rows = await queries
    .selectFrom('rollout')
    .selectAll()
    .select(now().as('now'))
    .select(({ selectFrom }) =>
      selectFrom('history')
        .select(({ fn }) => fn.max('time').as('time'))
        .whereRef('history.subject', '=', 'rollout.id')
        .as('noted'),
    )
    .where(({ eb, or }) => or([eb('ended', 'is', null), eb('ended', '>', eb(now(), '-', SILENT_AFTER))]))
    .orderBy('begun', 'desc')
    .limit(MOST_ROLLOUTS)
    .execute();
  return rows
    .map(({ now, noted, ...rollout }) => ({ rollout, now, changed: Math.max(noted ?? 0, hoursBegan(rollout, now)) }))
    .filter(({ now, changed }) => changed > now - SILENT_AFTER)
    .sort((a, b) => b.changed - a.changed);
}

function hoursBegan({ plan }: RolloutRow, now: number): number {
  const { hours } = JSON.parse(plan) as Plan;
  return (hours === null ? undefined : openedAt(hours, now)) ?? 0;
}

async function concernedBy({ queries }: Database, { rollout, now, changed }: RolloutChange): Promise<PendingHint[]> {
  const rows = await queries
    .selectFrom('rolloutMachine')
    .innerJoin('device', 'device.id', 'rolloutMachine.device')
    .select('rolloutMachine.device')
    .where('rollout', '=', rollout.id)
    .where('standing', '!=', 'replaced')
    .where((of) => hasOthersOrders(of, rollout))
    .where('status', '=', 'member')
    .where('seen', '<=', changed)
    .where('seen', '>', now - SILENT_AFTER)
    .limit(MOST_PENDING)
    .execute();
  return rows.map(({ device }) => ({ device, changed }));
}

type OfMachines = ExpressionBuilder<Tables, 'rolloutMachine'>;

/**
 * Whether a machine is not yet where the rollout wants it, or has to leave the base, or has none: then each rollout
 * lets it wait, or no longer.
 */
function hasOthersOrders(of: OfMachines, rollout: RolloutRow): ExpressionWrapper<Tables, 'rolloutMachine', SqlBool> {
  const withoutBase = of
    .selectFrom('machine')
    .select('machine.machine')
    .whereRef('machine.device', '=', 'rolloutMachine.device')
    .whereRef('machine.machine', '=', 'rolloutMachine.machine')
    .where('base', 'is', null);
  return of.or([isElsewhere(of, rollout), of.exists(withoutBase)]);
}

function isElsewhere(of: OfMachines, rollout: RolloutRow): ExpressionWrapper<Tables, 'rolloutMachine', SqlBool> {
  const plan = JSON.parse(rollout.plan) as Plan;
  const isReachable = of('state', 'in', REACHABLE);
  if (rollout.phase === 'done') return isReachable;
  if (rollout.phase === 'stopped') return of.and([isReachable, of('place', '<', placesTried(rollout))]);
  return of.or([
    of.and([of('place', '<', placesReached(plan, rollout)), of('state', 'in', ['waiting', 'trying'])]),
    of.and([of('place', '<', plan.shadow), of('state', '=', 'waiting')]),
  ]);
}

/** Devices with other labels may be in the group of an open rollout since. */
function relabelled({ queries, now }: Database): Promise<PendingHint[]> {
  return queries
    .selectFrom('history')
    .innerJoin('device', 'device.id', 'history.subject')
    .select('device.id as device')
    .select(({ fn }) => fn.max('time').as('changed'))
    .where(({ eb, selectFrom }) =>
      eb('history.number', '>', eb(selectFrom('historyHead').select('number'), '-', NEWEST_ENTRIES)),
    )
    .where('action', 'in', ['relabel', 'replace'])
    .where('status', '=', 'member')
    .whereRef('seen', '<=', 'history.time')
    .where(({ eb }) => eb('seen', '>', eb(now(), '-', SILENT_AFTER)))
    .groupBy('device.id')
    .execute();
}
