import { SpikewireError } from '@spikewire/models';

/** The hours of a week in which a new base may come to machines, by the clock on a wall of the zone. */
export interface Hours {
  /** `HH:MM`. Where `to` is not after it, the hours end on the next day. */
  readonly from: string;
  readonly to: string;
  /** On which they begin; absent: each day. */
  readonly days?: readonly (typeof DAYS)[number][] | undefined;
  /** IANA name, such as `Europe/Berlin`. */
  readonly zone: string;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
/** In minutes: more than any change of the clocks. */
const MOST_CHANGE = 180;
/** In milliseconds: the clocks may skip the only hours of a week. */
const MOST_WAIT = 15 * DAY_MINUTES * MINUTE;

/** Throws `usage` for the first value that is wrong. */
export function checkHours(hours: Hours): void {
  const { from, to, days = DAYS, zone } = hours;
  for (const [name, text] of Object.entries({ from, to }))
    if (!/^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(text)) throw wrong(name, text, 'HH:MM, from 00:00 to 23:59');
  if (days.length === 0 || !days.every((day) => DAYS.includes(day))) throw wrong('days', days, DAYS.join(', '));
  try {
    clockOf(zone);
  } catch {
    throw wrong('zone', zone, 'an IANA name of a time zone, such as Europe/Berlin');
  }
}

/** Whether a time, in milliseconds since 1970, is in the hours. */
export function isWithin(hours: Hours, time: number): boolean {
  return isOpenAt(hours, wallTime(clockOf(hours.zone), time));
}

/**
 * When the present hours began: to the minute, or to an hour on a day on which the clocks change; undefined outside of
 * the hours.
 * @param time now, in milliseconds since 1970
 */
export function openedAt(hours: Hours, time: number): number | undefined {
  const wall = wallTime(clockOf(hours.zone), time);
  if (!isOpenAt(hours, wall)) return undefined;
  const minutes = (wall.minutes - minutesOf(hours.from) + DAY_MINUTES) % DAY_MINUTES;
  return (Math.floor(time / MINUTE) - minutes) * MINUTE;
}

/** The time itself where it is in the hours, or else when they begin next; to the minute. */
export function opening(hours: Hours, time: number): number {
  const clock = clockOf(hours.zone);
  const from = minutesOf(hours.from);
  let next = time;
  while (next < time + MOST_WAIT) {
    const wall = wallTime(clock, next);
    if (isOpenAt(hours, wall)) return next;
    const minutes = (from - wall.minutes + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
    // Minute by minute shortly before and after they begin, since the clocks may change.
    const isFar = minutes > MOST_CHANGE && minutes < DAY_MINUTES - MOST_CHANGE;
    next = (Math.floor(next / MINUTE) + (isFar ? minutes - MOST_CHANGE : 1)) * MINUTE;
  }
  return next;
}

/** When the hours begin next, for people: `22:00 (Europe/Berlin)`, with the date where that is another one. */
export function openingText(hours: Hours, time: number): string {
  const clock = clockOf(hours.zone);
  const [now, next] = [wallTime(clock, time), wallTime(clock, opening(hours, time))];
  return `${now.date === next.date ? '' : `${next.date} `}${next.text} (${hours.zone})`;
}

interface WallTime {
  readonly date: string;
  readonly text: string;
  /** Since midnight. */
  readonly minutes: number;
  /** 0: Monday. */
  readonly day: number;
}

function isOpenAt({ from, to, days = DAYS }: Hours, { minutes, day }: WallTime): boolean {
  const [first, last] = [minutesOf(from), minutesOf(to)];
  const beginsOn = (weekday: number) => days.includes(DAYS[weekday]!);
  if (first < last) return minutes >= first && minutes < last && beginsOn(day);
  return minutes >= first ? beginsOn(day) : minutes < last && beginsOn((day + 6) % 7);
}

function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number) as [number, number];
  return 60 * hours + minutes;
}

/** Throws for a zone that does not exist. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const [year, two] = ['numeric', '2-digit'] as const;
  return new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short' },
    ...{ year, month: two, day: two, hour: two, minute: two },
  });
}

function wallTime(clock: Intl.DateTimeFormat, time: number): WallTime {
  const parts = Object.fromEntries(clock.formatToParts(time).map(({ type, value }) => [type, value]));
  const text = `${parts.hour}:${parts.minute}`;
  const day = (DAYS as readonly string[]).indexOf(parts.weekday!.toLowerCase());
  return { date: `${parts.year}-${parts.month}-${parts.day}`, text, minutes: minutesOf(text), day };
}

function wrong(name: string, value: unknown, expected: string): SpikewireError {
  return new SpikewireError('usage', `plan, hours.${name}`, `is ${JSON.stringify(value)}`, expected);
}
