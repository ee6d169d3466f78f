/** Readings by what was said and what was so. */
export interface Counts {
  readonly found: number;
  readonly falseAlarms: number;
  readonly missed: number;
  readonly quiet: number;
}

/** Each reading from an index on counts once. */
export function countsOf(alarms: readonly boolean[], labels: readonly boolean[], from = 0): Counts {
  const count = (alarm: boolean, label: boolean) => {
    return labels.filter((each, at) => at >= from && each === label && alarms[at] === alarm).length;
  };
  return {
    found: count(true, true),
    falseAlarms: count(true, false),
    missed: count(false, true),
    quiet: count(false, false),
  };
}

/** F1 of all series together; 0 where nothing is found. */
export function f1Of(series: readonly Counts[]): number {
  const [found, falseAlarms, missed] = [total(series, 'found'), total(series, 'falseAlarms'), total(series, 'missed')];
  return (2 * found) / (2 * found + falseAlarms + missed || 1);
}

/** Share of the readings without an anomaly that are called one. */
export function falseAlarmsOf(series: readonly Counts[]): number {
  const falseAlarms = total(series, 'falseAlarms');
  return falseAlarms / (falseAlarms + total(series, 'quiet') || 1);
}

function total(series: readonly Counts[], key: keyof Counts): number {
  return series.reduce((sum, each) => sum + each[key], 0);
}
