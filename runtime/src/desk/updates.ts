import { SpikewireError } from '@spikewire/models';

/** What people ask of the updates of a process. */
export const UPDATE_ACTIONS = ['look', 'approve', 'rollback', 'retry', 'pin', 'unpin'] as const;
export type UpdateAction = (typeof UPDATE_ACTIONS)[number];

/** How what was learned comes to a new model. */
export const UPDATE_CARRYINGS = ['carry', 'rebase', 'reset'] as const;
export type UpdateCarrying = (typeof UPDATE_CARRYINGS)[number];

export interface UpdateOrder {
  readonly action: UpdateAction;
  /** With `approve`: how what was learned comes along; absent: the way that looks best. */
  readonly carrying?: UpdateCarrying;
  /** With `retry`: name of a refused model, or the first digits of the SHA-256 of its file; absent: the one refused last. */
  readonly model?: string;
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
  /** Synaptic operations of a sample, mean in this process, and as the new model's card says; null: none is known. */
  readonly operations: { readonly old: number; readonly new: number; readonly card: number | null } | null;
  /** How far stated confidence was from what labels said: mean Brier scores, 0 is best; null: none is known. */
  readonly calibration: UpdateCalibration | null;
  /** E-values: at its limit the first ends the way, and the second lets it be installed. */
  readonly evidenceOfWorse: number;
  readonly worseLimit: number;
  readonly evidenceOfNotWorse: number;
  readonly notWorseLimit: number;
  /** Why it is out; null while it is not. */
  readonly ended: string | null;
  /** Whether it runs beside now; else it waits for its turn, or is out. */
  readonly runs: boolean;
  /** Why it waits for a person's approval although labels would let it be installed. */
  readonly held: readonly string[];
}

export interface UpdateCalibration {
  readonly old: number;
  readonly new: number;
  /** Labelled answers for which both models had stated their confidence. */
  readonly of: number;
  /** E-value: at its limit the new model's confidence counts as worse. */
  readonly evidenceOfWorse: number;
  readonly worseLimit: number;
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

/**
 * What stood against a model: the model itself; what this machine can do, which may change; that there was no way to
 * it from the base that answered; or the controller of this device.
 */
export const REFUSAL_CAUSES = ['model', 'machine', 'base', 'controller'] as const;
export type RefusalCause = (typeof REFUSAL_CAUSES)[number];

/** A model that was tried, or looked at, and not installed. */
export interface RefusedUpdate {
  readonly sha256: string;
  readonly name: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly time: string;
  readonly cause: RefusalCause;
  /** When it is tried again by itself, ISO 8601; null: when somebody asks, or, by its cause, another base answers. */
  readonly againAt: string | null;
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

/** Where a device stands with the controller of its fleet, in figures. */
export interface ControllerFigures {
  /** `joining` until the token was taken; `dismissed` when the controller has revoked or retired the device. */
  readonly membership: 'joining' | 'member' | 'dismissed';
  /** When the controller last took a report in this process; ISO 8601. */
  readonly reported: string | null;
  /** Times in this process that it was to join or report and could not. */
  readonly failed: number;
  /** How many machines have an order, by its kind. */
  readonly orders: Readonly<Record<string, number>>;
}

/** The updates of a process, as those see them who may ask for them. */
export interface Updates {
  /** Absent: there is no controller. */
  readonly controller?: (() => ControllerFigures) | undefined;
  /** Undefined before they begin. */
  status(): UpdatesStatus | undefined;
  /** Does what was asked for. Rejects with `usage` where that cannot be now. */
  carryOut(order: UpdateOrder): Promise<void>;
}

/** What a person is answered. */
export const UPDATE_ANSWERS: Readonly<Record<UpdateAction, string>> = {
  look: 'checks for a newer model now',
  approve: 'installs the model on trial',
  rollback: 'goes back to the former model',
  retry: 'tries the refused model again as soon as the repository offers it',
  pin: 'keeps the present model until it is unpinned',
  unpin: 'takes newer models again',
};

/** Throws `input` where that is no order. */
export function readUpdateOrder({ action, carrying, model }: Readonly<Record<string, unknown>>): UpdateOrder {
  if (!UPDATE_ACTIONS.includes(action as UpdateAction))
    throw new SpikewireError('input', 'update action', 'is unknown', UPDATE_ACTIONS.join(', '));
  const order = { action: action as UpdateAction };
  if (model !== undefined && (action !== 'retry' || typeof model !== 'string' || model === ''))
    throw new SpikewireError(
      'input',
      'update model',
      action === 'retry' ? 'is not text' : `cannot be combined with ${action}`,
      '"retry" with the name of a refused model, or the first digits of the SHA-256 of its file',
    );
  if (model !== undefined) return { ...order, model: model as string };
  if (carrying === undefined) return order;
  if (!UPDATE_CARRYINGS.includes(carrying as UpdateCarrying) || action !== 'approve')
    throw new SpikewireError(
      'input',
      'update carrying',
      action === 'approve' ? 'is unknown' : `cannot be combined with ${action}`,
      `"approve" with ${UPDATE_CARRYINGS.join(', ')}`,
    );
  return { ...order, carrying: carrying as UpdateCarrying };
}
