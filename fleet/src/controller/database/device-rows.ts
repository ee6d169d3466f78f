import type { Carrying, UpdateState } from 'spikewire/agent';

export interface DeviceRow {
  /** Made from its public key: see `deviceId`. */
  readonly id: string;
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  /** For people; not unique. */
  readonly name: string;
  /** A JSON object of texts; also in `deviceLabel`, by which they are searched. */
  readonly labels: string;
  readonly joined: number;
  /** Its last report. This and what follows from it is null before the first one. */
  readonly seen: number | null;
  /** Of its last request. */
  readonly counter: number;
  readonly status: DeviceStatus;
  readonly version: string | null;
  readonly platform: string | null;
  readonly memory: number | null;
  /** Of the process that has reported last, and of the one before it; null where it does not say. */
  readonly boot: string | null;
  readonly formerBoot: string | null;
  /** When a process last reported after a later one: several computers have the key. Null: never. */
  readonly doubled: number | null;
}

/** `retired`: a person has taken it out of use. `revoked`: its key may be in other hands. Both are final. */
export type DeviceStatus = 'member' | 'retired' | 'revoked';

export interface DeviceLabelRow {
  readonly device: string;
  readonly key: string;
  readonly value: string;
}

/** What the update of a machine does. `unknown`: something that only a later release knows. */
export type ReadState = UpdateState | 'unknown';

/** A machine that a device watches, as in the device's newest report (`MachineReport`). */
export interface MachineRow {
  readonly device: string;
  readonly machine: string;
  readonly model: string;
  readonly channel: string;
  /** A JSON list of texts. */
  readonly groups: string;
  readonly state: ReadState;
  /** SHA-256 of the base that answers; this and the next three are null before the first one. */
  readonly base: string | null;
  readonly baseName: string | null;
  readonly carrying: Carrying | null;
  readonly since: string | null;
  readonly former: string | null;
  readonly candidate: string | null;
  /** A JSON list of `ReportedRefusal`. */
  readonly refused: string;
  readonly readings: number;
  readonly right: number | null;
  readonly rightOf: number | null;
  readonly lessons: number;
  readonly alarms: number;
  readonly drift: 0 | 1;
  readonly pinned: 0 | 1;
  readonly unoffered: string | null;
  readonly problem: string | null;
}

/** What the machines of a device have learned, encrypted for a key that no controller has. */
export interface DeviceBackupRow {
  readonly device: string;
  /** Counter of the request that brought it: a newer one has a higher number. */
  readonly number: number;
  readonly time: number;
  readonly bytes: number;
  readonly content: Uint8Array;
}

export interface JoinTokenRow {
  /** SHA-256 of the token, which nobody can read here. */
  readonly hash: string;
  /** Of the devices that join by it; a JSON object. */
  readonly labels: string;
  readonly expires: number;
  /** Devices that may still join by it. */
  readonly uses: number;
  readonly madeBy: string;
  readonly made: number;
}
