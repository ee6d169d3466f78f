import { createServer, type Server } from 'node:net';

/** Below those that the system gives to outgoing connections, which could take the port of a part that is down. */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** So many free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  // Clusters that start at the same time look in different places.
  for (let port = LOWEST + ((process.pid * 97) % 10_000); held.length < count; port++) {
    if (port > HIGHEST) throw new Error(`ports: fewer than ${count} are free up to ${HIGHEST}`);
    const server = await listening(port);
    if (server) held.push(server);
  }
  const ports = held.map((server) => (server.address() as { port: number }).port);
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
