import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import { type LinkState, MqttLink, type MqttLinkOptions, type MqttMessage, type MqttVersion } from 'spikewire/mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest';
import { needs, type Service } from '../services.ts';
import { startAedes } from './aedes.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

interface Lane {
  readonly name: string;
  readonly version: MqttVersion;
  readonly service?: Service;
  /** The broker marks what it sends again, as it should. */
  readonly marksDuplicates: boolean;
  readonly start: () => Promise<TestBroker | undefined>;
}

const LANES: Lane[] = [
  {
    name: 'mosquitto, MQTT 5',
    version: '5',
    service: 'mosquitto',
    marksDuplicates: true,
    start: () => startMosquitto(),
  },
  {
    name: 'mosquitto, MQTT 3.1.1',
    version: '3.1.1',
    service: 'mosquitto',
    marksDuplicates: true,
    start: () => startMosquitto(),
  },
  { name: 'aedes, MQTT 3.1.1', version: '3.1.1', marksDuplicates: false, start: startAedes },
];

const PATIENCE = { timeout: 15_000, interval: 10 };
const random = new RandomGenerator(1, 'mqtt-link.test');

/** What the running test has opened, closed in reverse order whatever its end. */
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function closedLater<T extends { close(): Promise<unknown> }>(resource: T): T {
  opened.push(resource);
  return resource;
}

async function connect(url: string, clientId: string, options: Partial<MqttLinkOptions> = {}): Promise<MqttLink> {
  const link = await MqttLink.connect(url, {
    clientId,
    random: () => random.nextUniform(),
    backoff: { base: 50, cap: 500 },
    ...options,
  });
  return closedLater(link);
}

/** A mosquitto for one test alone. */
async function ownMosquitto(context: TestContext, settings: readonly string[] = []): Promise<Mosquitto> {
  needs(context, 'mosquitto');
  return closedLater((await startMosquitto(settings))!);
}

/** A handler that remembers the messages as text, in order of arrival. */
function recorder() {
  const seen: string[] = [];
  const handler = ({ payload }: MqttMessage) => {
    seen.push(Buffer.from(payload).toString());
  };
  return { seen, handler };
}

/** A relay to the broker whose connections can be cut, as a network does it: no MQTT DISCONNECT. */
async function startRelay(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectSocket(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return closedLater({
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  });
}

const CONNACK = [0x20, 2, 0, 0];

/** Something that listens like a broker and behaves as the test says. */
async function startPeer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return closedLater({
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  });
}

