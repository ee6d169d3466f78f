import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import { ALL_ROLES, type Roles, VIEWER_ROLES } from '../../desk/access.ts';
import { SharedSecret } from '../../desk/shared-secret.ts';
import { metricsText } from '../metrics.ts';
import { NetList, netsQuery } from '../net-list.ts';
import type { DashboardSource } from '../source.ts';
import { Audience, MAXIMAL_VIEWERS } from './audience.ts';
import { carryOut, inside, readCommand } from './command.ts';
import { Connections } from './connections.ts';
import { Gate, type TokenRoles } from './gate.ts';
import { isLoopback, listen } from './listen.ts';
import { hasOtherUsers } from './other-users.ts';
import { PageFiles } from './page-files.ts';
import { Refusal, replyJson, setSecurityHeaders } from './reply.ts';

export interface DashboardOptions {
  /** Address to listen on; 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /**
   * Lets its holder look, teach and command: 16 characters or more. Where somebody else could reach the page, or its
   * source restricts anything, one is generated if none is given; it is part of {@link Dashboard.url}.
   */
  readonly token?: string;
  /** Lets its holder look, and nothing else: for a display on the wall, or Prometheus. */
  readonly viewerToken?: string;
  /**
   * Whether whoever reaches a loopback address may use the page without a token. Default: where this machine has no
   * other users.
   */
  readonly trustLocalUsers?: boolean;
  /** Further names by which viewers reach this server, such as that of a proxy before it. */
  readonly names?: readonly string[];
}

