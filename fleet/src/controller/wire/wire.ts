import type { Carrying, LiveValues, MachineOrder } from 'spikewire/agent';
import type { Role } from '../database/person-rows.ts';
import type { Phase } from '../database/rollout-rows.ts';
import type { ReadMachine } from '../reports/read-report.ts';
import type { RolloutRequest } from '../rollouts/beginning.ts';
import type { Plan } from '../rollouts/plan.ts';
import type { RoundRequest } from '../rounds/beginning.ts';

export type { Role } from '../database/person-rows.ts';
export type { RolloutRequest } from '../rollouts/beginning.ts';
export type { RoundRequest } from '../rounds/beginning.ts';

/*
 * What a controller answers to people: JSON documents of `/v1/…`. Times are milliseconds since 1970 by the clock of the
 * database, and what is absent is null.
 */

/** Part of a list. `next`, as `after` of a further request, leads to the part behind it; null at the end. */
export interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** `problem`: it reports, and it or one of its machines has a problem. `silent`: it has not reported for too long. */
export type Health = 'reporting' | 'problem' | 'silent' | 'retired' | 'revoked';

export type Labels = Readonly<Record<string, string>>;

/** A message of `/v1/devices/{id}/live`. */
export interface LiveMessage {
  readonly machines: readonly LiveMachine[];
}

export interface LiveMachine extends LiveValues {
  readonly machine: string;
}

/** `/v1/status` */
export interface ControllerStatus {
  /** Who asks. */
  readonly person: string;
  readonly role: Role;
  /** Of spikewire. */
  readonly version: string;
  readonly now: number;
  /** Milliseconds without a report after which a device is silent. */
  readonly silentAfter: number;
  readonly devices: Readonly<Record<Health, number>>;
  readonly openRollouts: number;
}

/** `/v1/groups`: a label that devices have. */
export interface LabelKey {
  readonly key: string;
  readonly devices: number;
}

/** `/v1/groups?by=<label>`: members with the same value; null: those without the label. */
export interface Group {
  readonly value: string | null;
  readonly devices: number;
  readonly machines: number;
  /** Of the devices. */
  readonly silent: number;
  readonly problem: number;
}

export interface BaseName {
  readonly sha256: string;
  readonly name: string;
}

/** `/v1/devices` */
export interface DeviceSummary {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  readonly health: Health;
  /** Its last report. */
  readonly seen: number | null;
  readonly machines: number;
  /** Different bases that answer on it, at most 3. */
  readonly bases: readonly BaseName[];
  readonly problem: string | null;
}

/** `/v1/devices/<id>` */
export interface DeviceDetails {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  readonly health: Health;
  readonly seen: number | null;
  readonly joined: number;
  readonly version: string | null;
  readonly platform: string | null;
  /** Bytes that all nets of the device may take together. */
  readonly memory: number | null;
  /** Of the device itself; null where there is none, or only its machines have some. */
  readonly problem: string | null;
  readonly machines: readonly MachineDetails[];
  /** At most two, the newest first. */
  readonly backups: readonly DeviceBackup[];
  /** What has left it for rounds, as far as that came here; at most ten, the newest first. */
  readonly shared: readonly DevicePart[];
}

/** Sums of lessons that a device has sent to a round. */
export interface DevicePart {
  readonly round: string;
  readonly time: number;
  /** Lessons of which it has the sums. */
  readonly samples: number;
  readonly bytes: number;
}

/** What the machines of a device have learned: `/v1/devices/<id>/backup` has it encrypted. */
export interface DeviceBackup {
  readonly number: number;
  /** When the controller got it. */
  readonly time: number;
  readonly bytes: number;
}

export interface MachineDetails extends Omit<ReadMachine, 'trial'> {
  /** What it is told at present; null: the device is no member any more. */
  readonly order: MachineOrder | null;
  /** The open rollout that it is in. */
  readonly rollout: { readonly id: string; readonly name: string } | null;
  readonly reported: number;
}

/** `/v1/rollouts` */
export interface RolloutSummary extends Omit<RolloutRequest, 'plan'> {
  readonly id: string;
  readonly phase: Phase;
  /** Waves that have begun. */
  readonly waves: number;
  /** When the phase or the wave began. */
  readonly since: number;
  readonly reason: string | null;
  /** Names of those who have approved the first wave. */
  readonly approvals: readonly string[];
  readonly paused: boolean;
  readonly begun: number;
  readonly begunBy: string;
  readonly ended: number | null;
  readonly machines: number;
  readonly installed: number;
}

