import { type Said, sentenceOf } from '../../desk/said.ts';
import type { DashboardMonitor } from '../source.ts';
import { limitText } from './limit-text.ts';

/** What is said, and behind each reason why the limit of its monitor is not the one that ordinary readings have taught. */
export function reasonWithLimits(said: readonly Said[], monitors: readonly DashboardMonitor[], now: number): string {
  return sentenceOf(
    said.map((each) => {
      const { limitReasons = [] } = monitors.find(({ title }) => title === each.title) ?? {};
      if (each.reason === undefined || limitReasons.length === 0) return each;
      return { ...each, reason: `${each.reason} (limit ${limitReasons.map((why) => limitText(why, now)).join(', ')})` };
    }),
  );
}
