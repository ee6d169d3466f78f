import { SpikewireError } from '@spikewire/models';
import { readUpdateOrder, UPDATE_ACTIONS, type UpdateOrder } from '../../desk/updates.ts';

/** What people ask of the updates of a running process by its socket. */
export const SOCKET_ACTIONS = ['status', ...UPDATE_ACTIONS] as const;

export type UpdateRequest = UpdateOrder | { readonly action: 'status' };

/** Name of the socket in the folder of the agent. */
export const SOCKET_NAME = 'control.sock';
/** Of a request, in bytes. */
export const LARGEST_REQUEST = 4096;

/** Throws `usage` where the text is no JSON, `input` where that is no request. */
export function readRequest(text: string): UpdateRequest {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new SpikewireError('usage', 'update request', 'is not JSON', 'such as {"action": "status"}');
  }
  const order = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
  return order.action === 'status' ? { action: 'status' } : readUpdateOrder(order);
}
