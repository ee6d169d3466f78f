import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** More in a row lead nowhere. */
const MOST_REDIRECTIONS = 10;

/** An answer of a web server, whose body comes as it was before it was compressed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Asks a web server, and those to which it leads, of which no other gets the header `authorization`. The connection
 * ends with `signal`. By `node:http`: the first `fetch` of a process compiles a parser, which takes 30 MB.
 */
export async function httpGet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  let [from, sent] = [url, headers];
  for (let left = MOST_REDIRECTIONS; left >= 0; left--) {
    const message = await answerOf(from, sent, signal);
    const { statusCode: status = 0, headers: received } = message;
    const to = status >= 300 && status < 400 ? received.location : undefined;
    if (to === undefined) return { status, headers: received, body: await uncompressed(message) };
    message.destroy();
    from = new URL(to, from);
    if (!/^https?:$/.test(from.protocol)) throw new Error(`the server leads to ${from.protocol}`);
    const { authorization: _, ...others } = sent;
    if (from.origin !== url.origin) sent = others;
  }
  throw new Error(`the server leads on more than ${MOST_REDIRECTIONS} times`);
}

async function answerOf(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
  const { get } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, signal }, resolve).on('error', reject);
  });
}

/** Some servers compress although nobody has asked for it. */
async function uncompressed(message: IncomingMessage): Promise<Readable> {
  const encoding = message.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return message;
  const [{ createBrotliDecompress, createUnzip }, { pipeline }] = await Promise.all([
    import('node:zlib'),
    import('node:stream'),
  ]);
  // An error of the one is one of the other, whoever reads it.
  return pipeline(message, encoding === 'br' ? createBrotliDecompress() : createUnzip(), () => {});
}
