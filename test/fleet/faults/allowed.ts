import type { Plan, RolloutMachineRow, RolloutRow } from '@spikewire/fleet/controller';
import type { MachineOrder, MachineReport } from 'spikewire/agent';
import type { DeviceEnd } from './history.ts';

/** Whether a rollout, as it is now, allows an order about its base to a machine that has just reported. */
export function allows(
  { phase, waves, paused, plan, machines, wavePlaces }: RolloutRow,
  { place }: RolloutMachineRow,
  order: MachineOrder,
  reported: MachineReport | undefined,
  ignoresPause: boolean,
): boolean {
  if (order.kind === 'leave') return phase === 'stopped';
  if (phase === 'stopped' || !('sha256' in order)) return false;
  if (phase === 'done') return order.kind === 'install';
  const { waves: shares, shadow } = JSON.parse(plan) as Plan;
  // The last wave reaches machines that join later, too.
  const begun = JSON.parse(wavePlaces) as number[];
  const reach = waves === shares.length ? machines : (begun[waves - 1] ?? 0);
  if (order.kind === 'install')
    return place < reach && (!paused || ignoresPause || reported?.base?.sha256 === order.sha256);
  return place < Math.max(shadow, reach) && (!paused || ignoresPause || reported?.candidate === order.sha256);
}

/** How many places a wave that begins is to reach: its share of the machines that can get the base, by the lot. */
export function placesOfWave(rollout: RolloutRow, rows: readonly RolloutMachineRow[]): number {
  const { waves, plan, machines } = rollout;
  const { waves: shares } = JSON.parse(plan) as Plan;
  if (waves === shares.length) return machines;
  const able = rows.filter(({ state }) => ABLE.includes(state)).map(({ place }) => place);
  const count = Math.max(waves, Math.ceil(shares[waves - 1]! * able.length));
  const places = able.sort((a, b) => a - b).slice(0, count);
  return places.length === 0 ? 0 : places.at(-1)! + 1;
}

/** Not one that failed, is pinned, is not offered the base, or is gone. */
const ABLE: readonly string[] = ['waiting', 'trying', 'installed'];

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
