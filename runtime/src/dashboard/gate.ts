import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { RateLimit } from '../desk/rate-limit.ts';
import { Refusal } from './reply.ts';

/** Wrong tokens that an address may try. */
const GUESSES = { burst: 10, interval: 6000 };

export interface GateOptions {
  /** Names by which the page may be asked for, in lower case, beside numeric addresses. */
  readonly names: ReadonlySet<string>;
  /** Required from everyone where it is given. */
  readonly token: string | undefined;
  readonly port: number;
  /** How a token is shown where there is no page. */
  readonly expected?: string;
}

/**
 * Who may ask. A page of another site can make a browser send requests here, also by giving its own name our address
 * (DNS rebinding); so the Host header must be a name of ours, and whatever changes something must come from our page.
 */
export class Gate {
  readonly #names: ReadonlySet<string>;
  readonly #token: Buffer | undefined;
  readonly #cookie: string;
  readonly #expected: string;
  /**
   * In the cookies of those who knew the token: they are let in without another look at it, however many others guess.
   */
  readonly #pass = randomBytes(18).toString('base64url');
  readonly #guesses = new RateLimit(GUESSES);

  constructor(options: GateOptions) {
    this.#names = options.names;
    this.#expected = options.expected ?? 'the address with ?token=, as printed when the page was started';
    this.#token = options.token === undefined ? undefined : digest(options.token);
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
   * A right token in the address is put in a cookie and taken out of the address; a program, such as Prometheus, sends
   * it as `authorization: Bearer`.
   * @returns whether the request was answered by that.
   * @throws Refusal 401 without the token, 429 where too many wrong ones came from the same address.
   */
  checkToken(request: IncomingMessage, response: ServerResponse, url: URL): boolean {
    if (this.#token === undefined) return false;
    const given = request.method === 'GET' ? url.searchParams.get('token') : null;
    if (given !== null && this.#isToken(request, given)) {
      url.searchParams.delete('token');
      response.writeHead(303, {
        location: `.${url.pathname}${url.search}`,
        'set-cookie': this.#cookieFor(given),
        'cache-control': 'no-store',
      });
      response.end();
      return true;
    }
    const [, bearer] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (bearer !== undefined && this.#isToken(request, bearer)) return false;
    const [pass, token] = splitOnce(cookieValue(request.headers.cookie ?? '', this.#cookie));
    if (isSame(digest(pass), digest(this.#pass))) return false;
    // From before this server was started.
    if (token === '' || !this.#isToken(request, token)) {
      throw new Refusal(401, `no valid token; expected ${this.#expected}`);
    }
    response.setHeader('set-cookie', this.#cookieFor(token));
    return false;
  }

  #cookieFor(token: string): string {
    const value = encodeURIComponent(`${this.#pass} ${token}`);
    return `${this.#cookie}=${value}; HttpOnly; SameSite=Lax; Path=/`;
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

  /** @throws Refusal 429 before it looks, where too many wrong ones came from the same address. */
  #isToken({ socket }: IncomingMessage, given: string): boolean {
    const from = networkOf(socket.remoteAddress ?? '');
    if (!this.#guesses.allows(from)) {
      throw new Refusal(429, 'too many wrong tokens from this address; expected one in 6 s');
    }
    if (isSame(digest(given), this.#token!)) return true;
    this.#guesses.take(from);
    return false;
  }
}

/** An address; of IPv6 the half that one subscriber has for himself. */
function networkOf(address: string): string {
  return isIP(address) === 6 && !address.startsWith('::ffff:') ? address.split(':').slice(0, 4).join(':') : address;
}

function splitOnce(text: string): [before: string, after: string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}

function isSame(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b);
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

function cookieValue(header: string, name: string): string {
  const pair = header.split(/;\s*/).find((part) => part.startsWith(`${name}=`));
  try {
    return decodeURIComponent(pair?.slice(name.length + 1) ?? '');
  } catch {
    return '';
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What somebody else sent, short enough to print. */
function quoted(value: string | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value.slice(0, 80));
}
