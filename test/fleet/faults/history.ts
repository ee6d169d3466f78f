import type { DeviceRow, LeaseRow, RolloutMachineRow, RolloutRow } from '@spikewire/fleet/controller';
import type { DeviceReport, JournalEntry, Orders, UpdateState } from 'spikewire/agent';

export type Action = 'begin' | 'approve' | 'abort' | 'pause' | 'resume';

/** What a controller does at the request of somebody, or by itself. */
export type Operation =
  | { readonly kind: 'join'; readonly device: string }
  /** Stores reports, of one device or of several. */
  | { readonly kind: 'report' }
  | { readonly kind: 'act'; readonly act: number; readonly action: Action; readonly person: string }
  /** `hasLooked`: the lease was this controller's by the time of the transaction. */
  | { readonly kind: 'look'; readonly rollout: string; readonly epoch: number; hasLooked: boolean };

/** Rows that a transaction has changed, as it has left them. */
export interface ChangedRows {
  readonly rollouts: readonly RolloutRow[];
  readonly machines: readonly RolloutMachineRow[];
  readonly leases: readonly LeaseRow[];
  /** The last request of devices, by its counter and version. */
  readonly reported: readonly ReportedRow[];
}

export type ReportedRow = Pick<DeviceRow, 'id' | 'counter' | 'version'>;

/** The version that a request reports: by it the controller's row of the device says which request it has accepted. */
export function versionOf(request: number): string {
  return `request ${request}`;
}

/** Something that happened in a run, in the order in which it did. */
export type Happening =
  | { readonly kind: 'published'; readonly sha256: string }
  /** A device sends a request; the network may lose, delay or double it. */
  | {
      readonly kind: 'sent';
      readonly request: number;
      readonly device: string;
      readonly counter: number;
      readonly etag: string | undefined;
      readonly report: DeviceReport;
    }
  | { readonly kind: 'begun' | 'undone'; readonly transaction: number; readonly operation: Operation | undefined }
  | {
      readonly kind: 'committed';
      readonly transaction: number;
      readonly controller: string;
      readonly operation: Operation | undefined;
      readonly rows: ChangedRows;
    }
  /** A controller answers, whether the device hears it or not; null: the orders that the device has still hold. */
  | { readonly kind: 'answered'; readonly request: number; readonly answer: Answer }
  /** The orders are durable on the device. */
  | { readonly kind: 'heard'; readonly device: string; readonly orders: Orders }
  | { readonly kind: 'started'; readonly device: string; readonly base: string }
  | { readonly kind: 'entered'; readonly device: string; readonly state: UpdateState }
  /** From now on this base answers. */
  | { readonly kind: 'answers'; readonly device: string; readonly base: string }
  | { readonly kind: 'took'; readonly controller: string; readonly name: string; readonly epoch: number }
  | { readonly kind: 'done'; readonly act: number; readonly action: Action; readonly problem: string | undefined }
  /** Only for people who read a trace. */
  | { readonly kind: 'fault'; readonly what: string };

export type Answer = { readonly orders: Orders; readonly etag: string } | null;

export type Moment = Happening & { /** In milliseconds since the run began. */ readonly at: number };

/** An entry of the controller's own history, as it is in the database. */
export interface NotedRow {
  readonly number: number;
  readonly time: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: string;
  readonly previous: string;
  readonly hash: string;
}

/** What there is when the faults have ended and everybody had time. */
export interface RunEnd {
  /** Whether all rollouts have ended, and all devices have carried out their orders, in time. */
  readonly isReached: boolean;
  readonly rollouts: readonly RolloutRow[];
  readonly machines: readonly RolloutMachineRow[];
  readonly noted: readonly NotedRow[];
  /** Counter of the last request of each device, as the controller knows it. */
  readonly counters: Readonly<Record<string, number>>;
  /** Sums that the controller shows for each rollout. */
  readonly shown: Readonly<Record<string, Counts>>;
  readonly devices: readonly DeviceEnd[];
}

export interface DeviceEnd {
  readonly device: string;
  readonly entry: Pick<JournalEntry, 'state' | 'current' | 'former' | 'refused'>;
  readonly problem: string | undefined;
}

export type Counts = Pick<RolloutMachineRow, 'compared' | 'differed' | 'labelled' | 'gained' | 'lost'>;

/** All that happened in a run, and how it ended. */
export interface RunHistory {
  readonly moments: readonly Moment[];
  readonly end: RunEnd;
}
