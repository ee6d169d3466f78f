import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CLI = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
export const CHANNELS = ['vibration', 'current', 'temperature'];
export const LABELS = ['idle', 'load', 'worn'];
/** Random neurons of each of the two views of the front, of the first model and of its update. */
const NEURONS = [50, 100];

/** A repository on a web server, with a larger model than the one that a device is given. */
export interface PublishedUpdate {
  /** The model that a device is given, and what it trusts. */
  readonly model: string;
  readonly root: string;
  readonly port: number;
  close(): void;
}

export async function publishUpdate(folder: string): Promise<PublishedUpdate> {
  const spikewire = (...words: string[]) => promisify(execFile)(process.execPath, [CLI, ...words]);
  const [site, keys, newer] = ['site', 'keys', 'newer'].map((name) => join(folder, name)) as [string, string, string];
  await mkdir(newer, { recursive: true });
  const [model, update] = [join(folder, 'pump.spike'), join(newer, 'pump.spike')];
  const classifier = ['new', 'classifier', '--channels', CHANNELS.join(','), '--labels', LABELS.join(',')];
  for (const [k, path] of [model, update].entries())
    await spikewire(...classifier, '--neurons', String(NEURONS[k]), '--out', path);
  await spikewire('fleet', 'init', site, '--keys', keys);
  await spikewire('fleet', 'publish', update, '--to', site, '--keys', keys);
  const root = join(folder, 'root.json');
  await copyFile(join(site, 'metadata', '1.root.json'), root);
  const server = createServer(async ({ url, headers }, response) => {
    const path = join(site, decodeURIComponent(url!.replace(/^\/+/, '')).replaceAll('..', ''));
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) return response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const range = from === 0 ? {} : { 'Content-Range': `bytes ${from}-${found.size - 1}/${found.size}` };
    response.writeHead(from === 0 ? 200 : 206, { 'Content-Length': found.size - from, ...range });
    return createReadStream(path, { start: from }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { model, root, port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
