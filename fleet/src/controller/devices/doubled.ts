import type { Expression, ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { SILENT_AFTER } from '../reports/interval.ts';

/** The problem of a device whose key several computers have. */
export const DOUBLED =
  'several computers report with the key of this device, for example after its memory card was copied; see ' +
  'docs/guide/fleet.md';

type OfDevice = ExpressionBuilder<Tables, 'device'>;

/** The columns that a report changes: a process that reports again after a later one runs on another computer. */
export function doubledColumns(of: OfDevice, boot: string | undefined, now: Expression<number>) {
  if (boot === undefined) return {};
  const same = of('device.boot', '=', boot);
  return {
    boot,
    formerBoot: of.case().when(same).then(of.ref('device.formerBoot')).else(of.ref('device.boot')).end(),
    doubled: of.case().when('device.formerBoot', '=', boot).then(now).else(of.ref('device.doubled')).end(),
  };
}

/** Whether that was seen a short while ago, as a part of a query. */
export function isDoubled(of: OfDevice, now: Expression<number>): ExpressionWrapper<Tables, 'device', SqlBool> {
  return of('device.doubled', '>=', of(now, '-', SILENT_AFTER));
}
