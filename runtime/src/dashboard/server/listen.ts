import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens, and gives the port; rejects with the error of the system where it cannot. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // A connection that could not be accepted (no file descriptor left) must not end the stream.
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
