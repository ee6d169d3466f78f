import type { DeviceReport, MachineReport } from 'spikewire/agent';
import type { ReadState } from '../database/device-rows.ts';

/** A report as this release reads it, also one of a later release: what that has added is left out. */
export interface ReadReport extends Omit<DeviceReport, 'machines'> {
  readonly machines: readonly ReadMachine[];
}

export interface ReadMachine extends Omit<MachineReport, 'state'> {
  readonly state: ReadState;
}
