import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { openRegularFile, readWholeFile } from '../../regular-file.ts';

/** Where the files of a repository come from: a web server, or a folder, such as that of a USB stick. */
export interface RepositorySource {
  /** For errors: the address or folder. */
  readonly where: string;
  /**
   * A small file whole, by its path in the repository; undefined where there is none. Rejects with `link` where the
   * source cannot be reached or the file has more than `most` bytes.
   */
  read(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** The bytes of a file from an offset on, as they come. Rejects with `link` as above. */
  stream(path: string, from: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Silence of a server, in milliseconds, after which it counts as gone. */
const LONGEST_SILENCE = 30_000;

/** The source that a user named: `http://…`, `https://…`, or the path of a folder. Throws `usage`. */
export function sourceOfRepository(address: string): RepositorySource {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return new FolderSource(address);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new SpikewireError('usage', address, 'is not an address of a repository', 'http://…, https://… or a folder');
  }
  return new WebSource(address);
}

class FolderSource implements RepositorySource {
  readonly where: string;

  constructor(folder: string) {
    this.where = folder;
  }

  async read(path: string, most: number): Promise<Uint8Array | undefined> {
    try {
      return await readWholeFile(join(this.where, path), most, 'a file of the repository');
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
  }

  async *stream(path: string, from: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const file = await openRegularFile(join(this.where, path), 'a file of the repository');
    try {
      const options = { start: from, autoClose: false, ...(signal && { signal }) };
      yield* file.createReadStream(options) as AsyncIterable<Uint8Array>;
    } finally {
      await file.close().catch(() => {}); // it was only read
    }
  }
}

class WebSource implements RepositorySource {
  readonly where: string;
  readonly #base: URL;

  constructor(address: string) {
    this.#base = new URL(address.endsWith('/') ? address : `${address}/`);
    const shown = new URL(this.#base);
    shown.username = shown.password = '';
    this.where = shown.href;
  }

  async read(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of this.#bytes(path, 0, signal)) {
      if (part === undefined) return undefined;
      length += part.length;
      if (length > most)
        throw new SpikewireError('link', `${this.where}${path}`, 'is too long', `at most ${most} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  async *stream(path: string, from: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    for await (const part of this.#bytes(path, from, signal)) {
      if (part === undefined) throw new SpikewireError('link', `${this.where}${path}`, 'does not exist');
      yield part;
    }
  }

  /** The body of an answer; undefined, once, where the server has no such file. */
  async *#bytes(path: string, from: number, signal?: AbortSignal): AsyncGenerator<Uint8Array | undefined> {
    const silence = new Silence(LONGEST_SILENCE, signal);
    const where = `${this.where}${path}`;
    try {
      const answer = await fetch(this.#addressOf(path), { headers: this.#headers(from), signal: silence.signal });
      // Object stores say 403 of what does not exist.
      if (answer.status === 404 || answer.status === 403) return yield undefined;
      if (!answer.ok) throw new SpikewireError('link', where, `the server answers ${answer.status}`, '200');
      // A server that knows no ranges sends the file from its start.
      let skipped = answer.status === 206 ? from : 0;
      for await (const part of answer.body ?? []) {
        silence.isOver();
        const rest = part.subarray(Math.min(part.length, from - skipped));
        skipped = Math.min(from, skipped + part.length);
        if (rest.length > 0) yield rest;
      }
    } catch (cause) {
      throw this.#failure(where, cause, silence);
    } finally {
      silence.end();
    }
  }

  #addressOf(path: string): URL {
    const address = new URL(path, this.#base);
    address.username = address.password = '';
    return address;
  }

  /** Uncompressed, so that lengths and ranges are those of the file. */
  #headers(from: number): Record<string, string> {
    const { username, password } = this.#base;
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    return {
      'accept-encoding': 'identity',
      ...(from > 0 && { range: `bytes=${from}-` }),
      ...((username || password) && { authorization: `Basic ${credentials.toString('base64')}` }),
    };
  }

  #failure(where: string, cause: unknown, silence: Silence): unknown {
    if (cause instanceof SpikewireError || silence.isAborted) return cause;
    const reason = silence.signal.aborted ? `no byte for ${LONGEST_SILENCE / 1000} s` : reasonOf(cause);
    return new SpikewireError('link', where, `cannot be read (${reason})`, 'a reachable server', cause);
  }
}

/** Aborts where nothing comes for too long, or where the caller does. */
class Silence {
  readonly #controller = new AbortController();
  readonly #longest: number;
  readonly #caller: AbortSignal | undefined;
  readonly #abort = () => this.#controller.abort(this.#caller?.reason);
  #timer: NodeJS.Timeout;

  constructor(longest: number, caller: AbortSignal | undefined) {
    this.#longest = longest;
    this.#caller = caller;
    caller?.addEventListener('abort', this.#abort);
    if (caller?.aborted) this.#abort();
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#caller?.aborted === true;
  }

  isOver(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#abort);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.#longest);
  }
}

function isMissing(cause: unknown): boolean {
  const code = cause instanceof SpikewireError && (cause.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOENT';
}

/** `fetch` says "fetch failed" and hides what the system said. */
function reasonOf(cause: unknown): string {
  const inner = (cause as Error | undefined)?.cause;
  return inner instanceof Error ? inner.message || String((inner as NodeJS.ErrnoException).code) : String(cause);
}
