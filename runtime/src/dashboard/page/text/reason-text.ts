import type { DashboardMonitor, DashboardReading } from '../../source.ts';
import { limitText } from './limit-text.ts';

type Said = NonNullable<DashboardReading['said']>[number];

/** What monitors say, without their titles, which stand beside it on the page. */
export function saidText(said: readonly Said[]): string {
  return said.flatMap(({ note, reason }) => [note ?? [], reason ?? []].flat()).join('; ');
}

/** The same, and behind each reason why the limit of its monitor is not the one that ordinary readings have taught. */
export function reasonWithLimits(said: readonly Said[], monitors: readonly DashboardMonitor[], now: number): string {
  return saidText(
    said.map((each) => {
      const { limitReasons = [] } = monitors.find(({ title }) => title === each.title) ?? {};
      if (each.reason === undefined || limitReasons.length === 0) return each;
      return { ...each, reason: `${each.reason} (limit ${limitReasons.map((why) => limitText(why, now)).join(', ')})` };
    }),
  );
}
