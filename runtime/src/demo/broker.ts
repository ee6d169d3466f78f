import { createServer, type Socket } from 'node:net';
import { SpikewireError } from '@spikewire/models';

export interface EmbeddedBroker {
  readonly url: string;
  close(): Promise<void>;
}

/** A broker inside this process, on a free port of the loopback address. Rejects with what to install where it is missing. */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const { Aedes } = await loadAedes();
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async close() {
      await new Promise<void>((resolve) => broker.close(resolve));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function loadAedes(): Promise<typeof import('aedes')> {
  try {
    return await import('aedes');
  } catch (cause) {
    throw new SpikewireError(
      'unsupported',
      'embedded broker',
      'is not installed',
      'npm install aedes, or --mqtt <url> of a broker',
      cause,
    );
  }
}
