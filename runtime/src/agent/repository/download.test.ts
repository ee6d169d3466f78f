import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DownloadOptions, download, pathOfTarget } from './download.ts';
import type { Target } from './metadata.ts';
import { sourceOfRepository } from './source.ts';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, k) => (k * k) % 251));
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const target: Target = { name: 'stable/pump.spike', length: CONTENT.length, sha256, custom: undefined };

let folder: string;
let server: Server;
let starts: number[];
/** Bytes after which the connection ends. */
let cutAfter: number;
let content: Buffer;
let takesRanges: boolean;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'));
  [starts, cutAfter, content, takesRanges] = [[], Number.POSITIVE_INFINITY, CONTENT, true];
  server = createServer(({ headers, url }, response) => {
    expect(url).toBe(`/targets/stable/${sha256}.pump.spike`);
    const from = takesRanges ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0) : 0;
    starts.push(from);
    const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    const length = { 'content-length': `${content.length - from}` };
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...range, ...length } : length);
    if (cutAfter >= content.length - from) response.end(content.subarray(from));
    else response.write(content.subarray(from, from + cutAfter), () => setTimeout(() => response.destroy(), 20));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function fetchTo(more: Partial<DownloadOptions> = {}): Promise<string> {
  const { port } = server.address() as AddressInfo;
  return download({
    source: sourceOfRepository(`http://127.0.0.1:${port}`),
    target,
    folder: join(folder, 'd'),
    ...more,
  });
}

describe('a download', () => {
  it('is kept under its hash, and fetched once', async () => {
    const progress: number[] = [];
    const path = await fetchTo({ onProgress: (done) => progress.push(done) });
    expect(path).toBe(join(folder, 'd', sha256));
    expect(CONTENT.equals(await readFile(path))).toBe(true);
    expect(progress.at(-1)).toBe(CONTENT.length);
    expect(await fetchTo()).toBe(path);
    expect(starts).toEqual([0]);
  });

  it.each([true, false])('goes on where its connection was cut; the server knows ranges: %s', async (knows) => {
    takesRanges = knows;
    cutAfter = 100_000;
    await expect(fetchTo()).rejects.toMatchObject({ code: 'link' });
    const kept = (await readFile(join(folder, 'd', `${sha256}.part`))).length;
    expect(kept).toBeGreaterThan(0);
    cutAfter = Number.POSITIVE_INFINITY;
    expect(CONTENT.equals(await readFile(await fetchTo()))).toBe(true);
    expect(starts).toEqual([0, knows ? kept : 0]);
  });

  it('begins again where what was left is damaged or too long', async () => {
    await fetchTo({ signal: AbortSignal.timeout(0) }).catch(() => {});
    for (const left of [Buffer.alloc(1000), Buffer.alloc(CONTENT.length), Buffer.alloc(CONTENT.length + 1)]) {
      await writeFile(join(folder, 'd', `${sha256}.part`), left);
      const path = await fetchTo();
      expect(CONTENT.equals(await readFile(path))).toBe(true);
      await rm(path);
    }
  });

  it.each([
    ['other bytes', () => Buffer.alloc(CONTENT.length), 'access'],
    ['more bytes', () => Buffer.concat([CONTENT, Buffer.alloc(1)]), 'access'],
    ['fewer bytes', () => CONTENT.subarray(1), 'link'],
    ['no bytes', () => Buffer.alloc(0), 'link'],
  ])('of %s than were signed is never given out', async (_, wrong, code) => {
    content = wrong();
    for (let k = 0; k < 2; k++) await expect(fetchTo()).rejects.toMatchObject({ code });
    const names = await readdir(join(folder, 'd'));
    expect(names).not.toContain(sha256);
    if (code === 'access') expect(names).toEqual([]);
    content = CONTENT;
    expect(CONTENT.equals(await readFile(await fetchTo()))).toBe(true);
  });

  it('that does not fit says so before it asks for anything', async () => {
    const failure = fetchTo({ freeSpace: async () => CONTENT.length + 1000 });
    await expect(failure).rejects.toMatchObject({ code: 'store', message: expect.stringMatching(/has .* MB free/) });
    expect(starts).toEqual([]);
  });

  it('takes no more than its rate', async () => {
    const start = performance.now();
    await fetchTo({ rate: 600_000 });
    // 300 kB at 600 kB/s; a timer may be a little early.
    expect(performance.now() - start).toBeGreaterThan(480);
    expect(starts).toEqual([0]);
  });

  it.each([1, 1e-9, 0])('ends where its caller says so, also while it waits for its rate of %d', async (rate) => {
    const controller = new AbortController();
    const onProgress = () => setTimeout(() => controller.abort(new Error('enough')), 10);
    await expect(fetchTo({ rate, signal: controller.signal, onProgress })).rejects.toThrow('enough');
  });
});

it('a file of a repository is named by its hash in the folder of its name', () => {
  expect(pathOfTarget({ name: 'a', sha256: 'ff' })).toBe('targets/ff.a');
  expect(pathOfTarget({ name: 'x/y/a.b', sha256: 'ff' })).toBe('targets/x/y/ff.a.b');
});
