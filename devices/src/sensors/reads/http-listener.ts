import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SpikewireError } from '@spikewire/models';
import { Connections, Gate, listen, Refusal, readBody } from 'spikewire/dashboard';
import { ALL_ROLES, SharedSecret } from 'spikewire/desk';
import type { SampleBlock } from 'spikewire/sensors';
import type { SampleInbox } from './inbox.ts';
import type { TextSamples } from './text-sample.ts';

/** A longer body is refused, and one of more samples. */
const MOST_BYTES = 2 ** 18;
const MOST_SAMPLES = 1000;
const MOST_CONNECTIONS = 32;
const EXPECTED = 'authorization: Bearer with the token that the sensor was given';

export interface ListenerOptions {
  /** Of the sensor, for messages. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The token that every sender has to show; undefined where only this machine can send. */
  readonly token: string | undefined;
}

/** Listens for samples that are posted, until it is closed. Throws `input` where it cannot listen. */
export async function listenForSamples(
  samples: TextSamples,
  inbox: SampleInbox,
  options: ListenerOptions,
): Promise<() => Promise<void>> {
  const receiver = new SampleReceiver(samples, inbox, options);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000, keepAliveTimeout: 5000 });
  new Connections(server, MOST_CONNECTIONS);
  server.on('request', (request, response) => void receiver.answer(request, response));
  const { address, host, port } = options;
  await listen(server, host, port).catch((cause) => Promise.reject(cannotListen(address, cause)));
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

class SampleReceiver {
  readonly #options: ListenerOptions;
  readonly #gate: Gate;
  readonly #samples: TextSamples;
  readonly #inbox: SampleInbox;

  constructor(samples: TextSamples, inbox: SampleInbox, options: ListenerOptions) {
    const { token, port } = options;
    this.#options = options;
    const tokens = token === undefined ? [] : [[new SharedSecret(token, 'token'), ALL_ROLES] as const];
    this.#gate = new Gate({ names: new Set(['localhost']), tokens, port, expected: EXPECTED });
    this.#samples = samples;
    this.#inbox = inbox;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Who leaves before the answer is no error of ours.
    response.on('error', () => {});
    try {
      await this.#take(request, response);
      response.writeHead(204).end();
    } catch (problem) {
      refuse(request, response, problem);
    }
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page of another site may send here what it likes through a browser of this machine.
    if (this.#options.token === undefined) this.#gate.checkHost(request);
    this.#gate.checkNotForeign(request);
    if (request.method !== 'POST') throw new Refusal(405, `method ${request.method}: expected POST`);
    const [path = ''] = (request.url ?? '').split('?');
    this.#gate.admit(request, response, new URL('http://localhost'));
    const expected = this.#options.path;
    if (path !== expected) throw new Refusal(404, `path ${path.slice(0, 80)}: unknown; expected ${expected}`);
    const blocks = this.#read(await readBody(request, MOST_BYTES));
    const problem = blocks.find((block) => block.problem !== undefined)?.problem;
    if (problem !== undefined) {
      this.#inbox.tell(problem);
      throw new Refusal(400, problem);
    }
    if (!this.#inbox.push(...blocks)) throw new Refusal(503, 'samples: too many at once; expected fewer, or later');
  }

  #read(body: string): readonly SampleBlock[] {
    const document = /^\s*[[{]/.test(body) ? this.#samples.read(body) : undefined;
    if (document !== undefined && document.problem === undefined) return [document];
    const lines = body.split(/[\r\n]+/).filter((line) => line.trim() !== '');
    if (lines.length === 0) throw new Refusal(400, 'body: is empty; expected a sample, or one in each line');
    if (lines.length > MOST_SAMPLES) {
      throw new Refusal(413, `body: has ${lines.length} lines; expected at most ${MOST_SAMPLES}`);
    }
    const blocks = lines.map((line) => this.#samples.read(line));
    // Of a document that is wrong, the first of its lines would say nothing.
    return document !== undefined && blocks[0]!.problem !== undefined ? [document] : blocks;
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, problem: unknown): void {
  if (response.headersSent) return void response.destroy();
  const { status, message } = problem instanceof Refusal ? problem : new Refusal(500, String(problem));
  // What is left of a body that nobody reads must not be taken for the next request.
  const rest = request.complete ? {} : { connection: 'close' };
  const allow = status === 405 ? { allow: 'POST' } : {};
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...rest, ...allow }).end(`${message}\n`);
}

function cannotListen(address: string, { code, message }: NodeJS.ErrnoException): SpikewireError {
  if (code === 'EADDRINUSE') return new SpikewireError('input', address, 'is in use', 'another port, or its end');
  if (code === 'EACCES') return new SpikewireError('usage', address, 'is forbidden', 'a port from 1024 on');
  return new SpikewireError('input', address, message);
}
