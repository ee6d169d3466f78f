import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestBroker } from './test-broker.ts';

export interface Mosquitto extends TestBroker {
  /** Ends the broker at once; it saves nothing. */
  kill(): Promise<void>;
  readonly folder: string;
}

/** Debian puts it where only root looks. */
const SEARCH_PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/**
 * A mosquitto with persistence in a temporary folder and without limits on its queues.
 *
 * @param settings further lines of mosquitto.conf
 * @returns undefined where mosquitto is not installed
 */
export async function startMosquitto(settings: readonly string[] = []): Promise<Mosquitto | undefined> {
  if (spawnSync('mosquitto', ['-h'], { env: { PATH: SEARCH_PATH } }).error) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-mosquitto-'));
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, configuration(port, folder, settings));
  let broker: ChildProcess;

  async function start(): Promise<void> {
    broker = spawn('mosquitto', ['-c', file], { env: { PATH: SEARCH_PATH }, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    broker.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    while (!(await accepts(port))) {
      if (hasEnded(broker)) throw new Error(`mosquitto did not start: ${output}`);
      await delay(20);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (hasEnded(broker)) return;
    const exited = once(broker, 'exit');
    broker.kill(signal);
    await exited;
  }

  await start();
  return {
    name: 'mosquitto',
    url: `mqtt://127.0.0.1:${port}`,
    port,
    folder,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    close: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(port: number, folder: string, settings: readonly string[]): string {
  return `${[
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    `user ${userInfo().username}`,
    'persistence true',
    `persistence_location ${folder}/`,
    'max_queued_messages 0',
    'max_inflight_messages 20',
    'set_tcp_nodelay true',
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    ...settings,
  ].join('\n')}\n`;
}

/**
 * For programs that cannot choose a port themselves: one that the system would give now is free a moment later, too.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function hasEnded(broker: ChildProcess): boolean {
  return broker.exitCode !== null || broker.signalCode !== null;
}
