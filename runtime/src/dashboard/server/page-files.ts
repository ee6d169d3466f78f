import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { Refusal } from './reply.ts';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);

/**
 * The files of the page. Their names are listed once, at the start, and a request is looked up in that list: no path of
 * a request ever reaches the file system.
 */
export class PageFiles {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;

  /** @throws SpikewireError `file` when the folder does not hold the page. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#names = new Set(listed(folder));
    if (!this.#names.has('index.html')) {
      throw new SpikewireError('file', 'dashboard', 'its page is missing', 'a built package (npm run build)');
    }
  }

  /** @throws Refusal 404 for anything that is not a file of the page. */
  async reply(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    if (!this.#names.has(name)) {
      throw new Refusal(404, 'no such page; expected /');
    }
    const path = join(this.#folder, name);
    const { mtimeMs, size } = await stat(path);
    const tag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
    const headers = { 'content-type': TYPES.get(extname(name))!, 'cache-control': 'no-cache', etag: tag };
    if (request.headers['if-none-match'] === tag) {
      response.writeHead(304, headers).end();
      return;
    }
    const content = await readFile(path);
    response.writeHead(200, { ...headers, 'content-length': content.length });
    response.end(request.method === 'HEAD' ? undefined : content);
  }
}

function listed(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true }) as string[];
    return names.filter((name) => TYPES.has(extname(name))).map((name) => name.replaceAll(sep, '/'));
  } catch {
    return [];
  }
}
