const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances between the ticks of a time axis, in milliseconds. */
const DISTANCES = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364, 728, 3640].map((count) => count * DAY),
];

/** A time before it is none of a clock, but a number that somebody gave. */
const CLOCKS_BEGIN = Date.UTC(2000, 0, 1);

/** Whether these are times of a clock, in order, that an axis can be made of. */
export function areClockTimes(times: readonly number[]): boolean {
  if (times.length === 0 || times[0]! < CLOCKS_BEGIN) return false;
  return (
    times.every((time, k) => k === 0 || time >= times[k - 1]!) && (times.length === 1 || times.at(-1)! > times[0]!)
  );
}

/** Ticks between two times, in milliseconds since 1970, on round times of the clock on the wall; at most so many. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const distance = DISTANCES.find((candidate) => (to - from) / candidate <= most) ?? DISTANCES.at(-1)!;
  const offset = new Date(from).getTimezoneOffset() * MINUTE;
  const ticks: number[] = [];
  const first = Math.ceil((from - offset) / distance) * distance + offset;
  for (let tick = first; tick <= to && ticks.length < most + 1; tick += distance) ticks.push(tick);
  return ticks;
}

/** What stands at ticks: the time of day, or the date where the ticks are days apart or a day begins. */
export function tickTexts(ticks: readonly number[]): string[] {
  const distance = (ticks[1] ?? ticks[0] ?? 0) - (ticks[0] ?? 0);
  return ticks.map((tick) => {
    const { date, clock } = partsOf(tick);
    if (distance >= DAY || clock === '00:00:00') return date.slice(distance >= 364 * DAY ? 0 : 5);
    return distance < MINUTE ? clock : clock.slice(0, 5);
  });
}

/** A time for people, with its date where that is not the date of the other. */
export function timeText(time: number, other: number): string {
  const { date, clock } = partsOf(time);
  return date === partsOf(other).date ? clock : `${date} ${clock}`;
}

function partsOf(time: number): { date: string; clock: string } {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    clock: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
  };
}
