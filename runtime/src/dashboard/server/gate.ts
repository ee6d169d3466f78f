import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { ALL_ROLES, type Roles } from '../../desk/access.ts';
import type { SharedSecret } from '../../desk/shared-secret.ts';
import { Refusal } from './reply.ts';

/** A token, and what it lets its holder do. */
export type TokenRoles = readonly [token: SharedSecret, roles: Roles];

export interface GateOptions {
  /** Names by which the page may be asked for, in lower case, beside numeric addresses. */
  readonly names: ReadonlySet<string>;
  /**
   * What a token lets its holder do. Everyone needs one where there are any; where there are none, everyone may do all.
   */
  readonly tokens: readonly TokenRoles[];
  readonly port: number;
  /** How a token is shown where there is no page. */
  readonly expected?: string;
}

/**
 * Who asks. Tokens are so long that nobody finds one by trying, so that others who try keep nobody out. A page of
 * another site can make a browser send requests here, also by giving its own name our address
 * (DNS rebinding); so the Host header must be a name of ours, and whatever changes something must come from our page.
 */
export class Gate {
  readonly #names: ReadonlySet<string>;
  readonly #tokens: readonly TokenRoles[];
  readonly #cookie: string;
  readonly #expected: string;

  constructor(options: GateOptions) {
    this.#names = options.names;
    this.#expected = options.expected ?? 'the address with ?token=, as printed when the page was started';
    this.#tokens = options.tokens;
    // Cookies do not tell ports apart, and a machine may serve several pages.
    this.#cookie = `spikewire-${options.port}`;
  }

  /**
   * @throws Refusal 403 when the Host header is not a name of this server: it reached us by a name of somebody else.
   */
  checkHost(request: IncomingMessage): void {
    const name = hostName(request.headers.host ?? '');
    if (name === undefined || !(isIP(name) !== 0 || this.#names.has(name))) {
      throw new Refusal(403, `host ${quoted(request.headers.host)}: not a name of this server; expected its address`);
    }
  }

  /**
   * What who asks may do. A right token in the address is put in a cookie and taken out of the address; a program, such
   * as Prometheus, sends it as `authorization: Bearer`.
   * @returns undefined where the request was answered by that.
   * @throws Refusal 401 without a token.
   */
  admit(request: IncomingMessage, response: ServerResponse, url: URL): Roles | undefined {
    if (this.#tokens.length === 0) return ALL_ROLES;
    const inAddress = request.method === 'GET' ? url.searchParams.get('token') : null;
    if (inAddress !== null && this.#rolesOf(inAddress) !== undefined) {
      this.#enter(response, url, inAddress);
      return undefined;
    }
    const [, bearer = ''] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const shown = [bearer, ...cookieValues(request.headers.cookie ?? '', this.#cookie)];
    const roles = shown.map((given) => this.#rolesOf(given)).find((found) => found !== undefined);
    if (roles === undefined) throw new Refusal(401, `no valid token; expected ${this.#expected}`);
    return roles;
  }

  #enter(response: ServerResponse, url: URL, token: string): void {
    url.searchParams.delete('token');
    response.writeHead(303, {
      location: `.${url.pathname}${url.search}`,
      'set-cookie': `${this.#cookie}=${encodeURIComponent(token)}; HttpOnly; SameSite=Lax; Path=/`,
      'cache-control': 'no-store',
    });
    response.end();
  }

  #rolesOf(given: string): Roles | undefined {
    return this.#tokens.find(([token]) => token.matches(given))?.[1];
  }

  /** @throws Refusal 403 when a browser says that a page of another site asks. */
  checkNotForeign(request: IncomingMessage): void {
    const site = request.headers['sec-fetch-site'];
    const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
    if (foreignSite || (request.headers.origin !== undefined && !isSameOrigin(request))) {
      throw new Refusal(403, `origin ${quoted(request.headers.origin)}: another site; expected the page itself`);
    }
  }

  /** @throws Refusal 403 unless the page of this server asks. */
  checkOwn(request: IncomingMessage): void {
    this.checkNotForeign(request);
    if (request.headers.origin === undefined) {
      throw new Refusal(403, 'origin: missing; expected an Origin header that names this server');
    }
  }
}

/** The host of a Host header without its port and brackets, in lower case; undefined when it is malformed. */
function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/** The scheme is left out of the comparison: a proxy may add TLS. */
function isSameOrigin(request: IncomingMessage): boolean {
  const origin = URL.canParse(request.headers.origin ?? '') ? new URL(request.headers.origin ?? '') : undefined;
  return origin !== undefined && origin.host === (request.headers.host ?? '').toLowerCase();
}

/** All values of that name: another page of the same host may have set a cookie of it, too. */
function cookieValues(header: string, name: string): string[] {
  const pairs = header.split(/;\s*/).filter((part) => part.startsWith(`${name}=`));
  return pairs.flatMap((pair) => {
    try {
      return [decodeURIComponent(pair.slice(name.length + 1))];
    } catch {
      return [];
    }
  });
}

/** What somebody else sent, short enough to print. */
function quoted(value: string | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value.slice(0, 80));
}
