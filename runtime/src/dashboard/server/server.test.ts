import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Roles } from '../../desk/access.ts';
import {
  DASHBOARD_COMMANDS,
  type DashboardCommand,
  type DashboardDescription,
  type DashboardFrame,
  type DashboardNet,
  type DashboardNetName,
  type DashboardOrder,
  type DashboardSettings,
  type DashboardSource,
} from '../source.ts';
import type { DescribeEvent, ReadingsEvent } from '../wire.ts';
import { MAXIMAL_VIEWERS } from './audience.ts';
import { MAXIMAL_BODY_BYTES } from './command.ts';
import { type Dashboard, startDashboard } from './server.ts';

const TOKEN = 'a token that nobody guesses';

const HOLD_OFF = {
  ...{ id: 'holdOff', label: 'Hold-off', unit: 'readings', about: 'how long an alarm lasts' },
  ...{ value: 0, minimum: 0, maximum: 100, step: 1 },
};

const ONE: DashboardNet = {
  ...{ id: 'one', name: 'One', neurons: 10, settings: [HOLD_OFF] },
  channels: [{ name: 'temperature', unit: '°C' }],
};

class OneNet implements DashboardSource {
  readonly calls: string[] = [];
  readonly commands: [string, DashboardCommand, DashboardSettings | undefined][] = [];
  #listener: ((frame: DashboardFrame) => void) | undefined;
  #seq = 0;

  describe(): DashboardDescription {
    return { title: 'test', notices: [] };
  }

  nets(): readonly DashboardNetName[] {
    return [ONE];
  }

  net(id: string): DashboardNet | undefined {
    return id === ONE.id ? ONE : undefined;
  }

  watch(net: string, listener: (frame: DashboardFrame) => void): () => void {
    this.calls.push(`watch ${net}`);
    this.#listener = listener;
    return () => {
      this.calls.push(`unwatch ${net}`);
      this.#listener = undefined;
    };
  }

  async command(net: string, { command, settings }: DashboardOrder): Promise<string> {
    this.commands.push([net, command, settings]);
    if (command === 'save') {
      throw new SpikewireError('store', 'store', 'the disk is full', 'room for 2 kB');
    }
    if (command === 'reset') {
      throw new Error('two\nlines');
    }
    return `${command}: done`;
  }

  advance(anomaly = false): void {
    this.#seq++;
    const spikes = Array.from({ length: 50 }, (_, index) => index % 10);
    this.#listener?.({
      reading: {
        seq: this.#seq,
        time: this.#seq,
        values: [1],
        expected: [1],
        score: anomaly ? 2 : 0,
        limit: 1,
        anomaly,
        error: 0,
        spikes: spikes.length,
        rate: 1,
      },
      raster: { steps: spikes, neurons: spikes, windowSteps: 10 },
      status: {
        warmUp: { done: true, readings: 1, of: 1 },
        learning: true,
        memory: { resident: 1, network: 1 },
        saved: null,
        counters: { received: 1, bad: 0, dropped: 0, published: 1 },
        latencyMicroseconds: 1,
      },
    });
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends what no browser would: any Host, any path, any body. */
function ask(url: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: '/', agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** One open event stream with the events it has brought. */
class Stream {
  readonly #sent;
  readonly #events: { name: string; data: string }[] = [];
  #rest = '';
  readonly opened: Promise<number>;

  constructor(url: string, path = '/events', headers: Record<string, string> = {}) {
    const { hostname, port } = new URL(url);
    this.#sent = request({ hostname, port, path, headers, agent: false });
    this.opened = new Promise((resolve, reject) => {
      this.#sent.on('error', reject);
      this.#sent.on('response', (response) => {
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => this.#take(chunk));
        response.on('error', () => {});
        resolve(response.statusCode!);
      });
    });
    this.#sent.end();
  }

  all<Event>(name: string): Event[] {
    return this.#events.filter((event) => event.name === name).map(({ data }) => JSON.parse(data) as Event);
  }

  /** Of the events, as text. */
  get bytes(): number {
    return this.#events.reduce((sum, { name, data }) => sum + Buffer.byteLength(name + data), 0);
  }

  close(): void {
    this.#sent.destroy();
  }

  #take(chunk: string): void {
    const parts = (this.#rest + chunk).split('\n\n');
    this.#rest = parts.pop()!;
    for (const part of parts) {
      const match = /^event: (.*)\ndata: (.*)$/.exec(part);
      if (match !== null) {
        this.#events.push({ name: match[1]!, data: match[2]! });
      }
    }
  }
}

