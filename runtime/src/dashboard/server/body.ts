import type { IncomingMessage } from 'node:http';
import { Refusal } from './reply.ts';

/**
 * The body of a request as text. Not by `for await`, which would destroy the connection of a body that is too long
 * before it is told so.
 *
 * @throws Refusal 413 where it has more bytes than `most`
 */
export function readBody(request: IncomingMessage, most: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > most) {
        chunks.length = 0;
        reject(new Refusal(413, `body: too long; expected at most ${most} bytes`));
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}
