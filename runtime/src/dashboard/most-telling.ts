import type { DashboardDescription, DashboardNet, DashboardNetState } from './source.ts';

/**
 * The net that a viewer sees who names none: the one that the source says, else one that is unusual now, else the one
 * that was last, else the first; undefined where there is none.
 */
export function mostTelling(
  { nets, opensOn }: DashboardDescription,
  states: readonly DashboardNetState[],
): DashboardNet | undefined {
  const unusual = states.find(({ anomaly }) => anomaly);
  const flagged = states.filter(({ last }) => last !== undefined);
  const newest = flagged.reduce<DashboardNetState | undefined>(
    (latest, state) => (latest === undefined || state.last!.ended > latest.last!.ended ? state : latest),
    undefined,
  );
  const id = opensOn ?? (unusual ?? newest)?.net;
  return nets.find((net) => net.id === id) ?? nets[0];
}