/** Enters by a token in the address; the cookie. */
async function enter({ url }: Dashboard, token = TOKEN): Promise<string> {
  const entered = await ask(url, { path: `/?token=${encodeURIComponent(token)}` });
  return entered.headers['set-cookie']![0]!.split(';')[0]!;
}

async function until(true_: () => boolean): Promise<void> {
  while (!true_()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

let source: OneNet;
let dashboard: Dashboard;
beforeEach(async () => {
  source = new OneNet();
  dashboard = await startDashboard(source, { trustLocalUsers: true });
});
afterEach(() => dashboard.close());

describe('dashboard page', () => {
  it('is served on the loopback address with a strict policy', async () => {
    expect(new URL(dashboard.url).hostname).toBe('127.0.0.1');
    const answer = await ask(dashboard.url);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = answer.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    // Nothing that the policy would refuse: no code or style within the page, nothing from elsewhere.
    expect(answer.body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:\/\//i);
  });

  it('is not sent again while it is unchanged', async () => {
    const { headers } = await ask(dashboard.url, { path: '/style.css' });
    const again = await ask(dashboard.url, { path: '/style.css', headers: { 'if-none-match': headers.etag } });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  it.each([
    '/../server.ts',
    '/..%2fserver.ts',
    '/%2e%2e/server.ts',
    '/..\\server.ts',
    '/page/../../index.ts',
    '//etc/passwd',
    '/%00',
    '/tsconfig.json',
    '/main.ts',
    '/.env',
  ])('does not have %s', async (path) => {
    const answer = await ask(dashboard.url, { path });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toHaveProperty('error');
    expect(answer.body.trimEnd()).not.toContain('\n');
  });

  it('takes no other method and no address that is not a path', async () => {
    expect((await ask(dashboard.url, { method: 'PUT' })).status).toBe(405);
    expect((await ask(dashboard.url, { path: '/command' })).status).toBe(405);
    expect((await ask(dashboard.url, { path: '/events', method: 'POST' })).status).toBe(405);
    expect((await ask(dashboard.url, { path: 'http://elsewhere.example/' })).status).toBe(400);
    expect((await ask(dashboard.url, { path: '*', method: 'OPTIONS' })).status).toBe(400);
  });
});

describe('dashboard gate', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example', 'a@localhost'])(
    'refuses the host name %j, by which a page of another site may have come here',
    async (host) => {
      expect((await ask(dashboard.url, { headers: { host } })).status).toBe(403);
    },
  );

  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '[::1]:8080'])('takes the host name %s', async (host) => {
    expect((await ask(dashboard.url, { headers: { host } })).status).toBe(200);
  });

  it.each<[Record<string, string>, string]>([
    [{}, 'no origin'],
    [{ origin: 'http://evil.example' }, 'another site'],
    [{ origin: 'null' }, 'a page without origin'],
    [{ origin: 'http://127.0.0.1:1' }, 'another port'],
    [{ origin: 'same', 'sec-fetch-site': 'cross-site' }, 'a browser that says so'],
  ])('refuses a command with %j (%s)', async (headers) => {
    const answer = await command({ net: 'one', command: 'learn' }, headers);
    expect(answer.status).toBe(403);
    expect(source.commands).toEqual([]);
  });

  it('refuses events to another site, and works for nobody then', async () => {
    const stream = new Stream(dashboard.url, '/events', { origin: 'http://evil.example' });
    expect(await stream.opened).toBe(403);
    expect(source.calls).toEqual([]);
  });

  it('asks for the token that was given, and takes it from the address into a cookie', async () => {
    const guarded = await startDashboard(source, { token: 'a b&c of 16 or more' });
    try {
      expect((await ask(guarded.url)).status).toBe(401);
      expect((await ask(guarded.url, { path: '/?token=wrong' })).status).toBe(401);
      expect((await ask(guarded.url, { path: '/events' })).status).toBe(401);
      const { pathname, search } = new URL(guarded.url);
      const entered = await ask(guarded.url, { path: pathname + search });
      expect([entered.status, entered.headers.location]).toEqual([303, './']);
      const [cookie] = entered.headers['set-cookie']!;
      expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
      const headers = { cookie: `other=1; ${cookie!.split(';')[0]}` };
      expect((await ask(guarded.url, { headers })).status).toBe(200);
      const twice = `${cookie!.split('=')[0]}=of another page; ${headers.cookie}`;
      expect((await ask(guarded.url, { headers: { cookie: twice } })).status).toBe(200);
      const forged = headers.cookie.replace(/=[^=]*$/, (value) => `=x${value.slice(1)}x`);
      expect((await ask(guarded.url, { headers: { cookie: forged } })).status).toBe(401);
      expect((await ask(guarded.url, { headers: { cookie: 'spikewire=%' } })).status).toBe(401);
    } finally {
      await guarded.close();
    }
  });

  it('lets in who has the token, however many others guess from the same address', async () => {
    const guarded = await startDashboard(source, { token: TOKEN });
    try {
      const cookie = await enter(guarded);
      const [name] = cookie.split('=');
      const guesses = await Promise.all(
        Array.from({ length: 60 }, (_, k) =>
          k % 2 === 0
            ? ask(guarded.url, { path: `/?token=${k}` })
            : ask(guarded.url, { headers: { cookie: `${name}=${k}` } }),
        ),
      );
      expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
      expect((await ask(guarded.url, { path: `/?token=${encodeURIComponent(TOKEN)}` })).status).toBe(303);
      const bearer = { authorization: `Bearer ${TOKEN}` };
      for (const headers of [{ cookie }, bearer]) expect((await ask(guarded.url, { headers })).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });

  it('takes no token that somebody could find by trying', async () => {
    const short = { token: 'fifteen letters' };
    await expect(startDashboard(source, short)).rejects.toThrow('page token: has 15 characters; expected 16 or more');
    await expect(startDashboard(source, { viewerToken: short.token })).rejects.toMatchObject({ code: 'usage' });
    // A server that listened on would keep the process alive, and the port taken.
    const before = await startDashboard(source);
    const port = Number(new URL(before.url).port);
    await before.close();
    await expect(startDashboard(source, { ...short, port })).rejects.toMatchObject({ code: 'usage' });
    await (await startDashboard(source, { port })).close();
    const same = { token: TOKEN, viewerToken: TOKEN };
    await expect(startDashboard(source, same)).rejects.toThrow(
      'token of viewers: is the same as the token for commands',
    );
  });

  it('lets viewers look and nothing else', async () => {
    const viewers = 'for the display on the wall';
    const guarded = await startDashboard(source, { token: TOKEN, viewerToken: viewers });
    try {
      const roles: string[] = [];
      Object.assign(source, {
        command: async (_net: string, _order: object, { size }: Roles) => `${size} roles`,
        allowed: (given: Roles) => (roles.push([...given].join(' ')) > 0 && given.has('teach') ? ['teach'] : []),
      });
      for (const token of [TOKEN, viewers]) {
        const cookie = await enter(guarded, token);
        const stream = new Stream(guarded.url, '/events', { cookie });
        await until(() => stream.all('describe').length === 1);
        expect(stream.all<DescribeEvent>('describe')[0]!.allowed).toEqual(token === TOKEN ? ['teach'] : []);
        stream.close();
        expect((await ask(guarded.url, { path: '/metrics', headers: { cookie } })).status).toBe(200);
        const body = JSON.stringify({ net: 'one', command: 'learn' });
        const headers = { cookie, origin: new URL(guarded.url).origin, 'content-type': 'application/json' };
        const answer = await ask(guarded.url, { path: '/command', method: 'POST', headers }, body);
        expect(JSON.parse(answer.body)).toEqual({ message: token === TOKEN ? '3 roles' : '1 roles' });
      }
      expect(roles).toEqual(['look teach command', 'look']);
    } finally {
      await guarded.close();
    }
  });

  it('needs a token of users of this machine too, where its source restricts anything', async () => {
    Object.assign(source, { isRestricted: true });
    const guarded = await startDashboard(source, { trustLocalUsers: true });
    try {
      const { origin, search } = new URL(guarded.url);
      expect(search).toMatch(/^\?token=[\w-]{24}$/);
      for (const path of ['/', '/inside?net=one', '/metrics', '/events']) {
        expect((await ask(origin, { path })).status).toBe(401);
      }
      const headers = { origin, 'content-type': 'application/json' };
      const body = JSON.stringify({ net: 'one', command: 'reset' });
      expect((await ask(origin, { path: '/command', method: 'POST', headers }, body)).status).toBe(401);
      expect(source.commands).toEqual([]);
    } finally {
      await guarded.close();
    }
  });

  it.each([true, false])(
    'needs a token where users of this machine are not trusted, or others are (%s)',
    async (trust) => {
      const guarded = await startDashboard(source, { trustLocalUsers: trust });
      expect(new URL(guarded.url).search === '').toBe(trust);
      await guarded.close();
    },
  );

  it('gives programs the metrics for the token in a header, and nobody without it', async () => {
    const guarded = await startDashboard(source, { token: TOKEN });
    try {
      const { status, headers } = await ask(guarded.url, {
        path: '/metrics',
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      expect((await ask(guarded.url, { path: '/metrics' })).status).toBe(401);
    } finally {
      await guarded.close();
    }
  });

  it('takes the cookie of an earlier process with the same token', async () => {
    const first = await startDashboard(source, { token: TOKEN });
    const { port } = new URL(first.url);
    const { headers } = await ask(first.url, { path: `/?token=${encodeURIComponent(TOKEN)}` });
    await first.close();
    const second = await startDashboard(source, { token: TOKEN, port: Number(port) });
    try {
      const cookie = headers['set-cookie']![0]!.split(';')[0]!;
      expect((await ask(second.url, { headers: { cookie } })).status).toBe(200);
    } finally {
      await second.close();
    }
  });

  it('makes a token of its own for an address that others can reach', async () => {
    const open = await startDashboard(source, { host: '0.0.0.0' });
    try {
      const { port, search } = new URL(open.url);
      expect(search).toMatch(/^\?token=[\w-]{24}$/);
      expect((await ask(`http://127.0.0.1:${port}`)).status).toBe(401);
      expect((await ask(`http://127.0.0.1:${port}`, { path: `/${search}` })).status).toBe(303);
    } finally {
      await open.close();
    }
  });

  it('says in one line that a port is taken', async () => {
    const { port } = new URL(dashboard.url);
    await expect(startDashboard(source, { port: Number(port) })).rejects.toMatchObject({
      name: 'SpikewireError',
      code: 'link',
      message: `dashboard 127.0.0.1:${port}: already in use; expected a free address`,
    });
  });
});

describe('dashboard connections', () => {
  it('serves a viewer whatever number of connections send nothing, or a request by and by', async () => {
    const stream = new Stream(dashboard.url);
    await stream.opened;
    const { port } = new URL(dashboard.url);
    const beginnings = ['', 'GET / HTT', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: '];
    const post = 'POST /command HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n';
    const body = 'Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{';
    const slow = await Promise.all(
      Array.from({ length: 400 }, async (_, k) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => {});
        socket.resume();
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write([...beginnings, post + body][k % 4]!);
        return socket;
      }),
    );
    expect((await ask(dashboard.url)).status).toBe(200);
    expect((await command({ net: 'one', command: 'learn' })).status).toBe(200);
    await until(() => slow.filter(({ closed }) => closed).length >= slow.length - 128);
    source.advance();
    await until(() => stream.all('readings').length === 1);
    stream.close();
    for (const socket of slow) socket.destroy();
  });
});

describe('dashboard commands', () => {
  it('hands a command to the source and its answer back', async () => {
    const answer = await command({ net: 'one', command: 'freeze' });
    expect([answer.status, answer.body]).toEqual([200, '{"message":"freeze: done"}\n']);
    await command({ net: 'one', command: 'settings', settings: { holdOff: 60 } });
    expect(source.commands).toEqual([
      ['one', 'freeze', undefined],
      ['one', 'settings', { holdOff: 60 }],
    ]);
  });

  it('passes on in one line why the source refused or failed', async () => {
    const refused = await command({ net: 'one', command: 'save' });
    expect([refused.status, refused.body]).toEqual([
      422,
      '{"error":"store: the disk is full; expected room for 2 kB"}\n',
    ]);
    const failed = await command({ net: 'one', command: 'reset' });
    expect([failed.status, failed.body]).toEqual([500, '{"error":"two lines"}\n']);
  });

  it.each([
    [400, '{'],
    [400, '[]'],
    [400, 'null'],
    [400, '{"command":"learn"}'],
    [400, '{"net":1,"command":"learn"}'],
    [400, '{"net":"one","command":"explode"}'],
    [400, '{"net":"one","command":"toString"}'],
    [400, '{"net":"one","command":"settings"}'],
    [400, '{"net":"one","command":"settings","settings":{"a":"1"}}'],
    [400, '{"net":"one","command":"settings","settings":{"a":1e999}}'],
    [404, '{"net":"two","command":"learn"}'],
    [400, '{"net":"one","command":"settings","monitor":1,"settings":{"on":1}}'],
    [422, '{"net":"one","command":"settings","monitor":"toString","settings":{"on":1}}'],
    [422, '{"net":"one","command":"settings","settings":{"volume":1}}'],
    [422, '{"net":"one","command":"settings","settings":{"holdOff":1,"toString":1}}'],
    [422, '{"net":"one","command":"settings","settings":{"holdOff":1e9}}'],
    [422, '{"net":"one","command":"settings","settings":{"holdOff":-1}}'],
  ])('answers %i to the body %s', async (status, body) => {
    const answer = await command(body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toHaveProperty('error');
    expect(source.commands).toEqual([]);
  });

  it('reads no more of a body than a command can be long', async () => {
    const answer = await command(`{"net":"${'x'.repeat(MAXIMAL_BODY_BYTES)}"}`);
    expect(answer.status).toBe(413);
    expect(answer.headers.connection).toBe('close');
  });

  it('goes on when a client leaves in the middle of a body', async () => {
    const { port } = new URL(dashboard.url);
    const head = `POST /command HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n`;
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(`${head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"net"`, () => socket.destroy()),
    );
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await command({ net: 'one', command: 'learn' })).status).toBe(200);
    expect(source.commands.length).toBe(1);
  });

  it('takes nothing that a form of another site could send', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json5', '']) {
      const answer = await command({ net: 'one', command: 'learn' }, { origin: 'same', 'content-type': type });
      expect(answer.status).toBe(415);
    }
    expect(source.commands).toEqual([]);
  });
});

