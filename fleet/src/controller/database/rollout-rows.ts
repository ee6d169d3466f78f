export interface RolloutRow {
  readonly id: string;
  readonly name: string;
  /** Of the machines to which it brings the base. */
  readonly model: string;
  readonly channel: string;
  /** Of the base's file. */
  readonly sha256: string;
  /** Of the devices; a JSON object. */
  readonly labels: string;
  /** A JSON document. */
  readonly plan: string;
  /** Machines that have got a place. */
  readonly machines: number;
  /**
   * Of these, the machines on which the base answered when a controller last summed up; at its end, if it has ended.
   */
  readonly installed: number;
  readonly phase: Phase;
  readonly waves: number;
  /** When each wave began; a JSON list. */
  readonly waveTimes: string;
  /** How many places each of them has reached; a JSON list. */
  readonly wavePlaces: string;
  readonly since: number;
  readonly reason: string | null;
  /** Names of those who have approved the first wave; a JSON list. */
  readonly approvals: string;
  readonly paused: 0 | 1;
  readonly begun: number;
  readonly begunBy: string;
  /** Null while it is open. */
  readonly ended: number | null;
}

/**
 * Where a rollout stands: the base is tried beside the present one (`shadow`), comes to one wave after another
 * (`waves`), waits for a person in either of them (`held`), or has ended, everywhere (`done`) or nowhere (`stopped`).
 * The former base is watched beside the new one until the end.
 */
export type Phase = 'shadow' | 'waves' | 'held' | 'done' | 'stopped';

/** What a machine has reported of a rollout in which it is. */
export interface RolloutMachineRow {
  readonly rollout: string;
  readonly device: string;
  readonly machine: string;
  /** 0, 1, …: the order in which machines get the base. */
  readonly place: number;
  readonly standing: Standing;
  readonly state: MachineState;
  /** Whether it was told to install the base: that holds also when the hours of the plan are over. */
  readonly told: 0 | 1;
  /** Whether the base has ever answered there. */
  readonly exposed: 0 | 1;
  /** When the device last reported the machine; before that, when the rollout began. */
  readonly reported: number;
  /** As in `ReportedWay`, of the trial and of the time after it, when the former base runs beside. */
  readonly compared: number;
  readonly differed: number;
  readonly labelled: number;
  readonly gained: number;
  readonly lost: number;
  /** The runs of the trial of which these are the sums, a JSON document; null before the first one. */
  readonly trial: string | null;
}

/** `replaced`: a later rollout has reached the machine everywhere, so this one has nothing more to say of it. */
export type Standing = 'open' | 'ended' | 'replaced';

/**
 * `waiting`: it neither tries nor has the base. `trying`: the base runs beside. `installed`: the base answers.
 * `failed`: the machine has refused the base, or went back from it. `pinned`: a person at the device forbids updates.
 * `unoffered`: the repository of the device does not offer the base to the machine, such as after a newer one was
 * published. `left`: the rollout was stopped, and the machine has left the base. `gone`: the device is no longer a
 * member, or does not watch this machine with this model any more.
 */
export type MachineState = 'waiting' | 'trying' | 'installed' | 'failed' | 'pinned' | 'unoffered' | 'left' | 'gone';
