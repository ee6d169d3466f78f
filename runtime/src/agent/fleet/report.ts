import type { UpdateState } from '../../desk/updates.ts';
import type { Carrying } from '../repository/offer.ts';

/** Of a report, in bytes of JSON. */
export const LARGEST_REPORT = 65_536;
/** Of one device. */
export const MOST_REPORTED_MACHINES = 64;
/** Of a machine. */
export const MOST_REPORTED_GROUPS = 16;
/** Of the name of a model, a channel or a group, in characters. */
export const LONGEST_REPORTED_NAME = 128;
/** Of a machine. */
export const MOST_REPORTED_REFUSALS = 8;
/** Of a text for people in a report, in characters. */
export const LONGEST_REPORTED_TEXT = 300;

/** What a device tells its controller at each request. */
export interface DeviceReport {
  readonly format: 1;
  /** Version of spikewire. */
  readonly version: string;
  /** Of what the device consists, for people, such as `linux arm64, Node 20.20.2`. */
  readonly platform: string;
  /** Bytes that all nets of the device may take together. */
  readonly memory: number;
  /** Drawn at the start of the process, 16 hex digits: two computers with one key are noticed by it. */
  readonly boot?: string | undefined;
  readonly machines: readonly MachineReport[];
}

/** A machine that a device watches, and the model that it has for it. */
export interface MachineReport {
  /** Unique on the device. */
  readonly machine: string;
  /** Name and channel of the model in the repository, and the groups of the device for it. */
  readonly model: string;
  readonly channel: string;
  readonly groups: readonly string[];
  readonly state: UpdateState;
  /** The base that answers; null before the first one. */
  readonly base: ReportedBase | null;
  /** SHA-256 of the base before it, to which the machine can return; null where there is none. */
  readonly former: string | null;
  /** SHA-256 of the base that is being fetched or tried; null where there is none. */
  readonly candidate: string | null;
  /** The candidate beside the base or, in a probation, the base beside the former one; null before that. */
  readonly trial: ReportedTrial | null;
  /** Bases that were tried and not kept, at most 8, the newest last. */
  readonly refused: readonly ReportedRefusal[];
  /** Readings since the start of the process. */
  readonly readings: number;
  /** Of the newest labelled readings; null where there is none. */
  readonly accuracy: { readonly right: number; readonly of: number } | null;
  /** Labels that the net has learned from since the base answers. */
  readonly lessons: number;
  /** Since the start of the process. */
  readonly alarms: number;
  /** Whether a monitor of the input reports drift. */
  readonly drift: boolean;
  /** Whether a person at the device has forbidden updates. */
  readonly pinned: boolean;
  /** SHA-256 of the base that was ordered, where the repository does not offer it to this machine. */
  readonly unoffered?: string | null | undefined;
  /** What fails at present, for people; null where nothing does. */
  readonly problem: string | null;
}

export interface ReportedBase {
  /** Of its file, in hex. */
  readonly sha256: string;
  readonly name: string;
  /** How it received what the former base had learned; null: it was the first. */
  readonly carrying: Carrying | null;
  /** When it began to answer, by the clock of the device; ISO 8601. */
  readonly since: string;
}

/** What a new base and an old one have answered to the same readings. */
export interface ReportedTrial {
  /** Of the new base. */
  readonly sha256: string;
  readonly ways: readonly ReportedWay[];
  /**
   * When it began to count from 0, by the clock of the device; ISO 8601. It tells a trial from one that begins anew.
   */
  readonly begun?: string | undefined;
}

/** Counts are since the trial or the probation began, over restarts. */
export interface ReportedWay {
  readonly carrying: Carrying;
  /** Readings to which both bases gave an answer; of these, those with different answers; of these, those labelled. */
  readonly compared: number;
  readonly differed: number;
  readonly labelled: number;
  /** Labels by which only the new base was right, or only the old one. */
  readonly gained: number;
  readonly lost: number;
  /** Why this way cannot be installed; null where it can. */
  readonly ended: string | null;
}

export interface ReportedRefusal {
  readonly sha256: string;
  readonly cause: 'model' | 'machine' | 'base';
  readonly reason: string;
}
