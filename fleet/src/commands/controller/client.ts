import { existsSync } from 'node:fs';
import { SpikewireError } from '@spikewire/models';
import { type Certificates, type HttpAnswer, type HttpRequest, httpRequest } from 'spikewire/agent';
import { type CommandArguments, readOwnersLine, readTls } from 'spikewire/cli';
import type { PageOf } from '../../controller/wire/wire.ts';

/** The options of every action that talks to a controller. */
export const TALKING = ['controller', 'controller-ca', 'token-file'] as const;

export const DEFAULT_CONTROLLER = 'http://127.0.0.1:8080';
export const DEFAULT_TOKEN_FILE = 'controller/administrator.token';

const WAIT_MILLISECONDS = 30_000;
const LATE = `does not answer within ${WAIT_MILLISECONDS / 1000} s`;
const PAGE = '100';
/** In bytes: 200 entries of the history, each with what a request may have. */
const LARGEST_ANSWER = 2 ** 24;

type HttpMethod = HttpRequest['method'];
type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A running controller, as a person with a token uses it. */
export class ControllerClient {
  readonly address: URL;
  readonly #token: string;
  readonly #tls: Certificates | undefined;

  /** @param tls whom to believe behind `https://`; default: the authorities of Node */
  constructor(address: URL, token: string, tls?: Certificates) {
    [this.address, this.#token, this.#tls] = [address, token, tls];
  }

  /** The controller and the token that the options name. Throws `usage`. */
  static async of(args: CommandArguments): Promise<ControllerClient> {
    const word = args.text('controller') ?? DEFAULT_CONTROLLER;
    const address = URL.canParse(word) ? new URL(word) : undefined;
    if (address === undefined || !/^https?:$/.test(address.protocol))
      throw new SpikewireError('usage', `--controller ${word}`, 'is not an address', 'http://… or https://…');
    const tls = await readTls('controller', { ca: args.text('controller-ca'), cert: undefined, key: undefined });
    return new ControllerClient(address, await tokenIn(args.text('token-file')), tls);
  }

  get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return this.#ask('GET', path, query);
  }

  send<Answer>(method: HttpMethod, path: string, body?: object): Promise<Answer> {
    return this.#ask(method, path, {}, body);
  }

  /** The body of an answer as bytes, at most `most`. */
  async bytes(path: string, query: Query, most: number): Promise<Uint8Array> {
    return (await this.#request('GET', path, query, { most })).body;
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

  async #ask<Answer>(method: HttpMethod, path: string, query: Query, body?: object): Promise<Answer> {
    const answer = await this.#request(method, path, query, { body });
    const said = documentIn(answer);
    if (said !== undefined) return said as Answer;
    throw refused(this.address.href, answer.status, undefined);
  }

  /** A good answer. Throws what the controller refuses, and `link` where it does not answer. */
  async #request(
    method: HttpMethod,
    path: string,
    query: Query,
    { body, most = LARGEST_ANSWER }: { readonly body?: object | undefined; readonly most?: number },
  ): Promise<HttpAnswer> {
    const url = new URL(this.address);
    url.pathname = url.pathname.replace(/\/*$/, path);
    for (const [name, values] of Object.entries(query))
      for (const value of [values ?? []].flat()) url.searchParams.append(name, value as string);
    const answer = await httpRequest({
      ...{ url, method, most, tls: this.#tls, signal: AbortSignal.timeout(WAIT_MILLISECONDS) },
      headers: { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && Buffer.from(JSON.stringify(body)),
    }).catch((cause: NodeJS.ErrnoException) => {
      const problem = cause.code === 'ABORT_ERR' ? LATE : `does not answer (${cause.code ?? cause.message})`;
      throw new SpikewireError('link', this.address.href, problem, 'a running controller', cause);
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refused(this.address.href, answer.status, documentIn(answer));
  }
}

async function tokenIn(file: string | undefined): Promise<string> {
  if (file === undefined && !existsSync(DEFAULT_TOKEN_FILE)) {
    const expected = 'the folder in which "spikewire fleet serve" runs, or --token-file <file>';
    throw new SpikewireError('usage', `token file ${DEFAULT_TOKEN_FILE}`, 'does not exist', expected);
  }
  return readOwnersLine(file ?? DEFAULT_TOKEN_FILE, 'token file');
}

/** Undefined if the body is not a JSON document. */
function documentIn({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString());
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
