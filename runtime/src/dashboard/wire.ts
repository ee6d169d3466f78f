import type { Said } from '../desk/said.ts';
import type { UpdateOrder, UpdatesStatus } from '../desk/updates.ts';
import type {
  DashboardCommand,
  DashboardComparison,
  DashboardDescription,
  DashboardLabels,
  DashboardLesson,
  DashboardNet,
  DashboardNetName,
  DashboardNetState,
  DashboardPast,
  DashboardStatus,
} from './source.ts';

/**
 * What travels from the server to the page, by the name of the server-sent event. Each event's data is one JSON text.
 */
export interface DashboardEvents {
  /** First on every connection, and again when the net or a setting of it changed. */
  describe: DescribeEvent;
  /**
   * How the net is, null where that is not known; at the latest every two seconds, so that silence means a dead
   * connection.
   */
  state: DashboardNetState | null;
  /** The whole time of the net: at first, and now and then. */
  past: DashboardPast;
  /** What two models have made of the same readings: at first, and now and then; null where there is one model. */
  comparison: DashboardComparison | null;
  /** Where updates stand: at first, and whenever that changes; null where the process follows no repository. */
  updates: UpdatesStatus | null;
  /** What the newest readings were said to be: now and then, and after a command. */
  labels: DashboardLabels;
  /** After a command, because the next reading may be long in coming. */
  status: StatusEvent;
  /** Up to twenty times a second. */
  readings: ReadingsEvent;
}

export interface DescribeEvent {
  readonly description: DashboardDescription;
  /** The net that this connection shows; null as long as there is none. */
  readonly net: DashboardNet | null;
  /** Readings that are drawn side by side. */
  readonly span: number;
  /** What this viewer may ask for. */
  readonly allowed: readonly DashboardCommand[];
}

/** The answer to `GET nets`: a page of the list. */
export interface NetsPage {
  /** Nets that there are, and those of them that are unusual now. */
  readonly total: number;
  readonly unusual: number;
  /** Nets that the search finds. */
  readonly found: number;
  /** How many of those come before this page, and at most how many a page has. */
  readonly from: number;
  readonly most: number;
  readonly nets: readonly ListedNet[];
}

/** A net in the list, in few bytes. */
export interface ListedNet extends DashboardNetName {
  /** Absent where nothing is known of it. */
  readonly is?: 'unusual' | 'calm' | 'warming' | 'gathering';
  readonly isFrozen?: true;
  readonly isMuted?: true;
  /** Flagged readings; a rise says that something was flagged between two looks. */
  readonly flags: number;
  /** When it was flagged last, in milliseconds since 1970; absent where it was not. */
  readonly flagged?: number;
  /** The newest answer of a net that names classes. */
  readonly answer?: string;
  /** Its newest readings as a small picture, where that was asked for. */
  readonly course?: readonly number[];
}

/** A number, or null where the source had none (NaN has no JSON form). */
export type Value = number | null;

/** Readings in columns, oldest first: entry i of every column belongs to the same reading. */
export interface ReadingsEvent {
  readonly seq: readonly number[];
  readonly time: readonly number[];
  /** How many readings entry i stands for; more than one when they came faster than the viewer takes them. */
  readonly readings: readonly number[];
  /** How many of those were flagged. */
  readonly flags: readonly number[];
  /** Per channel, then per entry. */
  readonly values: readonly (readonly Value[])[];
  readonly expected: readonly (readonly Value[])[];
  readonly score: readonly Value[];
  /** Per monitor, then per entry; absent where there are none. */
  readonly scores?: readonly (readonly Value[])[];
  readonly limit: readonly Value[];
  /** Why an entry is flagged, and what else monitors say of it; empty where they say nothing, or nobody knows. */
  readonly said: readonly (readonly Said[])[];
  readonly error: readonly Value[];
  readonly rate: readonly Value[];
  /** Absent where the net names no classes. */
  readonly named?: NamedColumns;
  /** The first numbers of each channel of the newest reading; absent where it has one of each. */
  readonly signal?: readonly (readonly Value[])[];
  readonly raster: RasterColumns;
  readonly status: ReadingsStatus;
}

/** The columns of {@link DashboardNamed}. */
export interface NamedColumns {
  readonly answer: readonly (string | null)[];
  readonly base: readonly (string | null)[];
  readonly truth: readonly (string | null)[];
}

/** The spikes of all entries in a row; the first `counts[0]` belong to entry 0 and so on. */
export interface RasterColumns {
  readonly windowSteps: number;
  readonly counts: readonly number[];
  readonly steps: readonly number[];
  readonly neurons: readonly number[];
}

/** How the net is now. */
export interface StatusEvent extends Omit<DashboardStatus, 'latencyMicroseconds'> {
  readonly latencyMicroseconds: Value;
  /** The server's clock, in milliseconds since 1970, because the viewer's may be wrong. */
  readonly now: number;
}

/** What only the newest reading can say. */
export interface ReadingsStatus extends StatusEvent {
  /** Whether the newest reading is flagged. */
  readonly anomaly: boolean;
  readonly spikes: number;
  /** Readings that this viewer was not shown one by one, since it connected. */
  readonly merged: number;
  /** Spikes that this viewer was not shown, since it connected. */
  readonly thinned: number;
}

/** The body of `POST command`. */
export interface CommandRequest {
  readonly net: string;
  readonly command: string;
  readonly settings?: Readonly<Record<string, number>>;
  readonly monitor?: string;
  readonly lesson?: DashboardLesson;
  readonly update?: UpdateOrder;
}

/** The answer to `POST command`: a line to show, or what was wrong. */
export type CommandReply = { readonly message: string } | { readonly error: string };
