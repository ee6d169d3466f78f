import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Patience, sourceOfRepository } from './source.ts';

const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, k) => k % 251));
const PATH = 'targets/file';
const QUICK: Patience = { silence: 300, speed: 1000 };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let answer: Answer;
let requests: IncomingMessage[];
let address: string;

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function bytesFrom(from: number, patience?: Patience): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of sourceOfRepository(address, patience).stream(PATH, from)) parts.push(part);
  return Buffer.concat(parts);
}
const read = (most = 1 << 20, patience?: Patience) => sourceOfRepository(address, patience).read(PATH, most);

/** Sends from an offset on; the answer says which, so that a wrong one can be told. */
function part(from: number, said = from): Answer {
  return (_, response) => {
    response.writeHead(206, { 'content-range': `bytes ${said}-${CONTENT.length - 1}/${CONTENT.length}` });
    response.end(CONTENT.subarray(from));
  };
}

describe('a web source', () => {
  it('reads files below the address, and knows the missing ones', async () => {
    answer = ({ url }, response) => response.writeHead(url === '/models/targets/file' ? 200 : 404).end('text');
    expect(Buffer.from((await read())!).toString()).toBe('text');
    const source = sourceOfRepository(`${address}/`);
    expect(Buffer.from((await source.read(PATH, 4))!).toString()).toBe('text');
    expect(await source.read('metadata/2.root.json', 100)).toBeUndefined();
    await expect(source.read(PATH, 3)).rejects.toMatchObject({
      code: 'link',
      message: expect.stringContaining('too long'),
    });
  });

  it('takes 403 as missing and says of other answers which they are', async () => {
    answer = (_, response) => response.writeHead(403).end('forbidden');
    expect(await read()).toBeUndefined();
    for (const status of [401, 416, 500, 503]) {
      answer = (_, response) => response.writeHead(status).end('x'.repeat(100_000));
      await expect(read()).rejects.toMatchObject({
        code: 'link',
        message: expect.stringContaining(`answers ${status}`),
      });
    }
  });

  it('keeps no connection of answers that nobody reads', async () => {
    answer = (_, response) => {
      response.writeHead(404);
      response.write('the beginning of a long page');
    };
    for (let k = 0; k < 3; k++) expect(await read()).toBeUndefined();
    await vi.waitFor(async () => {
      const count = await new Promise((resolve) => server.getConnections((_, open) => resolve(open)));
      expect(count).toBe(0);
    }, 20_000);
  });

  it('goes on in the middle, whether the server knows ranges or not', async () => {
    answer = part(1000);
    expect(CONTENT.subarray(1000).equals(await bytesFrom(1000))).toBe(true);
    expect(requests[0]!.headers.range).toBe('bytes=1000-');
    answer = (_, response) => response.end(CONTENT);
    for (const from of [1, 65_536, CONTENT.length - 1, CONTENT.length]) {
      expect(CONTENT.subarray(from).equals(await bytesFrom(from))).toBe(true);
    }
    answer = part(10);
    expect(CONTENT.subarray(1000).equals(await bytesFrom(1000))).toBe(true);
  });

  it.each([
    ['a later part', part(1001)],
    ['a part without a place', (_, response) => response.writeHead(206).end('x')],
    ['several parts', (_, response) => response.writeHead(206, { 'content-type': 'multipart/byteranges' }).end('x')],
  ] satisfies [string, Answer][])('refuses %s where another was asked for', async (_, wrong) => {
    answer = wrong;
    await expect(bytesFrom(1000)).rejects.toMatchObject({
      code: 'link',
      message: expect.stringContaining('another part'),
    });
  });

  it('follows a redirection, and takes no password to another server', async () => {
    const other = createServer((request, response) => {
      requests.push(request);
      response.end('there');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const place = `http://127.0.0.1:${(other.address() as AddressInfo).port}/x`;
    answer = (_, response) => response.writeHead(302, { location: place }).end();
    address = address.replace('//', '//device:s3cret@');
    expect(Buffer.from((await read())!).toString()).toBe('there');
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('device:s3cret').toString('base64')}`,
      undefined,
    ]);
    answer = (_, response) => response.writeHead(302, { location: '/round' }).end();
    await expect(read()).rejects.toMatchObject({ code: 'link' });
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  it('sends a name and password of any letters, and shows them in no error', async () => {
    answer = (_, response) => response.writeHead(401).end();
    address = address.replace('//', '//d%C3%A9vice:p%40ss%3Aword@');
    const failure = await read().catch((problem: Error) => problem);
    expect(requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('dévice:p@ss:word').toString('base64')}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const unreachable = await read().catch((problem: Error) => problem);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    for (const each of [failure, unreachable]) {
      expect(each).toMatchObject({ code: 'link' });
      expect(JSON.stringify([(each as Error).message, each])).not.toMatch(/p(@|%40)ss|d(é|%C3%A9)vice/);
    }
  });

  it.each([
    'ftp://device:s3cret@host/models',
    'http://device:s3cret@host:99999/models',
    'http://device:s3cret%@host/models',
    'http://device:s3cret@host/models?version=1',
    'http://device:s3cret@host/models#part',
    'http://',
    'file:///models',
  ])('refuses the address %s in one line without the password', (wrong) => {
    const failure = (() => {
      try {
        return sourceOfRepository(wrong);
      } catch (problem) {
        return problem as Error;
      }
    })();
    expect(failure).toMatchObject({ code: 'usage' });
    expect((failure as Error).message).not.toMatch(/s3cret|\n/);
  });

  it('reads what is compressed although that was not asked for, and no more than it may', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(CONTENT));
    expect(requests[0]?.headers['accept-encoding']).toBeUndefined();
    expect(CONTENT.equals((await read())!)).toBe(true);
    expect(requests[0]!.headers['accept-encoding']).toBe('identity');
    answer = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1 << 26)));
    await expect(read(1 << 16)).rejects.toThrow('too long');
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip');
    await expect(read()).rejects.toMatchObject({ code: 'link' });
  });

  it('stops reading a body without an end', async () => {
    let sent = 0;
    answer = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16))) sent += 1 << 16;
        sent += 1 << 16;
      };
      response.on('drain', more).on('error', () => {});
      more();
    };
    await expect(read(1 << 18)).rejects.toThrow('too long');
    await vi.waitFor(() => expect(sent).toBeLessThan(1 << 25));
    let length = 0;
    for await (const bytes of sourceOfRepository(address).stream(PATH, 0)) {
      length += bytes.length;
      if (length > 1 << 20) break;
    }
    expect(length).toBeGreaterThan(1 << 20);
  });

  it('says where a connection ends early', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 1000), () => response.destroy());
    };
    await expect(read()).rejects.toMatchObject({ code: 'link', message: expect.not.stringContaining('\n') });
  });
});

describe('a server that is too slow', () => {
  const slow = { code: 'link', message: expect.stringContaining('nothing for 0.3 s, or less than 1000 bytes/s') };

  it('is given up where it never answers', async () => {
    answer = () => {};
    await expect(read(100, QUICK)).rejects.toMatchObject(slow);
  });

  it('is given up where its answer stands still', async () => {
    answer = (_, response) => response.write('the beginning');
    await expect(read(100, QUICK)).rejects.toMatchObject(slow);
    await expect(bytesFrom(0, QUICK)).rejects.toMatchObject(slow);
  });

  it.each(['read', 'stream'])('is given up where single bytes come again and again: %s', async (way) => {
    let timer: NodeJS.Timeout | undefined;
    answer = (_, response) => {
      timer = setInterval(() => response.write('x'), 20);
    };
    const start = performance.now();
    const done = way === 'read' ? read(1 << 20, QUICK) : bytesFrom(0, QUICK);
    await expect(done).rejects.toMatchObject(slow);
    clearInterval(timer);
    // 50 bytes a second buy 50 ms of each second.
    expect(performance.now() - start).toBeGreaterThan(290);
  });

  it('is not the one whose reader takes his time', async () => {
    answer = (_, response) => response.end(CONTENT);
    let length = 0;
    for await (const bytes of sourceOfRepository(address, { silence: 200, speed: 1e6 }).stream(PATH, 0)) {
      length += bytes.length;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(length).toBe(CONTENT.length);
  });

  it('is left where its caller has no more use for it', async () => {
    answer = (_, response) => response.write('the beginning');
    const reason = new Error('enough');
    const source = sourceOfRepository(address);
    await expect(source.read(PATH, 100, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const done = source.read(PATH, 100, controller.signal);
    await vi.waitFor(() => expect(requests.length).toBeGreaterThan(0));
    controller.abort(reason);
    await expect(done).rejects.toBe(reason);
  });
});

describe('a folder', () => {
  it('is a source, also in the middle of a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'source-'));
    await writeFile(join(folder, 'file'), CONTENT);
    const source = sourceOfRepository(folder);
    expect(await source.read('nothing', 10)).toBeUndefined();
    await expect(source.read('file', 10)).rejects.toMatchObject({ code: 'file' });
    const parts: Uint8Array[] = [];
    for await (const bytes of source.stream('file', 150_000)) parts.push(bytes);
    expect(Buffer.concat(parts).equals(CONTENT.subarray(150_000))).toBe(true);
    const none = source.stream('nothing', 0)[Symbol.asyncIterator]();
    await expect(none.next()).rejects.toMatchObject({ code: 'file' });
    await rm(folder, { recursive: true });
  });
});
