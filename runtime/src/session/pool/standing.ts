import type { Session } from '../session.ts';

/** Readings that make a net an established one. With fewer it may stand for a topic that nobody will use again. */
export const ESTABLISHED_AFTER = 5;

/** An established net has lost its sensor when nothing came for so many of its usual intervals, and so long. */
const SILENT_INTERVALS = 10;
const LEAST_SILENCE_MS = 600_000;

/** Whether a net has had enough readings that no new one may push it out. */
export function isEstablished({ sequence }: Pick<Session, 'sequence'>): boolean {
  return sequence >= ESTABLISHED_AFTER;
}

/** Whether a net has had no reading for so long, compared to its usual interval, that its sensor is probably gone. */
export function hasLostSensor({ silence, interval }: Pick<Session, 'silence' | 'interval'>): boolean {
  return silence > Math.max(LEAST_SILENCE_MS, SILENT_INTERVALS * (Number.isNaN(interval) ? 0 : interval));
}
