import { describeValue, SpikewireError } from '@spikewire/models';

/** Milliseconds began to be more than this in March 1973; seconds will be in the year 5138. */
const SECONDS_BELOW = 1e11;
/** The end of the year 2199: no sensor is of a later time, and microseconds since 1970 are. */
const LATEST = Date.UTC(2200, 0);
/** Date, time and zone of ISO 8601 with the most common liberties. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Milliseconds since 1970 of a number of seconds (below 10^11) or milliseconds, or of a text of ISO 8601; one without a
 * zone is local time, a day alone its midnight in UTC. Throws `input`.
 */
export function timeIn(value: unknown, name: string): number {
  const time = typeof value === 'string' ? (fromIso(value) ?? fromNumber(value)) : fromNumber(value);
  if (time !== undefined && time >= 0 && time < LATEST) return time;
  const expected = 'seconds or ms since 1970, or ISO 8601';
  throw new SpikewireError('input', name, `is ${describeValue(value)}`, expected);
}

function fromNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}(\.\d{1,9})?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  // To the microsecond: a decimal fraction of a second is no binary one.
  return Math.abs(number) < SECONDS_BELOW ? Math.round(number * 1e6) / 1000 : number;
}

function fromIso(text: string): number | undefined {
  const [, day, time, fraction, zone = ''] = ISO.exec(text) ?? [];
  if (day === undefined) return undefined;
  if (time === undefined) return Date.parse(day);
  const digits = zone.replace(':', '');
  const offset = /^[+-]/.test(digits) ? `${digits.slice(0, 3)}:${digits.slice(3) || '00'}` : digits.toUpperCase();
  return Date.parse(`${day}T${time}${fraction === undefined ? '' : `.${fraction.slice(0, 3)}`}${offset}`);
}