export interface Dashboard {
  /** What to open in a browser, with the token where there is one. */
  readonly url: string;
  /** Pages open now. */
  readonly viewers: number;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

const MAXIMAL_CONNECTIONS = 128;
const MAXIMAL_COMMANDS = 16;
/** Commands after which monitors are described in another way. */
const CHANGING: readonly string[] = ['settings', 'normal', 'reset'];

/**
 * Serves the live page of a source.
 * @throws SpikewireError `usage` for tokens that cannot be, `file` when the page was not built, `link` when the address cannot be listened on.
 */
export async function startDashboard(source: DashboardSource, options: DashboardOptions = {}): Promise<Dashboard> {
  const host = options.host ?? '127.0.0.1';
  const isOpen = isLoopback(host) && source.isRestricted !== true && options.viewerToken === undefined;
  const needsToken = !(isOpen && (options.trustLocalUsers ?? !(await hasOtherUsers())));
  const token = options.token ?? (needsToken ? randomBytes(18).toString('base64url') : undefined);
  const tokens = tokensOf(token, options.viewerToken);
  const files = new PageFiles(fileURLToPath(new URL('../page', import.meta.url)));
  const server = createServer({
    requestTimeout: 10_000,
    headersTimeout: 5000,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: 1000,
  });
  const connections = new Connections(server, MAXIMAL_CONNECTIONS);
  const wanted = options.port ?? 0;
  const port = await listen(server, host, wanted).catch((cause) => Promise.reject(cannotListen(host, wanted, cause)));
  const audience = new Audience(source);
  const gate = new Gate({ names: ownNames(host, options.names ?? []), tokens, port });
  const desk = new Desk(source, audience, gate, files, connections);
  server.on('request', (request, response) => void desk.answer(request, response));
  return {
    url: `http://${shownHost(host)}:${port}/${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`,
    get viewers() {
      return audience.viewers;
    },
    close() {
      audience.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** Throws `usage` where one is too short, or both are the same: a viewer could command. */
function tokensOf(token: string | undefined, viewerToken: string | undefined): readonly TokenRoles[] {
  if (token !== undefined && token === viewerToken)
    throw new SpikewireError('usage', 'token of viewers', 'is the same as the token for commands', 'another token');
  return [
    ...(viewerToken === undefined
      ? []
      : [[new SharedSecret(viewerToken, 'viewer token of the page'), VIEWER_ROLES] as const]),
    ...(token === undefined ? [] : [[new SharedSecret(token, 'page token'), ALL_ROLES] as const]),
  ];
}

/** Takes requests one by one to the part that answers them. */
class Desk {
  readonly #source: DashboardSource;
  readonly #audience: Audience;
  readonly #gate: Gate;
  readonly #files: PageFiles;
  readonly #connections: Connections;
  readonly #list: NetList;
  #commands = 0;

  constructor(source: DashboardSource, audience: Audience, gate: Gate, files: PageFiles, connections: Connections) {
    this.#source = source;
    this.#audience = audience;
    this.#gate = gate;
    this.#files = files;
    this.#connections = connections;
    this.#list = new NetList(source);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Who leaves before the answer is no error of ours.
    response.on('error', () => {});
    try {
      setSecurityHeaders(response);
      await this.#route(request, response);
    } catch (error) {
      refuse(request, response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#gate.checkHost(request);
    const url = target(request);
    const roles = this.#gate.admit(request, response, url);
    if (roles === undefined) return;
    if (url.pathname === '/command') {
      allow(request, response, ['POST']);
      await this.#command(request, response, roles);
    } else if (url.pathname === '/events') {
      allow(request, response, ['GET']);
      this.#events(request, response, url.searchParams.get('net'), roles);
    } else if (url.pathname === '/nets') {
      allow(request, response, ['GET']);
      this.#gate.checkNotForeign(request);
      replyJson(response, 200, this.#list.page(netsQuery(url.searchParams)));
    } else if (url.pathname === '/inside') {
      allow(request, response, ['GET']);
      this.#gate.checkNotForeign(request);
      replyJson(response, 200, await inside(this.#source, url.searchParams.get('net'), roles));
    } else if (url.pathname === '/metrics') {
      allow(request, response, ['GET']);
      response.writeHead(200, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(metricsText(this.#source));
    } else {
      allow(request, response, ['GET', 'HEAD']);
      await this.#files.reply(request, response, url.pathname);
    }
  }

  async #command(request: IncomingMessage, response: ServerResponse, roles: Roles): Promise<void> {
    this.#gate.checkOwn(request);
    // A body that comes slowly takes no place of a command.
    const command = await readCommand(request);
    if (this.#commands >= MAXIMAL_COMMANDS) {
      throw new Refusal(429, 'too many commands at the same time; expected the earlier ones to be answered first');
    }
    this.#commands++;
    try {
      const message = await carryOut(this.#source, command, roles);
      if (CHANGING.includes(command.command)) this.#audience.describe();
      this.#audience.tell(command.net);
      this.#audience.tellUpdates();
      replyJson(response, 200, { message });
    } finally {
      this.#commands--;
    }
  }

  #events(request: IncomingMessage, response: ServerResponse, id: string | null, roles: Roles): void {
    this.#gate.checkNotForeign(request);
    if (this.#audience.viewers >= MAXIMAL_VIEWERS) {
      throw new Refusal(503, `too many viewers; expected at most ${MAXIMAL_VIEWERS}`);
    }
    request.socket.setNoDelay(true);
    this.#connections.hold(request.socket);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 1000\n\n');
    this.#audience.join(id, response, roles);
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a body that nobody reads must not be taken for the next request.
  if (!request.complete) {
    response.setHeader('connection', 'close');
  }
  const refusal =
    error instanceof Refusal ? error : new Refusal(500, error instanceof Error ? error.message : 'failed');
  replyJson(response, refusal.status, { error: refusal.message });
}

/** The requested path and query; the rest of the address means nothing here. */
function target(request: IncomingMessage): URL {
  const path = request.url ?? '/';
  if (!path.startsWith('/') || !URL.canParse(`http://localhost${path}`)) {
    throw new Refusal(400, 'address: malformed; expected a path');
  }
  return new URL(`http://localhost${path}`);
}

function allow(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): void {
  if (!methods.includes(request.method ?? '')) {
    response.setHeader('allow', methods.join(', '));
    throw new Refusal(405, `method ${request.method}: expected ${methods.join(' or ')}`);
  }
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): SpikewireError {
  const problem = cause.code === 'EADDRINUSE' ? 'already in use' : `cannot be listened on (${cause.code})`;
  return new SpikewireError('link', `dashboard ${host}:${port}`, problem, 'a free address', cause);
}

function ownNames(host: string, more: readonly string[]): Set<string> {
  const own = isLoopback(host) ? ['localhost'] : ['localhost', host, hostname(), `${hostname()}.local`];
  return new Set([...own, ...more].map((name) => name.toLowerCase()));
}

/** An address for a person: "every interface" is not one, and IPv6 takes brackets. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') {
    return hostname();
  }
  return isIPv6(host) ? `[${host}]` : host;
}