/**
 * Of a machine in a rollout. `unoffered`: the repository of its device does not offer the base to it. `left`: it has
 * left the base again, since the rollout was stopped. `gone`: the device is no longer a member, or does not watch this
 * machine with this model any more.
 */
export type MachineState =
  | 'waiting'
  | 'trying'
  | 'installed'
  | 'failed'
  | 'silent'
  | 'pinned'
  | 'unoffered'
  | 'left'
  | 'gone';

/** What both bases have answered to the same readings. */
export interface AnswerCounts {
  readonly compared: number;
  /** Of these, readings with different answers; of these, labelled ones. */
  readonly differed: number;
  readonly labelled: number;
  /** Labels by which only the new base was right, or only the old one. */
  readonly gained: number;
  readonly lost: number;
}

/** `/v1/rollouts/<id>` */
export interface RolloutDetails extends RolloutSummary {
  readonly plan: Plan;
  readonly states: Readonly<Record<MachineState, number>>;
  /** Sums over all machines. */
  readonly counts: AnswerCounts;
  /** Machines with at least one label. */
  readonly judging: number;
  /** E-values of the counts; their limits are gates of the plan. */
  readonly evidence: { readonly worse: number; readonly notWorse: number };
  /** Machines on which the new base answers or has answered. */
  readonly exposed: number;
  /** Of each wave of the plan: its machines, of those that can get the base as of now, and when it began. */
  readonly marks: readonly WaveMark[];
  /** Null where nobody can tell: it is held, paused or ended. */
  readonly expectedEnd: number | null;
  /** For what it waits by the hours of its plan, such as `22:00 (Europe/Berlin)`. */
  readonly waitsUntil: string | null;
}

export interface WaveMark {
  readonly share: number;
  readonly machines: number;
  readonly begun: number | null;
}

/** `/v1/rollouts/<id>/machines`, in the order in which they get the base. */
export interface RolloutMachine extends AnswerCounts {
  readonly device: string;
  /** Of the device. */
  readonly name: string;
  readonly machine: string;
  readonly place: number;
  readonly state: MachineState;
  readonly reported: number | null;
  readonly problem: string | null;
}

/** `/v1/offers`: what the repository of models offers now. */
export interface OfferPage extends PageOf<OfferSummary> {
  /** Of a rollout, where a person does not say otherwise. */
  readonly plan: Plan;
  /** Why the repository cannot be read. */
  readonly problem: string | null;
}

export interface OfferSummary {
  readonly sha256: string;
  readonly name: string;
  readonly model: string;
  readonly channel: string;
  readonly groups: readonly string[];
  readonly form: string;
  readonly carrying: readonly Carrying[];
  /** Machines with this model and channel; of these, machines on which this base answers. */
  readonly machines: number;
  readonly installed: number;
}

/** `/v1/rounds`: devices learn from each other. */
export interface RoundSummary extends Omit<RoundRequest, 'days'> {
  readonly id: string;
  readonly deadline: number;
  /** Parts that have come, and, when it has ended, those that have a say in the result. */
  readonly parts: number;
  readonly taken: number;
  /** It takes parts, computes its result, and has one or none. */
  readonly phase: 'open' | 'closing' | 'done' | 'empty';
  /** Why it has ended without a result. */
  readonly reason: string | null;
  readonly begun: number;
  readonly begunBy: string;
  readonly ended: number | null;
  /** Of the model file that it has made. */
  readonly resultSha256: string | null;
}

/** `/v1/rounds/<id>` */
export interface RoundDetails extends RoundSummary {
  /** Lessons of all parts that have come. */
  readonly lessons: number;
  /** Why parts were left out, and how many. */
  readonly leftOut: readonly { readonly reason: string; readonly parts: number }[];
}

/** `/v1/tokens`: by which devices join. */
export interface JoinToken {
  readonly id: string;
  /** That devices get by it. */
  readonly labels: Labels;
  readonly expires: number;
  /** Devices that can still join. */
  readonly uses: number;
  readonly madeBy: string;
  readonly made: number;
}

/** `/v1/people` */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly made: number;
  readonly madeBy: string;
}

/** `/v1/history`, the newest first. */
export interface HistoryEntry {
  readonly number: number;
  readonly time: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: unknown;
}

/** `/v1/history/chain`, the oldest first: as an entry is stored, and its hash computed. */
export type { HistoryRow as ChainEntry } from '../database/tables.ts';
