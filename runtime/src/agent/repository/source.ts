import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { unreadableFile } from '../../file-problem.ts';
import { openRegularFile, readWholeFile } from '../../regular-file.ts';
import { type HttpAnswer, httpGet } from './http-get.ts';

/** Where the files of a repository come from: a web server, or a folder, such as that of a USB stick. */
export interface RepositorySource {
  /** For errors: the address or folder. */
  readonly where: string;
  /**
   * A small file whole, by its path in the repository; undefined where there is none. Rejects with `link` where the
   * server cannot be reached or is too slow, with `file` where the folder cannot be read, and with either where the
   * file has more than `most` bytes.
   */
  read(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** The bytes of a file from an offset on, as they come. Rejects with `link` as above. */
  stream(path: string, from: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** How long a source waits for a server before it gives it up. */
export interface Patience {
  /** Milliseconds without a byte. */
  readonly silence: number;
  /** Bytes per second, on average; a server that sends less is as good as silent. */
  readonly speed: number;
}

/** A slow mobile connection has several times the speed. */
const PATIENCE: Patience = { silence: 30_000, speed: 1000 };

/**
 * The source that a user named: `http://…`, `https://…`, with a name and a password where the server asks for them, or
 * the path of a folder. Throws `usage`.
 */
export function sourceOfRepository(address: string, patience = PATIENCE): RepositorySource {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return new FolderSource(address);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address) || /[?#]/.test(address)) {
    const expected = 'http://… or https://… without "?" and "#", or a folder';
    throw new SpikewireError('usage', shownAddress(address), 'is not an address of a repository', expected);
  }
  return new WebSource(address, patience);
}

/** An address without name and password. */
export function shownAddress(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
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
    const where = join(this.where, path);
    const file = await openRegularFile(where, 'a file of the repository');
    try {
      const options = { start: from, autoClose: false, ...(signal && { signal }) };
      yield* file.createReadStream(options) as AsyncIterable<Uint8Array>;
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw unreadableFile(where, cause, 'a file of the repository');
    } finally {
      await file.close().catch(() => {}); // it was only read
    }
  }
}

class WebSource implements RepositorySource {
  readonly where: string;
  readonly #base: URL;
  readonly #patience: Patience;
  readonly #authorization: string | undefined;

  constructor(address: string, patience: Patience) {
    this.#base = new URL(address.endsWith('/') ? address : `${address}/`);
    this.#patience = patience;
    this.#authorization = authorizationIn(this.#base);
    this.#base.username = this.#base.password = '';
    this.where = this.#base.href;
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
    const wait = new Wait(this.#patience, signal);
    const where = `${this.where}${path}`;
    try {
      const answer = await httpGet(new URL(path, this.#base), this.#headers(from), wait.signal);
      // Object stores say 403 of what does not exist.
      if (answer.status === 404 || answer.status === 403) return yield undefined;
      if (answer.status < 200 || answer.status > 299)
        throw new SpikewireError('link', where, `the server answers ${answer.status}`, '200');
      let skipped = startOf(answer);
      if (!(skipped <= from)) throw new SpikewireError('link', where, 'another part came than was asked for');
      for await (const part of answer.body) {
        wait.pause(part.length);
        const rest = part.subarray(Math.min(part.length, from - skipped));
        skipped = Math.min(from, skipped + part.length);
        if (rest.length > 0) yield rest;
        wait.begin();
      }
    } catch (cause) {
      throw this.#failure(where, cause, wait);
    } finally {
      wait.end();
    }
  }

  /** Uncompressed, so that lengths and ranges are those of the file. */
  #headers(from: number): Record<string, string> {
    return {
      'accept-encoding': 'identity',
      ...(from > 0 && { range: `bytes=${from}-` }),
      ...(this.#authorization && { authorization: this.#authorization }),
    };
  }

  #failure(where: string, cause: unknown, wait: Wait): unknown {
    if (cause instanceof SpikewireError) return cause;
    if (wait.isAborted) return wait.signal.reason;
    const { silence, speed } = this.#patience;
    const slow = `nothing for ${silence / 1000} s, or less than ${speed} bytes/s`;
    const reason = wait.signal.aborted ? slow : reasonOf(cause);
    return new SpikewireError('link', where, `cannot be read (${reason})`, 'a reachable server', cause);
  }
}

/** RFC 7617, in UTF-8. Throws `usage`. */
function authorizationIn({ username, password, href }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch (cause) {
    const problem = 'has a name or password with a "%" that escapes nothing';
    throw new SpikewireError('usage', shownAddress(href), problem, '%25', cause);
  }
}

/** Where the body of an answer begins in the file: a server that knows no ranges sends all of it. NaN: nobody knows. */
function startOf({ status, headers }: HttpAnswer): number {
  if (status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN);
}

/**
 * Aborts where a server is too slow, or where the caller does. Each byte buys time, up to that of the longest silence;
 * the time that a reader takes is not the server's.
 */
class Wait {
  readonly #controller = new AbortController();
  readonly #patience: Patience;
  readonly #caller: AbortSignal | undefined;
  readonly #abort = () => this.#controller.abort(this.#caller?.reason);
  /** Milliseconds. */
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(patience: Patience, caller: AbortSignal | undefined) {
    this.#patience = patience;
    this.#left = patience.silence;
    this.#caller = caller;
    caller?.addEventListener('abort', this.#abort);
    if (caller?.aborted) this.#abort();
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#caller?.aborted === true;
  }

  begin(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(), this.#left);
  }

  /** So many bytes came. */
  pause(bytes: number): void {
    clearTimeout(this.#timer);
    const { silence, speed } = this.#patience;
    const left = this.#left - (performance.now() - this.#since) + (1000 * bytes) / speed;
    this.#left = Math.max(0, Math.min(silence, left));
  }

  /** Also ends the connection of an answer that is not read to its end: it would be kept for nobody. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
    this.#caller?.removeEventListener('abort', this.#abort);
  }
}

function isMissing(cause: unknown): boolean {
  const code = cause instanceof SpikewireError && (cause.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOENT';
}

/** That a host refused at each of its addresses has no message. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
}