for (const lane of LANES) {
  describe(`MqttLink over ${lane.name}`, () => {
    let broker: TestBroker;
    const { version, service } = lane;

    beforeAll(async () => {
      const started = await lane.start();
      if (started) broker = started;
    });

    beforeEach((context) => {
      if (service) needs(context, service);
    });

    afterAll(async () => {
      await broker?.close();
    });

    it('carries a message there and back, once', async () => {
      const { seen, handler } = recorder();
      const link = await connect(broker.url, 'round-trip', { version });
      await link.subscribe('round/+/trip', handler);
      await link.publish('round/1/trip', 'hello');
      await link.publish('round/2/trip', Uint8Array.of(0x77, 0x6f, 0x77), { qos: 0 });
      await vi.waitFor(() => expect(seen).toEqual(['hello', 'wow']), PATIENCE);
      expect(link.version).toBe(version);
      expect(link.counters).toMatchObject({ received: 2, published: 2, outbox: 0, inbox: 0, reconnects: 0 });
    });

    it('keeps order, and handlers that publish do not block what they wait for', async () => {
      const count = 1000;
      const expected = Array.from({ length: count }, (_, i) => String(i));
      const { seen, handler } = recorder();
      const link = await connect(broker.url, 'order', { version, receiveMaximum: 4, sendMaximum: 2 });
      await link.subscribe('order/out', handler);
      await link.subscribe('order/in', ({ payload }) => link.publish('order/out', payload));
      const other = await connect(broker.url, 'order-source', { version });
      await Promise.all(expected.map((text) => other.publish('order/in', text)));
      await vi.waitFor(() => expect(seen).toHaveLength(count), PATIENCE);
      expect(seen).toEqual(expected);
    });

    it('has the broker publish the last will when the connection breaks, and says how it is otherwise', async () => {
      const relay = await startRelay(broker.port);
      const { seen, handler } = recorder();
      const watcher = await connect(broker.url, 'watcher', { version });
      await watcher.subscribe('will/status', handler);
      const states: LinkState[] = [];
      const link = await connect(relay.url, 'watched', {
        version,
        status: { topic: 'will/status' },
        onState: (state) => states.push(state),
      });
      await vi.waitFor(() => expect(seen).toEqual(['ready']), PATIENCE);
      relay.cut();
      await vi.waitFor(() => expect(seen).toEqual(['ready', 'lost', 'ready']), PATIENCE);
      await link.close();
      await vi.waitFor(() => expect(seen).toEqual(['ready', 'lost', 'ready', 'disconnected']), PATIENCE);
      expect(states).toEqual(['connecting', 'connected', 'waiting', 'connecting', 'connected', 'closed']);
      const late = recorder();
      await watcher.subscribe('will/+', late.handler);
      await vi.waitFor(() => expect(late.seen).toEqual(['disconnected']), PATIENCE);
    });

    it('acknowledges only what is handled: the next process gets the rest', async () => {
      const relay = await startRelay(broker.port);
      const never = new Promise<void>(() => {});
      const begun = recorder();
      const first = await connect(relay.url, 'successor', {
        version,
        subscriptions: [
          {
            filter: 'work',
            handler: (message) => {
              begun.handler(message);
              return begun.seen.length === 1 ? undefined : never;
            },
          },
        ],
      });
      const source = await connect(broker.url, 'work-source', { version });
      for (const text of ['1', '2', '3']) await source.publish('work', text);
      await vi.waitFor(() => expect(begun.seen).toEqual(['1', '2', '3']), PATIENCE);
      // Packets arrive in order: with this answer, the broker has had the acknowledgement of '1', too.
      await first.publish('work/begun', '3');
      const closing = first.close(0);
      relay.cut();
      await closing;
      await source.publish('work', '4');
      const { seen, handler } = recorder();
      await connect(broker.url, 'successor', { version, subscriptions: [{ filter: 'work', handler }] });
      await vi.waitFor(() => expect(seen).toEqual(['2', '3', '4']), PATIENCE);
    });

    it('does not handle a message again that was under way when the connection broke', async () => {
      const relay = await startRelay(broker.port);
      const { seen, handler } = recorder();
      let finish = () => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const link = await connect(relay.url, 'under-way', { version });
      await link.subscribe('under/way', async (message) => {
        handler(message);
        if (seen.length === 1) await finished;
      });
      const source = await connect(broker.url, 'under-way-source', { version });
      for (const text of ['1', '2', '3']) await source.publish('under/way', text);
      await vi.waitFor(() => expect(seen).toEqual(['1', '2', '3']), PATIENCE);
      relay.cut();
      await vi.waitFor(() => expect(link.counters).toMatchObject({ state: 'connected', reconnects: 1 }), PATIENCE);
      finish();
      await source.publish('under/way', '4');
      await vi.waitFor(() => expect(seen).toContain('4'), PATIENCE);
      expect(lane.marksDuplicates ? seen : [...new Set(seen)]).toEqual(['1', '2', '3', '4']);
    });

    it('counts a handler that fails, acknowledges its message and goes on', async () => {
      const { seen, handler } = recorder();
      const lines: string[] = [];
      const link = await connect(broker.url, 'failing', { version, onWarning: (line) => lines.push(line) });
      await link.subscribe('failing', async (message) => {
        if (message.payload[0] === 0x78) throw new Error('not a number');
        handler(message);
      });
      for (const text of ['1', 'x', 'x', '2']) await link.publish('failing', text);
      await vi.waitFor(() => expect(seen).toEqual(['1', '2']), PATIENCE);
      expect(link.counters).toMatchObject({ handlerErrors: 2, received: 4 });
      expect(lines).toEqual(['message handler failed: not a number']);
    });

    it('stores what is published without a connection, within bounds, and forwards it', async () => {
      const relay = await startRelay(broker.port);
      const { seen, handler } = recorder();
      const watcher = await connect(broker.url, 'forward-watcher', { version });
      await watcher.subscribe('forward', handler);
      const link = await connect(relay.url, 'forward', {
        version,
        backoff: { base: 300, cap: 300 },
        random: () => 0.99,
        outbox: { count: 3, bytes: 1000, policy: 'drop-oldest' },
      });
      relay.cut();
      await vi.waitFor(() => expect(link.state).toBe('waiting'), PATIENCE);
      const results = await Promise.allSettled([
        ...['1', '2', '3', '4', '5'].map((text) => link.publish('forward', text)),
        link.publish('forward', 'now or never', { qos: 0 }),
      ]);
      expect(results.map(({ status }) => status === 'fulfilled')).toEqual([false, false, true, true, true, false]);
      await vi.waitFor(() => expect(seen).toEqual(['3', '4', '5']), PATIENCE);
      expect(link.counters.dropped).toMatchObject({ outboxFull: 2, offline: 1, closed: 0 });
    });

    it('gives up publications at the end of the time limit', async () => {
      const relay = await startRelay(broker.port);
      const link = await connect(relay.url, 'give-up', { version, backoff: { base: 60_000, cap: 60_000 } });
      relay.cut();
      await vi.waitFor(() => expect(link.state).toBe('waiting'), PATIENCE);
      const givenUp = 'message to "give/up": not delivered before the link was closed';
      await Promise.all([expect(link.publish('give/up', 'x')).rejects.toThrow(givenUp), link.close(50)]);
      await expect(link.publish('give/up', 'y')).rejects.toThrow('the link is closed');
      expect(link.counters).toMatchObject({ state: 'closed', dropped: { closed: 2 } });
    });

    it('refuses what would cost the connection', async () => {
      const link = await connect(broker.url, 'malformed', { version, maximumPacketBytes: 10_000 });
      await expect(link.publish('a/+', 'x')).rejects.toThrow('topic "a/+": not a topic to publish to');
      await expect(link.publish('', 'x')).rejects.toThrow('not a topic');
      await expect(link.publish('large', new Uint8Array(10_000))).rejects.toThrow('at most 10000 bytes');
      await expect(link.subscribe('a/#/b', () => {})).rejects.toThrow('not a topic filter');
      await link.publish('small', 'x');
      expect(link.counters).toMatchObject({ published: 1, reconnects: 0, dropped: { refused: 3 } });
    });

    it('says while it runs what a flood at QoS 0 has dropped, and not without limit', async () => {
      const lines: string[] = [];
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const link = await connect(broker.url, 'deaf', {
        version,
        receiveMaximum: 2,
        inbox: { count: 8, bytes: 10_000 },
        subscriptions: [{ filter: 'hasty', handler: () => held }],
        onWarning: (line, kind) => lines.push(`${kind}: ${line}`),
      });
      const source = await connect(broker.url, 'hasty-source', { version });
      for (let i = 0; i < 110; i++) await source.publish('hasty', String(i), { qos: 0 });
      await vi.waitFor(() => expect(link.counters.dropped.inboxFull).toBe(100), PATIENCE);
      const powers = Array.from({ length: 7 }, (_, k) => `dropped: inbox full, lost so far at QoS 0: ${2 ** k}`);
      expect(lines).toEqual(powers);
      release();
      await link.close();
      expect(lines).toEqual(powers);
    });

    it('has at QoS 0 handled or counted, topic by topic, each message of a flood at QoS 1', async () => {
      const [count, handled, lost] = [500, new Map<string, number>(), new Map<string, number>()];
      const add = (to: Map<string, number>, topic: string) => to.set(topic, (to.get(topic) ?? 0) + 1);
      const link = await connect(broker.url, 'counting', {
        version,
        receiveMaximum: 2,
        inbox: { count: 8, bytes: 10_000 },
        subscriptions: [
          {
            filter: 'counted/+',
            qos: 0,
            handler: async ({ topic }) => {
              await setImmediate();
              add(handled, topic);
            },
            onLost: (topic) => add(lost, topic),
          },
        ],
      });
      const source = await connect(broker.url, 'counted-source', { version });
      const topics = Array.from({ length: count }, (_, i) => `counted/${i % 3}`);
      await Promise.all(topics.map((topic) => source.publish(topic, 'x')));
      const sum = (of: Map<string, number>, topic: string) => of.get(topic) ?? 0;
      const accounted = (topic: string) => sum(handled, topic) + sum(lost, topic);
      await vi.waitFor(() => {
        for (const topic of new Set(topics))
          expect(accounted(topic)).toBe(topics.filter((each) => each === topic).length);
      }, PATIENCE);
      expect(lost.size).toBe(3);
      expect([...lost.values()].reduce((all, each) => all + each)).toBe(link.counters.dropped.inboxFull);
    });

    it('takes on a flood that it cannot handle at once, without loss and within its bounds', async () => {
      const count = 400;
      const { seen, handler } = recorder();
      const link = await connect(broker.url, 'flooded', {
        version,
        receiveMaximum: 2,
        inbox: { count: 8, bytes: 10_000 },
        subscriptions: [
          {
            filter: 'flood',
            handler: async (message) => {
              await setImmediate();
              handler(message);
            },
          },
        ],
      });
      const source = await connect(broker.url, 'flood-source', { version });
      const expected = Array.from({ length: count }, (_, i) => String(i));
      await Promise.all(expected.map((text) => source.publish('flood', text)));
      await vi.waitFor(() => expect(new Set(seen).size).toBe(count), PATIENCE);
      if (version === '5') expect(link.counters.deferred).toBe(0);
    });
  });
}

