import type { IncomingMessage } from 'node:http';

/** In PEM. */
export interface Certificates {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Of the answer, in bytes. */
  readonly most: number;
  /** For `https://`: authorities to trust, and a certificate to show. Default: those of Node, and none. */
  readonly tls?: Certificates | undefined;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** An answer of a web server, whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Sends a small body and takes a small answer; where a server leads elsewhere, that is its answer. Each request has a
 * connection of its own, so nothing stays open in between. By `node:http`: the first `fetch` of a process compiles a
 * parser, which takes 30 MB.
 */
export async function httpRequest({ url, method, headers, body, most, tls, signal }: HttpRequest): Promise<HttpAnswer> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { ...tls, method, agent: false as const, signal };
    const length = body && { 'content-length': String(body.byteLength) };
    request(url, { ...options, headers: { ...headers, ...length } }, resolve)
      .on('error', reject)
      .end(body);
  });
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > most) throw new Error(`sends more than ${most} bytes`);
      parts.push(part);
    }
  } finally {
    answer.destroy();
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) };
}
