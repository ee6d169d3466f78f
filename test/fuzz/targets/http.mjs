import { connect } from 'node:net';
import { DeskSource, startDashboard } from 'spikewire/dashboard';
import { mutateBytes, pick } from '../mutations.mjs';
import { openStreams, ROUTES } from '../streams.mjs';

const TOKEN = 'a word of some length';
const PATIENCE_MS = 10;
const NAMES = ['', '', 'in', '..', '%2e%2e', '\u0000', 'x'.repeat(300)];
const PATHS = [
  '/',
  '/',
  '/events',
  '/events',
  '/index.html',
  '/metrics',
  '/inside',
  '/nets',
  '/nets?page=1&courses&search=x',
  '/command',
  '/../package.json',
  '/%00',
  '//x',
  '/?token=',
  'x',
  '*',
];
const BODY = '{"net":"","command":"status"}';
const BODIES = [
  BODY,
  ...['learn', 'freeze', 'save', 'reset', 'normal', 'x'].map((command) => JSON.stringify({ net: '', command })),
  '{"net":"","command":"settings","settings":{"sensitivity":3,"holdOff":10}}',
  '{"net":"","command":"settings","settings":{"sensitivity":1e999,"__proto__":1}}',
  '{"net":1}',
  '[]',
  `{"net":"${'x'.repeat(5000)}"}`,
  '',
];

/**
 * Requests to the page of a running stream over a real socket, right ones and damaged ones: each is answered, and by no
 * failure.
 */
export const http = {
  name: 'http',
  async create() {
    const streams = openStreams();
    const { stream, receive } = streams.find(({ model }) => model.monitors !== undefined);
    const pages = [];
    for (const options of [{ trustLocalUsers: true }, { token: TOKEN }]) {
      pages.push(await startDashboard(new DeskSource(stream.desk, { title: 'fuzzed' }), options));
    }
    // The page shows a net from its first reading on.
    await receive(ROUTES.in, Buffer.from('0.5'));
    const run = async (random) => {
      const { port } = new URL(pick(random, pages).url);
      const status = statusOf(await exchange(port, damaged(request(port, random), random)));
      return status >= 200 && status < 400;
    };
    return Object.assign(run, {
      async close() {
        for (const page of pages) await page.close();
        for (const { pool } of streams) await pool.close();
      },
    });
  },
};

function damaged(text, random) {
  const bytes = new TextEncoder().encode(text);
  return random.nextInteger(3) > 0 ? bytes : mutateBytes(bytes, random);
}

function request(port, random) {
  const own = `127.0.0.1:${port}`;
  const host = random.nextInteger(8) > 0 ? own : pick(random, ['localhost', 'evil.example', '', '[::1', own]);
  const cookie = random.nextInteger(3) > 0 ? [`Cookie: spikewire-${port}=${encodeURIComponent(TOKEN)}`] : [];
  const more = random.nextInteger(16) === 0 ? ['Transfer-Encoding: chunked'] : [];
  if (random.nextInteger(8) === 0) more.push(`Authorization: Bearer ${pick(random, [TOKEN, '', 'x'])}`);
  if (random.nextInteger(2) === 0) {
    const path = pick(random, PATHS) + (random.nextInteger(3) === 0 ? `?net=${pick(random, NAMES)}` : '');
    return [
      `${pick(random, ['GET', 'GET', 'HEAD', 'PUT'])} ${path} HTTP/1.1`,
      `Host: ${host}`,
      ...cookie,
      ...more,
      '',
      '',
    ].join('\r\n');
  }
  const body = pick(random, BODIES);
  const head = [
    'POST /command HTTP/1.1',
    `Host: ${host}`,
    `Origin: http://${random.nextInteger(8) > 0 ? host : 'evil.example'}`,
    'Content-Type: application/json',
    `Content-Length: ${random.nextInteger(8) > 0 ? body.length : random.nextInteger(2 ** 16)}`,
  ];
  return [...head, ...cookie, ...more, '', body].join('\r\n');
}

/** What comes back: the head of an answer, or nothing where the server waits for more than there is, or closes. */
function exchange(port, bytes) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    // A server gives up an answer when its client has closed its side, so that this is done only where none comes.
    const patience = setTimeout(() => socket.end(), PATIENCE_MS);
    socket.setEncoding('latin1');
    socket.on('error', () => {}); // a connection that was reset is closed too
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(answer);
    });
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.write(bytes);
  });
}

/** 0 where the connection was closed without a word. */
function statusOf(answer) {
  if (answer === '') return 0;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
  if (!(status >= 100) || status === 500) throw new Error(`answers ${JSON.stringify(answer.slice(0, 1000))}`);
  return status;
}
