import type { DashboardMonitor } from '../source.ts';
import { limitText } from './limit-text.ts';

/** Before each part of a reason stands which monitor gives it. */
const NAMED = /^([a-z][a-z0-9 -]*): /;

/** A reason without the names of the monitors that gave it. */
export function plainReason(reason: string): string {
  return partsOf(reason)
    .map(({ text }) => text)
    .join('; ');
}

/** The same, and behind each part why the limit of its monitor is not the one that ordinary readings have taught. */
export function reasonWithLimits(reason: string, monitors: readonly DashboardMonitor[], now: number): string {
  return partsOf(reason)
    .map(({ title, text }) => {
      const { limitReasons = [] } = monitors.find((monitor) => monitor.title === title) ?? {};
      return limitReasons.length === 0
        ? text
        : `${text} (limit ${limitReasons.map((why) => limitText(why, now)).join(', ')})`;
    })
    .join('; ');
}

function partsOf(reason: string): { title: string | undefined; text: string }[] {
  return reason.split('; ').map((part) => {
    const title = NAMED.exec(part)?.[1];
    return { title, text: part.replace(NAMED, '') };
  });
}
