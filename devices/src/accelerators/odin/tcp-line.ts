import { connect } from 'node:net';
import { SpikewireError } from '@spikewire/models';
import type { BoardLine } from '../fpga/board-line.ts';

const MILLISECONDS = 5000;

/** A TCP connection to a board. Rejects with `unsupported` where nobody answers in five seconds. */
export function openTcpBoard(host: string, port: number): Promise<BoardLine> {
  const name = `tcp:${host}:${port}`;
  const socket = connect({ host, port, noDelay: true });
  return new Promise((resolve, reject) => {
    const refuse = (problem: string) => {
      socket.destroy();
      reject(new SpikewireError('unsupported', name, problem, 'a bridge that listens there'));
    };
    socket.setTimeout(MILLISECONDS, () => refuse('does not answer'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => refuse(`cannot be reached (${code})`));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('error');
      resolve({
        name,
        write: (bytes) => void (socket.writable && socket.write(bytes)),
        listen(onBytes, onGone) {
          socket.on('data', onBytes);
          for (const end of ['end', 'error', 'close']) socket.on(end, () => onGone('is gone'));
        },
        async close() {
          if (socket.closed) return;
          const closed = new Promise((done) => socket.once('close', done));
          socket.destroy();
          await closed;
        },
      });
    });
  });
}
