import type { Expression, ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { SILENT_AFTER } from '../reports/interval.ts';

/** The problem of a device whose key several computers have. */
export const DOUBLED =
  'several computers report with the key of this device, for example after its memory card was copied; see ' +
  'docs/guide/fleet.md';

type OfDevice = ExpressionBuilder<Tables, 'device'>;

/**
 * The columns that a report changes: a process that reports again after a later one runs on another computer.
 * @param boot of the process that reports; null where it does not say
 */
export function doubledColumns(of: OfDevice, boot: Expression<string | null>, now: Expression<number>) {
  const isSame = of.or([of(boot, 'is', null), of(boot, '=', of.ref('device.boot'))]);
  return {
    boot: of.fn.coalesce(boot, of.ref('device.boot')),
    formerBoot: of.case().when(isSame).then(of.ref('device.formerBoot')).else(of.ref('device.boot')).end(),
    doubled: of.case().when(of.ref('device.formerBoot'), '=', boot).then(now).else(of.ref('device.doubled')).end(),
  };
}

/** Whether that was seen a short while ago, as a part of a query. */
export function isDoubled(of: OfDevice, now: Expression<number>): ExpressionWrapper<Tables, 'device', SqlBool> {
  return of('device.doubled', '>=', of(now, '-', SILENT_AFTER));
}
