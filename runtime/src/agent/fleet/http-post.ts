import type { IncomingMessage } from 'node:http';

/** In PEM. */
export interface Certificates {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Of the answer, in bytes. */
  readonly most: number;
  /** Whom to believe behind `https://`, and what to show. Default: the authorities of Node, and nothing. */
  readonly tls?: Certificates | undefined;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** An answer of a web server, whole. */
export interface HttpPosted {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Sends a small body and takes a small answer; where a server leads elsewhere, that is its answer. Each request has a
 * connection of its own, so nothing stays open in between. By `node:http`: the first `fetch` of a process compiles a
 * parser, which takes 30 MB.
 */
export async function httpPost({ url, headers, body, most, tls, signal }: HttpPost): Promise<HttpPosted> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { ...tls, method: 'POST', agent: false as const, signal };
    const length = String(body.byteLength);
    request(url, { ...options, headers: { ...headers, 'content-length': length } }, resolve)
      .on('error', reject)
      .end(body);
  });
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > most) throw new Error(`the answer has more than ${most} bytes`);
      parts.push(part);
    }
  } finally {
    answer.destroy();
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) };
}
