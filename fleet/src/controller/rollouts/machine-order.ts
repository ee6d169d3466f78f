import type { MachineOrder } from 'spikewire/agent';
import type { MachineRow } from '../database/device-rows.ts';
import type { RolloutMachineRow, RolloutRow } from '../database/rollout-rows.ts';
import { isWithin } from './hours.ts';
import { hasRefused } from './machine-state.ts';
import type { Plan } from './plan.ts';
import { orderFor, placesReached } from './progress.ts';

/** A machine in a rollout, and where that stands. */
export type Membership = RolloutMachineRow &
  Pick<RolloutRow, 'model' | 'channel' | 'sha256' | 'plan' | 'machines' | 'phase' | 'waves' | 'wavePlaces' | 'paused'>;

const KEEP: MachineOrder = { kind: 'keep' };
const WAIT: MachineOrder = { kind: 'wait' };

/**
 * The order for a machine. A machine without a base waits for one that is proven.
 * @param memberships in all rollouts that still say something of the machine, the newest first
 * @param now milliseconds since 1970
 * @param isProven whether the newest rollout for machines like this is done, or there was none
 */
export function machineOrder(
  machine: MachineRow,
  memberships: readonly Membership[],
  isProven: boolean,
  now: number,
): MachineOrder {
  const own = memberships.filter((each) => isOf(each, machine) && (each.standing === 'open' || hasEnded(each)));
  // Of a base, only the newest rollout says something.
  const last = own.filter(({ sha256 }, k) => !own.slice(0, k).some((later) => later.sha256 === sha256));
  const stopped = last.find(({ sha256, phase }) => phase === 'stopped' && canLeave(machine, sha256));
  if (stopped !== undefined) return { kind: 'leave', sha256: stopped.sha256 };
  const newest = last.find(({ phase }) => phase !== 'stopped');
  const order = newest === undefined ? KEEP : orderOf(machine, newest, now);
  return order.kind === 'keep' && machine.base === null && !isProven ? WAIT : order;
}

/** Whether a rollout is for machines with this model and channel. */
export function isOf({ model, channel }: Pick<RolloutRow, 'model' | 'channel'>, machine: MachineRow): boolean {
  return model === machine.model && channel === machine.channel;
}

/** Whether the rollout has. */
export function hasEnded({ phase }: Membership): boolean {
  return phase === 'done' || phase === 'stopped';
}

/** The first base of a machine has none before it to return to. */
function canLeave({ base, former, candidate }: MachineRow, sha256: string): boolean {
  return candidate === sha256 || (base === sha256 && former !== null);
}

function orderOf(machine: MachineRow, membership: Membership, now: number): MachineOrder {
  const { sha256, phase, place, state, paused, told } = membership;
  const has = machine.base === sha256;
  if (state === 'failed' || hasRefused(machine, sha256)) return KEEP;
  const plan = JSON.parse(membership.plan) as Plan;
  const { carrying, hours } = plan;
  const isInTime = has || told === 1 || hours === null || isWithin(hours, now);
  if (phase === 'done') return has || !isInTime ? KEEP : { kind: 'install', sha256, carrying, watch: false };
  const wanted = orderFor(plan, { phase }, place, placesReached(plan, membership));
  if (wanted === 'install' && isInTime && (has || !paused)) return { kind: 'install', sha256, carrying, watch: true };
  // Nothing begins in a pause, and what has begun continues.
  const mayTry = wanted !== 'none' && machine.base !== null && !has;
  if (!mayTry || (paused && machine.candidate !== sha256)) return KEEP;
  const { questionsPerDay } = plan;
  return { kind: 'try', sha256, carrying, ...(questionsPerDay !== null && { questionsPerDay }) };
}
