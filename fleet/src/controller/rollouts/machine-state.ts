import type { ReportedRefusal } from 'spikewire/agent';
import type { MachineRow } from '../database/device-rows.ts';
import type { MachineState, RolloutRow } from '../database/rollout-rows.ts';

/** What a machine does with the base of a rollout, by its newest report. */
export function machineState(
  { sha256, phase }: Pick<RolloutRow, 'sha256' | 'phase'>,
  before: MachineState,
  machine: MachineRow,
): MachineState {
  if (phase === 'stopped') return afterStop(sha256, before, machine);
  if (machine.base === sha256) return 'installed';
  // Whether the base stays there is a matter of the rollouts that follow.
  if (phase === 'done') return before;
  if (machine.pinned) return 'pinned';
  if (hasRefused(machine, sha256)) return 'failed';
  if (machine.candidate === sha256 && (machine.state === 'shadow' || machine.state === 'install')) return 'trying';
  if (before === 'installed' || before === 'failed') return 'failed';
  return machine.unoffered === sha256 ? 'unoffered' : 'waiting';
}

function afterStop(sha256: string, before: MachineState, { base, candidate }: MachineRow): MachineState {
  if (base === sha256 || candidate === sha256) return before;
  return before === 'trying' || before === 'installed' ? 'left' : before;
}

/** Whether the base itself, or what the machine can do, stood against it. A missing way from the base does not. */
export function hasRefused({ refused }: MachineRow, sha256: string): boolean {
  const refusals = JSON.parse(refused) as ReportedRefusal[];
  return refusals.some((each) => each.sha256 === sha256 && each.cause !== 'base');
}
