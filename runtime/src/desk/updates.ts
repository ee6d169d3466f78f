import { SpikewireError } from '@spikewire/models';

/** What people ask of the updates of a process. */
export const UPDATE_ACTIONS = ['look', 'approve', 'rollback', 'pin', 'unpin'] as const;
export type UpdateAction = (typeof UPDATE_ACTIONS)[number];

/** How what was learned comes to a new model. */
export const UPDATE_CARRYINGS = ['carry', 'rebase', 'reset'] as const;
export type UpdateCarrying = (typeof UPDATE_CARRYINGS)[number];

export interface UpdateOrder {
  readonly action: UpdateAction;
  /** With `approve`: how what was learned comes along; absent: the way that looks best. */
  readonly carrying?: UpdateCarrying;
}

/** A model that answers, or did. */
export interface UpdatedModel {
  readonly name: string;
  readonly digest: string;
  /** How it got what the former had learned; null: it was the first. */
  readonly carrying: UpdateCarrying | null;
  /** When it began to answer; ISO 8601. */
  readonly since: string;
}

/** A way to install the model on trial, and what labels say of it. */
export interface UpdateTrial {
  readonly carrying: UpdateCarrying;
  /** Readings to which both models named a class; of these, those with different ones, and those of these labelled. */
  readonly compared: number;
  readonly differed: number;
  readonly labelled: number;
  /** Labels by which only the new model was right, or only the old one. */
  readonly newRight: number;
  readonly oldRight: number;
  /** Right answers among all labelled readings since both run in this process; null: none is labelled. */
  readonly right: { readonly old: number; readonly new: number; readonly of: number } | null;
  /** E-values: at its limit the first ends the way, and the second lets it be installed. */
  readonly evidenceOfWorse: number;
  readonly worseLimit: number;
  readonly evidenceOfNotWorse: number;
  readonly notWorseLimit: number;
  /** Why it is out; null while it is not. */
  readonly ended: string | null;
}

/** A reading to which the old and the new model gave different answers, and whose label would say which is right. */
export interface UpdateQuestion {
  readonly id: number;
  /** Key of the net. */
  readonly net: string;
  /** Of the reading, in milliseconds since 1970. */
  readonly time: number;
  /** What the model that answers said, and the other one. */
  readonly answering: string;
  readonly watched: string;
}

/** A model that this device does not try again. */
export interface RefusedUpdate {
  readonly name: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly time: string;
}

/** What an update does now; each is durable before it begins, so that a crash resumes it. */
export const UPDATE_STATES = [
  'idle',
  'check',
  'download',
  'verify',
  'shadow',
  'install',
  'probation',
  'commit',
  'rollback',
] as const;
export type UpdateState = (typeof UPDATE_STATES)[number];

/** Where the updates of a process stand; a JSON document can hold it. */
export interface UpdatesStatus {
  readonly state: UpdateState;
  /** The same in one line for people. */
  readonly summary: string;
  readonly current: UpdatedModel | null;
  readonly former: UpdatedModel | null;
  /** Name of the model on trial, or that is being fetched. */
  readonly candidate: string | null;
  readonly trial: readonly UpdateTrial[];
  /** Of the trial or the probation. */
  readonly readings: number;
  readonly questions: readonly UpdateQuestion[];
  /** The newest last. */
  readonly refused: readonly RefusedUpdate[];
  readonly pinned: boolean;
  /** Why the last step failed and is tried again; null where it did not. */
  readonly problem: string | null;
}

/** The updates of a process, as those see them who may ask for them. */
export interface Updates {
  /** Undefined before they begin. */
  status(): UpdatesStatus | undefined;
  /** Does what was asked for. Rejects with `usage` where that cannot be now. */
  carryOut(order: UpdateOrder): Promise<void>;
}

/** What a person is answered. */
export const UPDATE_ANSWERS: Readonly<Record<UpdateAction, string>> = {
  look: 'looks for a newer model now',
  approve: 'installs the model on trial',
  rollback: 'goes back to the former model',
  pin: 'keeps the present model until it is unpinned',
  unpin: 'takes newer models again',
};

/** Throws `input` where that is no order. */
export function readUpdateOrder({ action, carrying }: Readonly<Record<string, unknown>>): UpdateOrder {
  if (!UPDATE_ACTIONS.includes(action as UpdateAction))
    throw new SpikewireError('input', 'update action', 'is unknown', UPDATE_ACTIONS.join(', '));
  if (carrying === undefined) return { action: action as UpdateAction };
  if (!UPDATE_CARRYINGS.includes(carrying as UpdateCarrying) || action !== 'approve')
    throw new SpikewireError(
      'input',
      'update carrying',
      action === 'approve' ? 'is unknown' : `cannot go with ${action}`,
      `"approve" with ${UPDATE_CARRYINGS.join(', ')}`,
    );
  return { action: action as UpdateAction, carrying: carrying as UpdateCarrying };
}