describe('dashboard events', () => {
  it('has the source work from the first viewer of a net to the last', async () => {
    const first = new Stream(dashboard.url);
    const second = new Stream(dashboard.url, '/events?net=one');
    await Promise.all([first.opened, second.opened]);
    await until(() => second.all('describe').length === 1);
    expect(second.all<DescribeEvent>('describe')[0]).toMatchObject({
      description: source.describe(),
      net: ONE,
      span: 600,
      allowed: DASHBOARD_COMMANDS,
    });
    expect([source.calls, dashboard.viewers]).toEqual([['watch one'], 2]);
    first.close();
    await until(() => dashboard.viewers === 1);
    expect(source.calls).toEqual(['watch one']);
    second.close();
    await until(() => dashboard.viewers === 0);
    expect(source.calls).toEqual(['watch one', 'unwatch one']);
  });

  it('lets those wait who come before their net, and shows it to them when it comes', async () => {
    let known: DashboardNet[] = [];
    Object.assign(source, { nets: () => known, net: (id: string) => known.find((net) => net.id === id) });
    const [any, two] = [new Stream(dashboard.url), new Stream(dashboard.url, '/events?net=two')] as const;
    const shown = (stream: Stream) => stream.all<DescribeEvent>('describe').map(({ net }) => net?.id);
    for (const stream of [any, two]) await until(() => shown(stream).length === 1);
    expect([source.calls, dashboard.viewers]).toEqual([[], 2]);
    known = [ONE];
    await until(() => shown(any).length === 2);
    expect([shown(any), shown(two)]).toEqual([[undefined, 'one'], [undefined]]);
    known = [ONE, { ...ONE, id: 'two' }];
    await until(() => shown(two).length === 2);
    expect(shown(two)).toEqual([undefined, 'two']);
    expect([source.calls, dashboard.viewers]).toEqual([['watch one', 'watch two'], 2]);
    for (const stream of [any, two]) stream.close();
    await until(() => dashboard.viewers === 0);
  });

  it('tells viewers of a net how it is after a command, before the next reading', async () => {
    const status = { learning: false, latencyMicroseconds: Number.NaN };
    Object.assign(source, { status: () => status });
    const stream = new Stream(dashboard.url);
    await stream.opened;
    await command({ net: 'one', command: 'freeze' });
    await until(() => stream.all('status').length === 1);
    expect(stream.all('status')[0]).toMatchObject({ learning: false, latencyMicroseconds: null });
    expect(stream.all('state').length).toBeGreaterThan(1);
    stream.close();
  });

  it('releases the source when it is closed', async () => {
    const stream = new Stream(dashboard.url);
    await stream.opened;
    await dashboard.close();
    await until(() => source.calls.length === 2);
    expect(source.calls).toEqual(['watch one', 'unwatch one']);
  });

  it('brings every reading and every flag of a burst in few messages', async () => {
    const stream = new Stream(dashboard.url);
    await stream.opened;
    for (let reading = 0; reading < 1000; reading++) {
      source.advance(reading % 100 === 7);
    }
    await until(() => total(stream, 'readings') === 1000);
    expect(total(stream, 'flags')).toBe(10);
    expect(stream.all('readings').length).toBeLessThanOrEqual(3);
    stream.close();
  });

  it('shows names and notices from outside without what steers the reader', async () => {
    source.describe = () => ({ title: 'test', notices: ['a\u202eb'] });
    source.net = () => ({ ...ONE, name: `\u001b[2J${'x'.repeat(1e5)}` });
    const stream = new Stream(dashboard.url);
    await until(() => stream.all('describe').length === 1);
    const [{ description, net }] = stream.all<DescribeEvent>('describe') as [DescribeEvent];
    expect(description.notices).toEqual(['a\\u202eb']);
    expect(net!.name).toMatch(/^\\u001b\[2Jx+…x+$/);
    expect(net!.id).toBe('one');
    stream.close();
  });

  it('sends a viewer as much for five thousand nets as for one, at first and later', async () => {
    const bytes: number[] = [];
    for (const count of [1, 5000]) {
      const nets = Array.from({ length: count }, (_, k) => ({ ...ONE, id: k === 0 ? 'one' : `net-${k}` }));
      const warmUp = { done: true, readings: 1, of: 1 };
      Object.assign(source, {
        nets: () => nets,
        state: (net: string) => ({ net, anomaly: false, learning: true, readings: 1, flags: 0, warmUp }),
      });
      const stream = new Stream(dashboard.url, '/events?net=one');
      await until(() => stream.all('state').length === 2);
      bytes.push(stream.bytes);
      stream.close();
    }
    expect(bytes[1]).toBe(bytes[0]);
    expect(bytes[0]).toBeLessThan(3000);
    const list = (await ask(dashboard.url, { path: '/nets?page=3&courses' })).body;
    expect(JSON.parse(list)).toMatchObject({ total: 5000, from: 144 });
    expect(list.length).toBeLessThan(5000);
    expect((await ask(dashboard.url, { path: '/nets', headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });

  it('tells viewers what a changed setting did to the description', async () => {
    const stream = new Stream(dashboard.url);
    await stream.opened;
    await command({ net: 'one', command: 'settings', settings: { holdOff: 1 } });
    await until(() => stream.all('describe').length === 2);
    stream.close();
  });

  it('refuses more viewers than it serves', async () => {
    const streams = Array.from({ length: MAXIMAL_VIEWERS }, () => new Stream(dashboard.url));
    await Promise.all(streams.map((stream) => stream.opened));
    expect(await new Stream(dashboard.url).opened).toBe(503);
    for (const stream of streams) {
      stream.close();
    }
  });

  it('keeps a bounded amount for a viewer that does not read, and loses none of its flags', async () => {
    const { port } = new URL(dashboard.url);
    const socket = connect({ host: '127.0.0.1', port: Number(port), readableHighWaterMark: 1024 } as never);
    socket.pause();
    socket.write(`GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until(() => dashboard.viewers === 1);
    const readings = 300_000;
    for (let reading = 0; reading < readings; reading++) {
      source.advance(reading % 1000 === 7);
      if (reading % 1000 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: Buffer | string) => {
      text += chunk;
    });
    socket.resume();
    const events = (): ReadingsEvent[] =>
      [...text.replace(/\r\n[0-9a-f]+\r\n/g, '').matchAll(/event: readings\ndata: (.*)\n\n/g)].map((match) =>
        JSON.parse(match[1]!),
      );
    const count = (column: 'readings' | 'flags'): number =>
      events()
        .flatMap((event) => event[column])
        .reduce(add, 0);
    await until(() => text.includes('event: readings') && count('readings') === readings);
    expect(count('flags')).toBe(readings / 1000);
    expect(events().flatMap(({ seq }) => seq).length).toBeLessThan(readings / 10);
    expect(events().at(-1)!.status.merged).toBe(readings - events().reduce((sum, { seq }) => sum + seq.length, 0));
    socket.destroy();
  });
});

const add = (left: number, right: number): number => left + right;

function total(stream: Stream, column: 'readings' | 'flags'): number {
  return stream
    .all<ReadingsEvent>('readings')
    .flatMap((event) => event[column])
    .reduce(add, 0);
}

/** Sends a command as the page does, or with other headers; origin `same` stands for the page's. */
function command(body: object | string, headers: Record<string, string> = { origin: 'same' }): Promise<Answer> {
  const origin = headers.origin === 'same' ? { origin: new URL(dashboard.url).origin } : {};
  return ask(
    dashboard.url,
    { method: 'POST', path: '/command', headers: { 'content-type': 'application/json', ...headers, ...origin } },
    typeof body === 'string' ? body : JSON.stringify(body),
  );
}
