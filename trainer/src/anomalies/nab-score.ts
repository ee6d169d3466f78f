/** What a false alarm and a missed window cost, in found windows (Lavin and Ahmad 2015, table 1). */
export interface NabProfile {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

export const nabProfiles = {
  standard: { falsePositive: 0.11, falseNegative: 1 },
  lowFalsePositives: { falsePositive: 0.22, falseNegative: 1 },
  lowFalseNegatives: { falsePositive: 0.11, falseNegative: 2 },
} as const satisfies Record<string, NabProfile>;

/** First and last reading of an anomaly, as labelled. */
export type Window = readonly [first: number, last: number];

/** Readings at the beginning that no detector is judged by: 15 % of a file, of 5,000 readings at most. */
export function probationOf(length: number): number {
  return Math.floor(0.15 * Math.min(length, 5000));
}

/** What the detections of one file come to, before a profile weighs them. */
export interface NabTally {
  readonly windows: number;
  readonly missed: number;
  /** Sum over the windows found of what the earliest detection in each is worth, at most 1. */
  readonly found: number;
  /** Sum over the detections outside of windows, each −1…0, the nearer behind a window the less. */
  readonly wrong: number;
}

/**
 * Counts the detections of a file of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015): in each window the earliest
 * one counts, by a sigmoid from 1 at the window's beginning to 0 behind its end; outside every one does, by the same
 * sigmoid down to −1.
 *
 * @param detections readings, ascending
 * @param windows ascending, without overlap
 */
export function tally(length: number, windows: readonly Window[], detections: readonly number[]): NabTally {
  const earliest = windows.map(() => Number.NaN);
  let wrong = 0;
  for (const at of detections) {
    if (at < probationOf(length)) continue;
    const own = windows.findIndex(([first, last]) => at >= first && at <= last);
    if (own < 0) wrong += behind(windows.filter(([, last]) => last < at).at(-1), at);
    else if (Number.isNaN(earliest[own]!)) earliest[own] = within(windows[own]!, at);
  }
  const hits = earliest.filter((value) => !Number.isNaN(value));
  const found = hits.reduce((sum, value) => sum + value, 0);
  return { windows: windows.length, missed: windows.length - hits.length, found, wrong };
}

/** 100 for the earliest possible detection of every window and nothing else, 0 for no detection at all. */
export function nabScore(tallies: readonly NabTally[], { falsePositive, falseNegative }: NabProfile): number {
  let [raw, windows] = [0, 0];
  for (const each of tallies) {
    raw += each.found + falsePositive * each.wrong - falseNegative * each.missed;
    windows += each.windows;
  }
  return (100 * (raw + falseNegative * windows)) / (windows * (1 + falseNegative));
}

function within([first, last]: Window, at: number): number {
  return sigmoid(-(last - at + 1) / (last - first + 1)) / sigmoid(-1);
}

function behind(window: Window | undefined, at: number): number {
  if (window === undefined) return -1;
  const [first, last] = window;
  const distance = (at - last) / Math.max(last - first, 1);
  return distance > 3 ? -1 : sigmoid(distance);
}

function sigmoid(y: number): number {
  return 2 / (1 + Math.exp(5 * y)) - 1;
}