describe('MqttLink over a broker that restarts', () => {
  for (const version of ['5', '3.1.1'] as const) {
    it(`loses none of 10,000 messages on their way through two links, MQTT ${version}`, {
      timeout: 40_000,
    }, async (context) => {
      const count = 10_000;
      const broker = await ownMosquitto(context);
      const results = new Set<string>();
      const handled = new Set<string>();
      await connect(broker.url, 'sink', {
        version,
        subscriptions: [{ filter: 'out', handler: ({ payload }) => void results.add(Buffer.from(payload).toString()) }],
      });
      const worker = await connect(broker.url, 'worker', {
        version,
        subscriptions: [
          {
            filter: 'in',
            handler: async ({ payload }) => {
              handled.add(Buffer.from(payload).toString());
              await worker.publish('out', payload);
            },
          },
        ],
      });
      const source = await connect(broker.url, 'source', { version });
      const publications = Array.from({ length: count }, (_, i) => source.publish('in', `message ${i}`));
      await vi.waitFor(() => expect(results.size).toBeGreaterThan(count / 4), PATIENCE);
      await broker.stop();
      expect(results.size).toBeLessThan(count);
      await broker.start();
      await Promise.all(publications);
      await vi.waitFor(() => expect(results.size).toBe(count), { ...PATIENCE, timeout: 25_000 });
      expect(handled.size).toBe(count);
      expect(worker.counters).toMatchObject({ reconnects: 1, dropped: { outboxFull: 0, unhandled: 0 } });
    });
  }

  it('subscribes again when the broker has forgotten the session', async (context) => {
    const broker = await ownMosquitto(context, ['persistence false']);
    const { seen, handler } = recorder();
    const link = await connect(broker.url, 'forgotten', { subscriptions: [{ filter: 'again', handler }] });
    await broker.kill();
    await broker.start();
    await vi.waitFor(() => expect(link.counters).toMatchObject({ state: 'connected', reconnects: 1 }), PATIENCE);
    await link.publish('again', 'still here');
    await vi.waitFor(() => expect(seen).toEqual(['still here']), PATIENCE);
    await link.close();
  });
});

