import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { TestBroker } from './test-broker.ts';

/** The embedded broker (MQTT 3.1.1). It forgets its sessions when it stops. */
export async function startAedes(): Promise<TestBroker & { readonly aedes: () => Aedes }> {
  const sockets = new Set<Socket>();
  let aedes: Aedes;
  let server: Server;

  async function listen(port: number): Promise<number> {
    aedes = await Aedes.createBroker();
    server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      aedes.handle(socket);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function stop(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    await new Promise<void>((resolve) => {
      aedes.close(resolve);
    });
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  const port = await listen(0);
  return {
    name: 'aedes',
    url: `mqtt://127.0.0.1:${port}`,
    port,
    aedes: () => aedes,
    stop,
    start: async () => {
      await listen(port);
    },
    close: async () => {
      if (server.listening) await stop();
    },
  };
}
