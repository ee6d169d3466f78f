import { expect } from 'vitest';
import { TestDevice } from '../../fleet/src/controller/devices/test-device.test-data.ts';
import { type RunningCommand, resultOf, startCommand } from './command.ts';

/** A controller as a process of its own. */
export interface ServedController {
  readonly address: string;
  /** Folder in which its command runs. */
  readonly folder: string;
  /** Of the administrator, where this start has written one. */
  readonly tokenFile: string | null;
  readonly command: RunningCommand;
}

export const hasSqlite = process.getBuiltinModule?.('node:sqlite') !== undefined;

/** Starts `fleet serve` in a folder. Whoever calls this ends it. */
export async function serveController(folder: string, ...words: string[]): Promise<ServedController> {
  const command = startCommand(['fleet', 'serve', '--port', '0', '--json', ...words], folder);
  await command.says(/"port":\d+/);
  return { ...JSON.parse(command.stdout()), folder, command };
}

/** What an action says with `--json`, by the administrator. */
export function asked({ address, folder }: ServedController, action: string, ...words: string[]) {
  const token = ['--token-file', 'controller/administrator.token'];
  return resultOf(['fleet', action, ...words, '--controller', address, ...token], folder);
}

/** A signed request of a device. */
export function post(
  { address }: Pick<ServedController, 'address'>,
  device: TestDevice,
  path: string,
  said: object,
): Promise<Response> {
  const body = JSON.stringify(said);
  const headers = device.headers(path, Buffer.from(body));
  return fetch(new URL(path, address), { method: 'POST', body, headers });
}

/** A new device that has joined by a token. */
export async function joinedBy(
  controller: Pick<ServedController, 'address'>,
  token: string,
  name = 'pi',
): Promise<TestDevice> {
  const device = new TestDevice();
  const joined = await post(controller, device, '/v1/join', { token, publicKey: device.publicKey, name });
  expect(joined.status).toBe(200);
  return device;
}