describe('MqttLink.connect', () => {
  it('asks for MQTT 5 and falls back to 3.1.1', async () => {
    const broker = closedLater(await startAedes());
    const link = await connect(broker.url, 'fallback');
    expect(link.version).toBe('3.1.1');
    await expect(connect(broker.url, 'forced', { version: '5' })).rejects.toThrow('protocol version refused');
    await link.close();
  });

  it('stays with MQTT 5 and carries its properties', async (context) => {
    const broker = await ownMosquitto(context);
    const link = await connect(broker.url, 'properties');
    expect(link.version).toBe('5');
    const seen: MqttMessage[] = [];
    await link.subscribe('properties', (message) => void seen.push(message));
    const properties = {
      contentType: 'application/json',
      responseTopic: 'answers',
      correlationData: Uint8Array.of(1, 2),
      userProperties: { model: 'abc' },
    };
    await link.publish('properties', '{}', { properties });
    await vi.waitFor(() => expect(seen).toHaveLength(1), PATIENCE);
    const { correlationData, userProperties, ...texts } = seen[0]!.properties;
    expect(texts).toEqual({ contentType: 'application/json', responseTopic: 'answers' });
    expect([...correlationData!]).toEqual([1, 2]);
    expect({ ...userProperties }).toEqual({ model: 'abc' });
    await link.close();
  });

  it.each([
    ['refuses', 0],
    ['hangs up at', 1],
  ])('does without an optional subscription where the broker %s it', async (what, failures) => {
    const broker = closedLater(await startAedes());
    let asked = 0;
    broker.aedes().authorizeSubscribe = (client, subscription, done) => {
      const isOptional = subscription.topic === 'optional';
      if (isOptional) asked++;
      if (isOptional && what !== 'refuses') client.close();
      else done(null, isOptional ? null : subscription);
    };
    const [lines, seen]: [string[], string[]] = [[], []];
    const handler = ({ topic }: MqttMessage) => void seen.push(topic);
    const link = await connect(broker.url, 'modest', {
      version: '3.1.1',
      firstFailure: 'retry',
      onWarning: (line) => lines.push(line),
      subscriptions: [
        { filter: 'optional', handler, optional: true },
        { filter: 'needed', handler },
      ],
    });
    await link.publish('needed', 'x');
    await vi.waitFor(() => expect(seen).toEqual(['needed']), PATIENCE);
    expect({ asked, failures: lines.length }).toEqual({ asked: 1, failures });
    await link.close();
  });

  it('names wrong credentials without repeating them', async (context) => {
    const broker = await ownMosquitto(context, ['allow_anonymous false']);
    const url = `mqtt://someone:s3cret@127.0.0.1:${broker.port}`;
    const failure = await connect(url, 'locked-out').catch((error: Error) => error);
    expect(String(failure)).toMatch(/broker mqtt:\/\/127\.0\.0\.1:\d+: not authorized; expected a user name/);
    expect(JSON.stringify(failure) + String((failure as Error).stack)).not.toContain('s3cret');
  });

  it('says in one line that there is no broker', async () => {
    await expect(connect('mqtt://127.0.0.1:1', 'nobody')).rejects.toThrow(
      'broker mqtt://127.0.0.1:1: connection refused; expected a running MQTT broker at this address (--mqtt)',
    );
  });

  it('keeps trying when asked to, and says so once', async () => {
    const broker = closedLater(await startAedes());
    await broker.stop();
    const lines: string[] = [];
    const link = await connect(broker.url, 'patient', {
      firstFailure: 'retry',
      onWarning: (line) => lines.push(line),
    });
    expect(link.state).toBe('waiting');
    const publication = link.publish('patient', 'x');
    await broker.start();
    await publication;
    expect(link.counters).toMatchObject({ state: 'connected', reconnects: 0, published: 1 });
    expect(lines).toHaveLength(1);
    await link.close();
  });

  it('ends a peer that announces an endless packet which is not a message', async () => {
    const { url } = await startPeer((socket) => {
      socket.write(Uint8Array.of(...CONNACK, 0x90, 0xff, 0xff, 0xff, 0x7f, 0, 1));
    });
    const attempt = connect(url, 'endless', { version: '3.1.1', maximumPacketBytes: 100_000 });
    await expect(attempt).rejects.toThrow('packet larger than 100000 bytes');
  });

  it('does not take a line for dead over which a message comes slowly, but one over which nothing comes', async () => {
    const message = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x61);
    const pings: number[] = [];
    const { url } = await startPeer((socket) => {
      const connection = pings.push(0) - 1;
      let silent = false;
      const drip = setInterval(() => !silent && socket.write(Uint8Array.of(0)), 20);
      socket.on('close', () => clearInterval(drip));
      socket.on('data', ([type]) => {
        if (type === 0x10) socket.write(Uint8Array.of(...CONNACK, ...message));
        // A byte on its way may be taken for life once more, and bring a fourth ping.
        if (type === 0xc0) silent = ++pings[connection]! >= 3;
      });
    });
    const lines: string[] = [];
    await connect(url, 'slow', { version: '3.1.1', keepAlive: 1, onWarning: (line) => lines.push(line) });
    await vi.waitFor(() => expect(lines).toContainEqual(expect.stringMatching(/keepalive/i)), PATIENCE);
    expect(pings[0]).toBeGreaterThanOrEqual(3);
  });

  it('keeps what is published while a connection ends', async () => {
    const message = [0x30, 4, 0, 2, 0x69, 0x6e];
    const nonsense = [0xf0, 0];
    let connections = 0;
    const { url } = await startPeer((socket) => {
      connections++;
      socket.on('data', (chunk) => {
        const [type, , ...rest] = chunk;
        if (type === 0x10) socket.write(Uint8Array.of(...CONNACK));
        if (type === 0x82) socket.write(Uint8Array.of(0x90, 3, rest[0]!, rest[1]!, 1));
        if (type === 0x30 && connections === 1) socket.write(Uint8Array.of(...message, ...nonsense));
        // A topic of three letters, then the packet identifier.
        if ((type! & 0xf6) === 0x32) socket.write(Uint8Array.of(0x40, 2, rest[5]!, rest[6]!));
      });
    });
    const results: Promise<void>[] = [];
    const handler = () => void results.push(link.publish('out', 'x'));
    const link = await connect(url, 'nonsense', { version: '3.1.1', subscriptions: [{ filter: 'in', handler }] });
    await link.publish('go', '', { qos: 0 });
    await vi.waitFor(() => expect(results).toHaveLength(1), PATIENCE);
    await results[0];
    expect(link.counters).toMatchObject({ published: 2, reconnects: 1, dropped: { refused: 0 } });
  });
});

