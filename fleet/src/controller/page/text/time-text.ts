import { agoText } from 'spikewire/page';

const two = (number: number) => String(number).padStart(2, '0');

/** Date and time by the clock of the browser's place, as `2026-12-02 18:31`. */
export function timeText(milliseconds: number): string {
  const time = new Date(milliseconds);
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** How long ago something was by the controller's clock, or that it never was. */
export function sinceText(time: number | null, now: number): string {
  return time === null ? 'never' : agoText(now - time);
}

/** How long something lasts, in the largest unit with at least two of it. */
export function spanText(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
