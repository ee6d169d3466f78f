import type { Plan, RolloutMachineRow, RolloutRow } from '@spikewire/fleet/controller';
import type { MachineOrder, MachineReport } from 'spikewire/agent';
import type { DeviceEnd } from './history.ts';

/** Whether a rollout, as it is now, allows an order about its base to a machine that has just reported. */
export function allows(
  { phase, waves, paused, plan, machines }: RolloutRow,
  { place }: RolloutMachineRow,
  order: MachineOrder,
  reported: MachineReport | undefined,
  ignoresPause: boolean,
): boolean {
  if (order.kind === 'leave') return phase === 'stopped';
  if (phase === 'stopped' || !('sha256' in order)) return false;
  if (phase === 'done') return order.kind === 'install';
  const { waves: shares, shadow } = JSON.parse(plan) as Plan;
  const reach = waves === 0 ? 0 : Math.max(waves, Math.ceil(shares[waves - 1]! * machines));
  if (order.kind === 'install')
    return place < reach && (!paused || ignoresPause || reported?.base?.sha256 === order.sha256);
  return place < Math.max(shadow, reach) && (!paused || ignoresPause || reported?.candidate === order.sha256);
}

/**
 * Bases with which a machine may end.
 * @param first the one that it was given
 * @param rollouts those in which the machine is, in their order
 */
export function allowedBases(
  first: string,
  rollouts: readonly RolloutRow[],
  { former, refused, problem }: Pick<DeviceEnd['entry'], 'former' | 'refused'> & Pick<DeviceEnd, 'problem'>,
): ReadonlySet<string> {
  let allowed = new Set([first]);
  const before = new Map<string, ReadonlySet<string>>();
  for (const { sha256, phase } of rollouts) {
    if (phase === 'done') {
      const hasReason = problem !== undefined || refused.some((each) => each.sha256 === sha256 && each.reason !== '');
      before.set(sha256, allowed);
      allowed = new Set([sha256, ...(hasReason ? allowed : [])]);
    } else if (phase === 'stopped') {
      // Without a former base there is none to return to.
      const rest = [...allowed, ...(before.get(sha256) ?? [])].filter((each) => each !== sha256 || former === null);
      allowed = new Set(rest);
    }
  }
  return allowed;
}
