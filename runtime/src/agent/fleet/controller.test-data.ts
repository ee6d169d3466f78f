import { createHash, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly device: string;
  readonly counter: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  readonly bytes: Uint8Array;
}

/** By how much a counter may be above the last one, or above the time. */
const DAY = 86_400_000;

/** What the controller does with a request that it took, in place of an answer by the protocol. */
export type Manners = (request: Received, response: ServerResponse) => unknown;

/** A controller as docs/fleet-protocol.md has it, of one device, written without the code of the device. */
export class TestController {
  readonly requests: Received[] = [];
  token = 'one-time';
  orders: unknown = { machines: {}, every: 60 };
  manners: Manners = () => 'as usual';
  /** Ids of devices that were revoked or retired. */
  readonly dismissed = new Set<string>();
  #publicKey: string | undefined;
  #usedToken: string | undefined;
  #counter = 0;
  address = '';
  readonly #server: Server;

  /** @param tls its certificate, which makes it a server of `https://` */
  static async open(tls?: { readonly cert: string; readonly key: string }): Promise<TestController> {
    const controller = new TestController(tls);
    await new Promise<void>((resolve) => controller.#server.listen(0, '127.0.0.1', resolve));
    const place = tls ? 'https://localhost' : 'http://127.0.0.1';
    controller.address = `${place}:${(controller.#server.address() as AddressInfo).port}`;
    return controller;
  }

  private constructor(tls?: { readonly cert: string; readonly key: string }) {
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = tls ? createTlsServer(tls, serve) : createServer(serve);
  }

  get reports(): Received[] {
    return this.requests.filter(({ path }) => path === '/v1/report');
  }

  get backups(): Received[] {
    return this.requests.filter(({ path }) => path === '/v1/backup');
  }

  /** As if another process had used the key of the device. */
  set counter(counter: number) {
    this.#counter = counter;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const bytes = Buffer.concat(parts);
    const { url: path = '', headers, method } = request;
    const [device, counter, signature] = ['device', 'counter', 'signature'].map((name) => headers[`spikewire-${name}`]);
    const isJson = headers['content-type'] === 'application/json';
    const body = (isJson ? JSON.parse(bytes.toString()) : {}) as Record<string, unknown>;
    if (this.dismissed.has(device as string)) return answer(response, 410, { error: 'revoked', device });
    const publicKey = path === '/v1/join' ? (body.publicKey as string) : this.#publicKey;
    const text = `spikewire request 1\n${method}\n${path}\n${device}\n${counter}\n${hashOf(bytes)}\n`;
    const isKnown =
      publicKey !== undefined &&
      device === hashOf(Buffer.from(publicKey, 'hex')).slice(0, 32) &&
      isSigned(publicKey, text, signature as string);
    if (!isKnown) return answer(response, 401, { error: 'unknown device or wrong signature' });
    const isNext = Number(counter) > this.#counter && Number(counter) <= Math.max(this.#counter, Date.now()) + DAY;
    if (!isNext) return answer(response, 409, { counter: this.#counter });
    this.#counter = Number(counter);
    const received = { path, device: device as string, counter: Number(counter), headers, body, bytes };
    this.requests.push(received);
    if (path === '/v1/join' && !this.#takes(body)) return answer(response, 403, { error: 'the token is used' });
    if (this.manners(received, response) !== 'as usual') return;
    if (path === '/v1/join') return answer(response, 200, { device });
    if (path === '/v1/backup') return void response.writeHead(204).end();
    const etag = `"${hashOf(Buffer.from(JSON.stringify(this.orders))).slice(0, 16)}"`;
    if (headers['if-none-match'] === etag) return void response.writeHead(204).end();
    answer(response, 200, this.orders, { etag });
  }

  /** The same key may repeat the token, since the first answer may be lost. */
  #takes({ token, publicKey }: Record<string, unknown>): boolean {
    if (token !== this.token) return false;
    if (this.#usedToken !== token) [this.#usedToken, this.#publicKey] = [this.token, publicKey as string];
    return this.#publicKey === publicKey;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** RFC 8410: what stands before the 32 bytes of a key. */
function isSigned(publicKey: string, text: string, signature: string): boolean {
  const der = Buffer.from(`302a300506032b6570032100${publicKey}`, 'hex');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'hex'));
}
