import type { DashboardMonitor } from '../../source.ts';
import { areClockTimes, timeText } from '../time-axis.ts';
import { numberText } from './number-text.ts';

type LimitReason = DashboardMonitor['limitReasons'][number];
type CalledNormal = Extract<LimitReason, { kind: 'called-normal' }>;

const BY: Readonly<Record<CalledNormal['by'], string>> = {
  person: 'raised because somebody pressed “That was normal”',
  recurring: 'raised because the same deviation came three times and ended by itself each time',
  'warm-up': 'raised because the warm-up had such readings',
};

/**
 * Why a limit is not the one that ordinary readings have taught, for people.
 *
 * @param now milliseconds since 1970: times of the same day stand without their date
 */
export function limitText(reason: LimitReason, now: number): string {
  if (reason.kind === 'set') return `set by hand instead of ${numberText(reason.from)}`;
  if (reason.kind === 'called-normal') return BY[reason.by] + stretchText(reason, now);
  if (reason.kind === 'remembered') return 'raised because an ordinary value was recently almost as unexpected';
  const { readings, isForNow } = reason;
  if (!isForNow) return `adapted to a lasting change: ${numberText(readings)} more unusual readings than ordinary ones`;
  return readings === 1
    ? 'raised by an unusual reading, until the next ordinary reading'
    : `raised by ${numberText(readings)} unusual readings, until as many ordinary readings have come`;
}

function stretchText({ first, last, begun, ended }: CalledNormal, now: number): string {
  if (first === undefined || last === undefined) return '';
  const isOne = first === last;
  const which = isOne ? `reading ${first}` : `readings ${first} to ${last}`;
  if (begun === undefined || ended === undefined || !areClockTimes([begun])) return ` (${which})`;
  return ` (${which}, ${timeText(begun, now)}${isOne ? '' : ` to ${timeText(ended, begun)}`})`;
}
