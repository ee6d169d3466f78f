import type { LiveMachine, LiveMessage } from '../wire/wire.ts';
import { type Api, ApiError } from './api.ts';
import { readEvents } from './events.ts';

const RETRY_MILLISECONDS = 5000;
/** The controller has no broker, or no such device. */
const NOT_FOUND = 404;

/** Follows live values of a device until the signal, or until the controller says that it has none. */
export async function followLive(
  api: Api,
  device: string,
  said: (machines: readonly LiveMachine[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const listener = { said: (message: string) => said(machinesIn(message)) };
  while (!signal.aborted) {
    const failure = await readEvents(api, `devices/${encodeURIComponent(device)}/live`, listener, signal).catch(
      (error: unknown) => error,
    );
    if (failure instanceof ApiError && failure.status === NOT_FOUND) return;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
  }
}

function machinesIn(message: string): readonly LiveMachine[] {
  try {
    const { machines } = JSON.parse(message) as LiveMessage;
    return Array.isArray(machines) ? machines : [];
  } catch {
    return []; // not JSON
  }
}
