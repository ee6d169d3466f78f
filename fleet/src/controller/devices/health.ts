import { type Expression, type ExpressionBuilder, type ExpressionWrapper, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { SILENT_AFTER } from '../reports/interval.ts';
import { isDoubled } from './doubled.ts';

/**
 * How a device is. `silent`: a member that has not reported for too long, or never. `problem`: it reports, and at least
 * one of its machines has a problem, or another computer has its key.
 */
export const HEALTHS = ['reporting', 'problem', 'silent', 'retired', 'revoked'] as const;
export type Health = (typeof HEALTHS)[number];

/**
 * The health of a device as a part of a query.
 * @param now of the database
 */
export function healthOf(
  of: ExpressionBuilder<Tables, 'device'>,
  now: Expression<number>,
): ExpressionWrapper<Tables, 'device', Health> {
  const problems = of
    .selectFrom('machine')
    .select('machine.machine')
    .whereRef('machine.device', '=', 'device.id')
    .where('machine.problem', 'is not', null);
  return of
    .case()
    .when('device.status', '!=', 'member')
    .then(sql<Health>`${of.ref('device.status')}`)
    .when(of.or([of('device.seen', 'is', null), of('device.seen', '<', of(now, '-', SILENT_AFTER))]))
    .then(sql<Health>`${sql.lit('silent')}`)
    .when(of.or([isDoubled(of, now), of.exists(problems)]))
    .then(sql<Health>`${sql.lit('problem')}`)
    .else(sql<Health>`${sql.lit('reporting')}`)
    .end();
}
