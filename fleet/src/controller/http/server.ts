import { createServer, type IncomingMessage, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { SpikewireError } from '@spikewire/models';
import { Connections, listen } from 'spikewire/dashboard';
import type { Application } from './base/environment.ts';
import { onStream } from './base/streams.ts';
import { mayBeLarge } from './limits/body-limit.ts';

export interface HttpServer {
  readonly port: number;
  /** Waits for the requests that are being answered, at most `milliseconds`. */
  close(milliseconds: number): Promise<void>;
}

/** Beyond it, the connection that has been silent for longest is closed. */
const MOST_CONNECTIONS = 4096;
/** A client that sends its request, or its headers, more slowly is let go. Backups and parts are the largest requests. */
const TIMES = {
  requestTimeout: 75_000,
  headersTimeout: 5000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

/** For the body of any other request. */
const BODY_MILLISECONDS = 10_000;
const IDLE_MILLISECONDS = 50;

/**
 * Answers requests by the application. Rejects with `link` where the address cannot be listened on.
 * @param bodyMilliseconds in which a body has to come that is neither a backup nor a part
 */
export async function startServer(
  application: Pick<Application, 'fetch'>,
  host: string,
  port: number,
  bodyMilliseconds = BODY_MILLISECONDS,
): Promise<HttpServer> {
  const server = createServer({ ...TIMES, maxHeaderSize: 8192 });
  const connections = new Connections(server, MOST_CONNECTIONS);
  const answer = getRequestListener(application.fetch, { overrideGlobalObjects: false });
  server.on('request', (request, response) => {
    onStream(request, () => connections.hold(request.socket));
    if (!mayBeLarge(request.url ?? '')) letGoIfSlow(request, bodyMilliseconds);
    void answer(request, response);
  });
  const actual = await listen(server, host, port).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'EADDRINUSE' ? 'already in use' : `cannot be listened on (${cause.code})`;
    throw new SpikewireError('link', `controller ${host}:${port}`, problem, 'a free address', cause);
  });
  return { port: actual, close: (milliseconds) => close(server, milliseconds) };
}

function letGoIfSlow(request: IncomingMessage, milliseconds: number): void {
  const late = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, milliseconds);
  request.once('close', () => clearTimeout(late));
}

function close(server: Server, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), milliseconds);
    // A connection that was busy is kept alive for another request after its answer.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_MILLISECONDS);
    server.close(() => {
      clearTimeout(late);
      clearInterval(idle);
      resolve();
    });
  });
}
