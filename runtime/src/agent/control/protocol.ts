import { SpikewireError } from '@spikewire/models';
import { readUpdateOrder, UPDATE_ACTIONS, type UpdateOrder } from '../../desk/updates.ts';

/** What people ask of the updates of a running process by its socket. */
export const SOCKET_ACTIONS = ['status', ...UPDATE_ACTIONS] as const;

export type UpdateRequest = UpdateOrder | { readonly action: 'status' };

/** The same, of one of several machines that a process looks after. */
export type SocketRequest = UpdateRequest & { readonly machine?: string };

/** Name of the socket in the folder of the agent. */
export const SOCKET_NAME = 'control.sock';
/** Of a request, in bytes. */
export const LARGEST_REQUEST = 4096;

/** Throws `usage` where the text is no JSON, `input` where that is no request. */
export function readRequest(text: string): SocketRequest {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new SpikewireError('usage', 'update request', 'is not JSON', 'such as {"action": "status"}');
  }
  const order = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
  const { machine } = order;
  if (machine !== undefined && typeof machine !== 'string')
    throw new SpikewireError('input', 'update machine', 'is no name', 'a text');
  const request: UpdateRequest = order.action === 'status' ? { action: 'status' } : readUpdateOrder(order);
  return { ...request, ...(machine !== undefined && { machine }) };
}
