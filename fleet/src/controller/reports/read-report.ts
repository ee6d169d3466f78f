import type { DeviceReport, MachineReport, UpdateState } from 'spikewire/agent';

/** What the update of a machine does. `unknown`: something that only a later release knows. */
export type ReadState = UpdateState | 'unknown';

/** A report as this release reads it, also one of a later release: what that has added is left out. */
export interface ReadReport extends Omit<DeviceReport, 'machines'> {
  readonly machines: readonly ReadMachine[];
}

export interface ReadMachine extends Omit<MachineReport, 'state'> {
  readonly state: ReadState;
}
