import { SpikewireError } from '@spikewire/models';
import { type CommandArguments, readOwnersLine } from 'spikewire/cli';
import type { PageOf } from '../../controller/wire/wire.ts';

/** The options of every action that talks to a controller. */
export const TALKING = ['controller', 'token-file'] as const;

export const DEFAULT_CONTROLLER = 'http://127.0.0.1:8080';
export const DEFAULT_TOKEN_FILE = 'controller/administrator.token';

const WAIT_MILLISECONDS = 30_000;
const PAGE = '100';
/** In bytes: 200 entries of the history, each with what a request may have. */
const LARGEST_ANSWER = 2 ** 24;

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A running controller, as a person with a token uses it. */
export class ControllerClient {
  readonly address: URL;
  readonly #token: string;

  constructor(address: URL, token: string) {
    this.address = address;
    this.#token = token;
  }

  /** The controller and the token that the options name. Throws `usage`. */
  static async of(args: CommandArguments): Promise<ControllerClient> {
    const word = args.text('controller') ?? DEFAULT_CONTROLLER;
    const address = URL.canParse(word) ? new URL(word) : undefined;
    if (address === undefined || !/^https?:$/.test(address.protocol))
      throw new SpikewireError('usage', `--controller ${word}`, 'is no address', 'http://… or https://…');
    const token = await readOwnersLine(args.text('token-file') ?? DEFAULT_TOKEN_FILE, 'token file');
    return new ControllerClient(address, token);
  }

  get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return this.#ask('GET', path, query);
  }

  send<Answer>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer> {
    return this.#ask(method, path, {}, body);
  }

  /** What a path has that is no JSON document, at most `most` bytes. */
  async bytes(path: string, query: Query, most: number): Promise<Uint8Array> {
    const response = await this.#request('GET', path, query);
    if (!response.ok) throw await this.#refusalIn(response);
    const length = Number(response.headers.get('content-length') ?? most + 1);
    if (length > most) throw new SpikewireError('link', this.address.href, `sends ${length} bytes`, `at most ${most}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** The first items of a list, at most `most`. */
  async list<Item>(path: string, query: Query, most: number): Promise<{ items: Item[]; isWhole: boolean }> {
    const items: Item[] = [];
    for (let after: string | undefined; items.length < most; ) {
      const page: PageOf<Item> = await this.get(path, { ...query, limit: PAGE, after });
      items.push(...page.items);
      if (page.next === null) return { items: items.slice(0, most), isWhole: items.length <= most };
      after = page.next;
    }
    return { items: items.slice(0, most), isWhole: false };
  }

  async #ask<Answer>(method: string, path: string, query: Query, body?: object): Promise<Answer> {
    const response = await this.#request(method, path, query, body);
    if (!response.ok) throw await this.#refusalIn(response);
    const answer = await documentIn(response);
    if (answer !== undefined) return answer as Answer;
    throw refused(this.address.href, response.status, undefined);
  }

  async #refusalIn(response: Response): Promise<SpikewireError> {
    return refused(this.address.href, response.status, await documentIn(response));
  }

  #request(method: string, path: string, query: Query, body?: object): Promise<Response> {
    const url = new URL(this.address);
    url.pathname = url.pathname.replace(/\/*$/, path);
    for (const [name, values] of Object.entries(query))
      for (const value of [values ?? []].flat()) url.searchParams.append(name, value as string);
    return fetch(url, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      ...{ signal: AbortSignal.timeout(WAIT_MILLISECONDS), redirect: 'error' },
    }).catch((cause: Error) => {
      const reason = (cause.cause as NodeJS.ErrnoException | undefined)?.code ?? cause.message;
      throw new SpikewireError('link', this.address.href, `does not answer (${reason})`, 'a running controller', cause);
    });
  }
}

/** Undefined for an answer that is no JSON document, or one that is too large for any that a controller gives. */
async function documentIn(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > LARGEST_ANSWER) return undefined;
      parts.push(part);
    }
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    return undefined;
  }
}

function refused(where: string, status: number, answer: unknown): SpikewireError {
  const { error } = (answer ?? {}) as { readonly error?: unknown };
  const problem = typeof error === 'string' ? error : `answers ${status}, as no controller does`;
  const code = status === 401 || status === 403 ? 'access' : status < 500 && status !== 429 ? 'input' : 'link';
  return new SpikewireError(code, where, problem);
}
