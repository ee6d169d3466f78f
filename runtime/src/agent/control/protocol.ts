import { SpikewireError } from '@spikewire/models';
import { CARRYING, type Carrying } from '../repository/offer.ts';

/** What people ask of the updates of a running process. */
export const UPDATE_ACTIONS = ['status', 'look', 'approve', 'rollback', 'pin', 'unpin'] as const;
export type UpdateAction = (typeof UPDATE_ACTIONS)[number];

export interface UpdateRequest {
  readonly action: UpdateAction;
  /** With `approve`: how what was learned goes on; absent: the way that looks best. */
  readonly carrying?: Carrying;
}

/** Name of the socket in the folder of the agent. */
export const SOCKET_NAME = 'control.sock';
/** Of a request, in bytes. */
export const LARGEST_REQUEST = 4096;

/** Throws `usage` where that is no request. */
export function readRequest(text: string): UpdateRequest {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new SpikewireError('usage', 'update request', 'is not JSON', 'such as {"action": "status"}');
  }
  const { action, carrying } = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
  if (!UPDATE_ACTIONS.includes(action as UpdateAction))
    throw new SpikewireError('usage', 'update action', 'is unknown', UPDATE_ACTIONS.join(', '));
  if (carrying !== undefined && !CARRYING.includes(carrying as Carrying))
    throw new SpikewireError('usage', 'update carrying', 'is unknown', CARRYING.join(', '));
  return { action: action as UpdateAction, ...(carrying !== undefined && { carrying: carrying as Carrying }) };
}
