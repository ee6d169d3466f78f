import type { DeviceBackupRow, DeviceLabelRow, DeviceRow, JoinTokenRow, MachineRow } from './device-rows.ts';
import type { PersonRow } from './person-rows.ts';
import type { RolloutMachineRow, RolloutRow } from './rollout-rows.ts';
import type { RoundPartRow, RoundRow } from './round-rows.ts';

/**
 * The rows of a controller, alike in SQLite and PostgreSQL. Times are milliseconds since 1970 by the clock of the
 * database, so that controllers whose clocks differ agree. Numbers are 64-bit integers, which hold whatever JSON says
 * exactly; only flags, 0 or 1, have 32 bits in PostgreSQL.
 */
export interface Tables {
  lease: LeaseRow;
  history: HistoryRow;
  historyHead: HistoryHeadRow;
  device: DeviceRow;
  deviceLabel: DeviceLabelRow;
  machine: MachineRow;
  deviceBackup: DeviceBackupRow;
  joinToken: JoinTokenRow;
  rollout: RolloutRow;
  rolloutMachine: RolloutMachineRow;
  round: RoundRow;
  roundPart: RoundPartRow;
  person: PersonRow;
}

/** Work that one controller at a time does. */
export interface LeaseRow {
  readonly name: string;
  readonly holder: string;
  /** One more with every new holder: what an earlier one still writes is refused. */
  readonly epoch: number;
  readonly expires: number;
}

/**
 * What has happened. Each entry names the hash of the one before: whoever has kept the hash of an entry notices a
 * change of it or of those before. Nobody else does, since the whole chain can be computed anew.
 */
export interface HistoryRow {
  /** From 1, without a gap. */
  readonly number: number;
  readonly time: number;
  /** Who did it: a person, a device, or the controller. */
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** A JSON document. */
  readonly details: string;
  /** Hash of the entry before; 64 zeros for the first. */
  readonly previous: string;
  readonly hash: string;
}

/** The newest entry, in the only row: whoever adds one waits for it. */
export interface HistoryHeadRow {
  readonly id: number;
  readonly number: number;
  readonly hash: string;
}
