import { chmod, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { LARGEST_REQUEST, readRequest, SOCKET_NAME, type SocketRequest } from './protocol.ts';

const MOST_CONNECTIONS = 8;
const PATIENCE_MS = 10_000;
/** Of an answer, in bytes: a status with all questions and refusals. */
const LARGEST_ANSWER = 1 << 20;

/** Carries a request out, and gives what is answered, as a JSON document can hold it. */
export type Carrier = (request: SocketRequest) => Promise<unknown>;

/**
 * A socket in the folder of the agent, which only its owner can use: one line of JSON in, one line out, `{"error": …}`
 * where something was refused.
 */
export class ControlSocket {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Rejects with the system's reason, such as a path that is too long. */
  static async open(folder: string, carry: Carrier): Promise<ControlSocket> {
    const path = join(folder, SOCKET_NAME);
    await unlink(path).catch(() => {}); // of a process that was killed: the journal's lock says that it is gone
    const control = new ControlSocket(carry);
    await new Promise<void>((resolve, reject) => {
      control.#server.on('error', reject); // also later: a connection that cannot be taken ends no process
      control.#server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    return control;
  }

  private constructor(carry: Carrier) {
    this.#server = createServer((socket) => this.#serve(socket, carry));
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  #serve(socket: Socket, carry: Carrier): void {
    this.#sockets.add(socket);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // whoever asked has gone
    readLine(socket, LARGEST_REQUEST)
      .then((line) => carry(readRequest(line)))
      .catch((problem: Error) => ({ error: problem.message }))
      .then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/**
 * Asks the process that runs with this folder. Undefined where none does; rejects with what it refuses, and with `access`
 * where it belongs to another user.
 */
export async function askAgent(folder: string, request: SocketRequest): Promise<unknown> {
  const path = join(folder, SOCKET_NAME);
  const socket = createConnection(path);
  try {
    const isThere = await new Promise<boolean>((resolve, reject) => {
      socket
        .once('connect', () => resolve(true))
        .once('error', ({ code }: NodeJS.ErrnoException) => {
          const isDenied = code === 'EACCES' || code === 'EPERM';
          if (isDenied)
            reject(new SpikewireError('access', path, 'belongs to another user', 'the user of the process'));
          else resolve(false);
        });
    });
    if (!isThere) return undefined;
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
    socket.write(`${JSON.stringify(request)}\n`);
    const answer = JSON.parse(await readLine(socket, LARGEST_ANSWER)) as unknown;
    const { error } = answer as { readonly error?: string };
    if (error !== undefined) throw new SpikewireError('usage', 'update', error);
    return answer;
  } finally {
    socket.destroy();
  }
}

function readLine(socket: Socket, most: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const fail = (problem: string) => reject(new SpikewireError('link', 'update socket', problem, 'one line of JSON'));
    socket.on('data', (part: Buffer) => {
      const end = part.indexOf(10);
      parts.push(end < 0 ? part : part.subarray(0, end));
      length += part.length;
      if (end >= 0) resolve(Buffer.concat(parts).toString());
      else if (length > most) fail(`got more than ${most} bytes`);
    });
    socket.once('close', () => fail('was closed early'));
    socket.once('error', (failure) => fail(failure.message));
  });
}