describe('MqttLink in the long run', () => {
  it('leaves no socket, timer or listener behind', async (context) => {
    const broker = await ownMosquitto(context);
    const relay = await startRelay(broker.port);
    const open = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'Timeout').length;
    const cycle = async () => {
      const link = await connect(relay.url, 'cycle', { status: { topic: 'cycle' }, backoff: { base: 1, cap: 1 } });
      relay.cut();
      await link.publish('cycle/again', 'x');
      await link.close();
    };
    await cycle();
    const cycles = 20;
    const before = open();
    for (let i = 0; i < cycles; i++) await cycle();
    // The test's own surroundings may open one or the other; a leak would show once in each cycle.
    for (let turn = 0; turn < 1000 && open() >= before + cycles; turn++) await setImmediate();
    expect(open()).toBeLessThan(before + cycles);
  });

  it('comes back after any number of broken connections, and delivers all', async (context) => {
    const broker = await ownMosquitto(context);
    const relay = await startRelay(broker.port);
    const { seen, handler } = recorder();
    await connect(broker.url, 'broken-sink', { subscriptions: [{ filter: 'broken', handler }] });
    const link = await connect(relay.url, 'broken-source', { backoff: { base: 5, cap: 5 } });
    const expected = Array.from({ length: 300 }, (_, i) => String(i));
    const publications: Promise<void>[] = [];
    for (const text of expected) {
      publications.push(link.publish('broken', text));
      if (Number(text) % 30 === 29) {
        await publications[publications.length - 15];
        relay.cut();
      }
    }
    await Promise.all(publications);
    await vi.waitFor(() => expect(new Set(seen).size).toBe(expected.length), PATIENCE);
    expect(link.counters.reconnects).toBeGreaterThanOrEqual(9);
  });
});
