import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SpikewireError } from '@spikewire/models';
import { type SampleBlock, type SensorDriver, SensorSettings } from 'spikewire/sensors';
import { SampleInbox } from './reads/inbox.ts';
import { TextSamples } from './reads/text-sample.ts';

/** A longer body is refused. */
const MOST_BYTES = 1 << 20;
const TOKEN = 'SPIKEWIRE_SENSOR_TOKEN';

/**
 * Readings that are pushed by HTTP: `http://127.0.0.1:8090/shed` listens there, and takes a POST with a sample per line,
 * as numbers or JSON. Beyond this machine it listens only where the environment variable SPIKEWIRE_SENSOR_TOKEN has a
 * word that senders show as `Authorization: Bearer`.
 */
export const httpDriver: SensorDriver = {
  scheme: 'http',
  summary: 'samples that others push by HTTP',
  settings: { channels: 'names and units of its numbers, as temperature:°C,humidity:%' },
  list: async () => [],
  async open(name, settings = new SensorSettings(`http:${name}`)) {
    const { address, channels } = settings;
    const [, host, port, path] = /^\/\/(\[[^\]]+\]|[^:/]+):(\d+)(\/.*)?$/.exec(name) ?? [];
    if (host === undefined || Number(port) > 65_535) {
      throw new SpikewireError('usage', address, 'does not say where to listen', 'http://127.0.0.1:8090/shed');
    }
    const token = process.env[TOKEN] || undefined;
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(host) && token === undefined) {
      throw new SpikewireError('usage', address, 'listens beyond this machine', `a word in ${TOKEN}`);
    }
    const door = { path: path ?? '/', token };
    return {
      description: { address, name: `POST to ${door.path}`, channels },
      async *samples(signal): AsyncGenerator<SampleBlock> {
        const [inbox, samples] = [new SampleInbox(), new TextSamples(channels)];
        const server = createServer((request, response) => void answer(request, response, door, samples, inbox));
        await listen(server, host.replace(/^\[|\]$/g, ''), Number(port), address);
        try {
          yield* inbox.taken(signal);
        } finally {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        }
      },
    };
  },
};

interface Door {
  readonly path: string;
  readonly token: string | undefined;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { path, token }: Door,
  samples: TextSamples,
  inbox: SampleInbox,
): Promise<void> {
  const say = (status: number, text = '') =>
    void response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  if (request.url?.split('?')[0] !== path) return say(404);
  if (request.method !== 'POST') return say(405);
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return say(401);
  const body = await bodyOf(request).catch(() => undefined);
  if (body === undefined) return say(413, `at most ${MOST_BYTES} bytes\n`);
  const lines = /^\s*[[{]/.test(body) ? [body] : body.split('\n').filter((line) => line.trim() !== '');
  const blocks = lines.map((line) => samples.read(line));
  const problem = blocks.find((block) => block.problem !== undefined)?.problem;
  const fits = blocks.every((block) => inbox.push(block));
  if (problem !== undefined) say(400, `${problem}\n`);
  else say(fits ? 204 : 503);
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function listen(server: Server, host: string, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ message }) => reject(new SpikewireError('input', address, message)));
    server.listen(port, host, resolve);
  });
}
