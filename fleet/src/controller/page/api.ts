const TIMEOUT_MILLISECONDS = 15_000;

/** Why a request was not answered as wanted. */
export class ApiError extends Error {
  /** Of HTTP; 0: the controller does not answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a request asks for beside its path; null: not at all. */
export type Query = Readonly<Record<string, string | number | readonly string[] | null>>;

/** Requests to the controller as the person whom the token belongs to. */
export class Api {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** @throws ApiError */
  async get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return (await this.#ask('GET', withQuery(path, query))) as Answer;
  }

  /** @throws ApiError */
  async send<Answer>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    return (await this.#ask(method, path, body)) as Answer;
  }

  /** An answer that does not end. @throws ApiError */
  async stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#fetch(path, { headers: { accept: 'text/event-stream' }, signal });
    if (body === null) throw new ApiError(0, 'The controller gave an empty answer.');
    return body;
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#fetch(path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    try {
      const text = await response.text();
      return text === '' ? {} : JSON.parse(text);
    } catch {
      throw new ApiError(0, 'The answer of the controller was cut off, or is not JSON.');
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#token}` };
    const request = fetch(`v1/${path}`, { ...init, headers, cache: 'no-store', credentials: 'omit' });
    const response = await request.catch(() => {
      throw new ApiError(0, 'The controller does not answer.');
    });
    if (!response.ok) throw new ApiError(response.status, await reasonOf(response));
    return response;
  }
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // a proxy answers with a page of its own
  }
  return `The controller answered with status ${response.status}.`;
}

function withQuery(path: string, query: Query): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === '') continue;
    for (const each of typeof value === 'object' ? value : [value]) words.append(name, String(each));
  }
  return words.size === 0 ? path : `${path}?${words}`;
}
