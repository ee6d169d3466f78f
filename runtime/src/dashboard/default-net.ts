import type { DashboardSource } from './source.ts';

/**
 * Id of the net that a viewer sees who names none: the one that the source says, else one that is unusual now, else the
 * one that was last, else the first by id; undefined where there is none.
 */
export function defaultNet(source: Pick<DashboardSource, 'describe' | 'nets' | 'net' | 'state'>): string | undefined {
  const { opensOn } = source.describe();
  if (opensOn !== undefined && source.net(opensOn) !== undefined) return opensOn;
  let [telling, newest]: [string | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  for (const { id } of source.nets()) {
    const state = source.state?.(id);
    if (state?.anomaly) return id;
    const ended = state?.last?.ended ?? Number.NEGATIVE_INFINITY;
    const isFirst = telling === undefined || (ended === newest && id < telling);
    if (isFirst || ended > newest) [telling, newest] = [id, ended];
  }
  return telling;
}
