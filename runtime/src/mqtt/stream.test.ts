import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceEngine } from '@spikewire/engine';
import type { ExecutorSource } from '@spikewire/engine/executor';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, nextReadingModel, SpikewireError, writeModel } from '@spikewire/models';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedSecret } from '../desk/shared-secret.ts';
import type { UpdateOrder, UpdatesStatus } from '../desk/updates.ts';
import { parseChannelPaths } from '../reading/path.ts';
import { KeptSession } from '../session/kept/kept-session.ts';
import { NetPool, type NetPoolOptions } from '../session/pool/net-pool.ts';
import { ESTABLISHED_AFTER } from '../session/pool/standing.ts';
import { Session } from '../session/session.ts';
import { MqttInbox } from './link/inbox.ts';
import type { MqttLink } from './link/link.ts';
import { Stream, type StreamOptions } from './stream.ts';

const channels = [{ name: 'level', unit: 'm' }];
const model = writeModel(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } }));

interface Published {
  readonly topic: string;
  readonly document: Record<string, unknown>;
  readonly retain: boolean | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

let published: Published[];
let stream: Stream;
let warnings: string[];
let audit: string[];
/** Monotonic milliseconds. */
let time: number;

/** A link that keeps what is published, and acknowledges at once unless it is told not to. */
function attach(acknowledge = true): void {
  const publish = (topic: string, payload: string, { retain }: { readonly retain?: boolean } = {}) =>
    new Promise<void>((resolve, reject) => {
      published.push({ topic, document: JSON.parse(payload), retain, resolve, reject });
      if (acknowledge) resolve();
    });
  stream.attach({ publish, counters: { dropped: {} } } as unknown as MqttLink);
}

/** Hands a message to the handler of its subscription, as the link does. */
async function receive(topic: string, payload: string, more: object = {}): Promise<void> {
  const suffix = /\/(label|command)$/.exec(topic)?.[0] ?? '';
  const { handler } = stream.subscriptions.find(({ filter }) => filter === `tank/+/level${suffix}`)!;
  await handler({ topic, payload: new TextEncoder().encode(payload), ...more } as Parameters<typeof handler>[0]);
}

function openStream(options: Partial<StreamOptions> = {}, pool = new NetPool(model, inProcess(referenceEngine))) {
  stream = new Stream(pool, {
    routes: { in: 'tank/+/level', out: 'tank/+/state' },
    warn: (line) => warnings.push(line),
    audit: (line) => audit.push(line),
    now: () => 77,
    clock: () => time,
    ...options,
  });
}

beforeEach(() => {
  published = [];
  warnings = [];
  audit = [];
  time = 0;
  openStream();
});

describe('stream', () => {
  it('takes lessons and commands between the readings where they came, however close together', async () => {
    const order: string[] = [];
    openStream({ audit: (line) => order.push(line.split(': ')[1]!) });
    attach();
    for (let k = 0; k < 25; k++) await receive('tank/north/level', String(Math.sin(k)));
    stream.desk.observe((_, __, { sequence }) => order.push(String(sequence)));
    await Promise.all([
      receive('tank/north/level/label', '{"target":0.5}'),
      receive('tank/north/level', '1'),
      receive('tank/north/level/command', 'freeze'),
      receive('tank/north/level', '2'),
      receive('tank/north/level/label', '{"target":0.5}'),
    ]);
    expect(order).toEqual(['target learned', '26', 'freeze', '27', 'target not learned']);
  });

  it('answers a lesson with what came of it, and whether it is saved', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-stream-'));
    for (const store of [undefined, directory]) {
      const options = store === undefined ? {} : { directory: store };
      const pool = new NetPool(model, inProcess(referenceEngine), { saveEverySeconds: 1e9, ...options });
      openStream({}, pool);
      attach();
      for (let k = 0; k < 25; k++) await receive('tank/north/level', String(Math.sin(k)));
      published = [];
      await receive('tank/north/level/label', '{"target":0.5}');
      await receive('tank/north/level', '1'); // does not wait for the save
      expect(published.map(({ topic }) => topic).at(-1)).toBe('tank/north/state');
      const answers = () => published.filter(({ topic }) => topic === 'tank/north/state/lesson');
      await vi.waitFor(() => expect(answers()).toHaveLength(1), { timeout: 10_000 });
      const saved = store !== undefined;
      expect(answers()[0]!.document).toEqual({ t: 77, kind: 'target', outcome: 'applied', saved });
      await receive('tank/north/level/command', 'freeze');
      await receive('tank/north/level/label', '{"target":0.5,"t":0.077}');
      await vi.waitFor(() => expect(answers()).toHaveLength(2), { timeout: 10_000 });
      const frozen = { t: 77, kind: 'target', about: 77, outcome: 'frozen', saved: false };
      expect(answers()[1]!.document).toEqual(frozen);
      await pool.close();
    }
    await rm(directory, { recursive: true });
  });

  it('answers no more lessons than at the rate of answers, and says how many it did not', async () => {
    attach();
    for (let k = 0; k < 25; k++) await receive('tank/north/level', String(Math.sin(k)));
    published = [];
    for (let k = 0; k < 400; k++) await receive('tank/north/level/label', '{"target":0.5}');
    await vi.waitFor(() => expect(published).toHaveLength(100), { timeout: 10_000 });
    time += 1000;
    await receive('tank/north/level/label', '{"target":0.5}');
    await vi.waitFor(() => expect(published).toHaveLength(101), { timeout: 10_000 });
    expect(published.map(({ document }) => document.unanswered ?? 0)).toEqual([...new Array(100).fill(0), 300]);
  });

  it('says what was wrong with a lesson before it answers the command behind it', async () => {
    attach();
    for (let k = 0; k < 25; k++) await receive('tank/north/level', String(Math.sin(k)));
    published = [];
    await Promise.all([
      receive('tank/north/level/label', '{"label":"none"}'),
      receive('tank/north/level/command', 'status'),
    ]);
    expect(published.map(({ topic }) => topic)).toEqual(['tank/north/state/error', 'tank/north/state/status']);
  });

  it('asks for readings, and nothing else, at the QoS that is wanted, and says by net how many were lost', async () => {
    openStream({ qos: 0 });
    attach();
    const [readings] = stream.subscriptions;
    expect(stream.subscriptions.map(({ qos }) => qos)).toEqual([0, undefined, undefined]);
    await receive('tank/north/level', '1');
    await receive('tank/south/level', '1');
    for (let k = 0; k < 3; k++) readings!.onLost!('tank/south/level');
    for (const net of ['north', 'south']) await receive(`tank/${net}/level/command`, 'status');
    expect(published.slice(2).map(({ document }) => document.lost)).toEqual([0, 3]);
  });

  it('counts lost readings by net in bounded room, however long the names are', async () => {
    attach();
    const { onLost } = stream.subscriptions[0]!;
    await receive('tank/early/level', '1');
    await receive('tank/late/level', '1');
    onLost!('tank/early/level');
    for (let k = 0; k < 40; k++) onLost!(`tank/${String(k).padStart(60_000, 'x')}/level`);
    onLost!('tank/early/level');
    for (let k = 0; k < 1000; k++) onLost!(`tank/${k}/level`);
    onLost!('tank/late/level');
    for (const net of ['early', 'late']) await receive(`tank/${net}/level/command`, 'status');
    expect(published.slice(2).map(({ document }) => document.lost)).toEqual([2, 0]);
  });

  it('answers each reading on the topic of its net, with the keys of its message', async () => {
    attach();
    for (let k = 0; k < 22; k++) await receive('tank/north/level', `{"t": ${k}, "values": {"level": ${Math.sin(k)}}}`);
    await receive('tank/south/level', '3.5');
    expect(published.map(({ topic }) => topic)).toEqual([...Array(22).fill('tank/north/state'), 'tank/south/state']);
    expect(published[0]!.document).toMatchObject({
      t: 0,
      seq: 1,
      result: null,
      warmUp: { done: 1, of: 20 },
      learned: false,
    });
    expect(published[21]!.document).toMatchObject({
      t: 21_000,
      seq: 22,
      result: { level: expect.any(Number) },
      anomaly: expect.any(Boolean),
      learned: true,
    });
    expect(published[21]!.document).not.toHaveProperty('warmUp');
    expect(published[22]!.document).toMatchObject({ t: 77, seq: 1 });
    expect(stream.counters).toMatchObject({ received: 23, bad: 0, published: 23 });
  });

  it('says a new level in the answer of its reading and in the log', async () => {
    attach();
    const level = (k: number) => String(Math.sin(k) + (k < 200 ? 0 : 50));
    for (let k = 0; k < 260; k++) await receive('tank/north/level', level(k));
    const noted = published.filter(({ document }) => JSON.stringify(document).includes('"note":"new level"'));
    expect(noted).toHaveLength(1);
    const { seq } = noted[0]!.document as { seq: number };
    expect(seq).toBeGreaterThan(201);
    expect(audit).toEqual([`net "north": reading ${seq}: new level`]);
  });

  it('says once that no reading comes, by the clock, and why a reading is flagged', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const { monitors, ...rest } = nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } });
    const watched = writeModel({ ...rest, monitors: [...monitors!, { type: 'silence', parameters: {} }] });
    openStream({}, new NetPool(watched, inProcess(referenceEngine)));
    attach();
    for (let k = 0; k < 30; k++) {
      now += 1000;
      await receive('tank/north/level', String(Math.sin(k)));
    }
    await stream.desk.tick();
    expect(published).toHaveLength(30);
    now += 3500;
    await stream.desk.tick();
    await stream.desk.tick();
    const reason = 'no reading for 3.5 s, usually for 1 s at most';
    const silence = { score: 3.5, alarm: true, reason };
    expect(published.slice(30).map(({ topic, document }) => [topic, document])).toEqual([
      ['tank/north/state', { t: 77, seq: 30, result: null, anomaly: true, monitors: { silence } }],
    ]);

    await receive('tank/north/level', '30');
    const { score, monitors: flagged } = published.at(-1)!.document as { score: number; monitors: object };
    expect(flagged).toEqual({
      'next-reading': {
        score,
        alarm: true,
        channels: ['level'],
        reason: expect.stringMatching(/^level is 30 where -?\d.* was expected$/),
      },
      silence: expect.anything(),
    });
    expect(await stream.desk.configure('north', { monitor: 'silence', sensitivity: 9 })).toBe(
      'silent sensor: sensitivity 9, hold-off 1 readings, 1 in a row',
    );
    expect((await stream.desk.status('north')).monitors).toMatchObject({
      'next-reading': { sensitivity: 6, flagged: true },
      silence: { sensitivity: 9 },
    });
    stream.close();
    clock.mockRestore();
  });

  it('tells of a reading that is flagged though it completes no sample, and of no other such', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const gathering = writeModel({
      ...classifierModel({
        channels,
        features: [
          { type: 'window', parameters: { length: 16 } },
          { type: 'rms', parameters: {} },
        ],
      }),
      monitors: [{ type: 'silence', parameters: { warmUp: 3 } }],
    });
    openStream({}, new NetPool(gathering, inProcess(referenceEngine)));
    attach();
    const observed: number[] = [];
    stream.desk.observe((_, __, { sequence }) => observed.push(sequence));
    for (let k = 0; k < 10; k++) {
      now += k === 8 ? 60_000 : 1000;
      await receive('tank/north/level', String(Math.sin(k)));
    }
    expect(published.map(({ document }) => document)).toEqual([
      expect.objectContaining({ seq: 9, result: null, anomaly: true, monitors: { silence: expect.anything() } }),
    ]);
    expect(observed).toEqual([9]);
    stream.close();
    clock.mockRestore();
  });

  it('does not let ticks pile up while a net is busy', async () => {
    attach();
    await receive('tank/north/level', '1');
    await stream.desk.pool.use('north', async ({ session }) => {
      let finish = (_: []) => {};
      session.tick = vi.fn(() => new Promise<[]>((resolve) => (finish = resolve)));
      const ticks = [stream.desk.tick(), stream.desk.tick()];
      await vi.waitFor(() => expect(session.tick).toHaveBeenCalled());
      await stream.desk.tick();
      expect(session.tick).toHaveBeenCalledTimes(1);
      finish([]);
      await Promise.all(ticks);
      void stream.desk.tick();
      await vi.waitFor(() => expect(session.tick).toHaveBeenCalledTimes(2));
      finish([]);
    });
  });

  it('has done with a reading only when the broker has its result', async () => {
    attach(false);
    let done = false;
    const handled = receive('tank/north/level', '1').then(() => {
      done = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(published).toHaveLength(1);
    expect(done).toBe(false);
    published[0]!.resolve();
    await handled;
  });

  it('answers a bad message in one line, counts it and takes the next', async () => {
    attach();
    for (const payload of ['{', '[1,2]', '"\u2028"', '{"depth":1}']) await receive('tank/north/level', payload);
    await receive('tank/north/level/label', '{"colour":"red"}');
    await receive('tank/north/level/command', 'explode');
    await receive('tank/north/level', '1');
    expect(stream.counters).toMatchObject({ received: 7, bad: 6, published: 7 });
    for (const { topic, document } of published.slice(0, 6)) {
      expect(topic).toBe('tank/north/state/error');
      expect(document).toEqual({ t: 77, error: expect.stringMatching(/^tank\/north\/level[^\n]+; expected [^\n]+$/) });
    }
    expect(warnings).toHaveLength(6);
    expect(published[6]!.document).toMatchObject({ seq: 1 });
  });

  it('says what a lesson and a command should be where they are no JSON', async () => {
    attach();
    for (const text of ['off', '"off"']) await receive('tank/north/level/label', text);
    await receive('tank/north/level/command', '{');
    const lesson = 'expected {"label": "off"}, {"target": …}, {"error": …} or {"reward": …}';
    expect(published.map(({ document }) => document.error)).toEqual([
      `tank/north/level/label: message: is not JSON: "off"; ${lesson}`,
      `tank/north/level/label: lesson: is not an object; ${lesson}`,
      'tank/north/level/command: message: is not JSON: "{"; expected status, or {"command": "status"}',
    ]);
  });

  it('does not blame a reading for a result that the link had to drop', async () => {
    attach(false);
    const handled = receive('tank/north/level', '1');
    await new Promise((resolve) => setTimeout(resolve, 20));
    published[0]!.reject(new Error('outbox is full'));
    await handled;
    expect(stream.counters).toMatchObject({ received: 1, bad: 0, published: 0 });
    expect(published).toHaveLength(1);
  });

  it('keeps readings that come before the link is known', async () => {
    const handled = receive('tank/north/level', '1');
    await new Promise((resolve) => setTimeout(resolve, 20));
    attach();
    await handled;
    expect(published).toHaveLength(1);
  });

  it('counts lessons, and those whose answer is forgotten, which it says', async () => {
    attach();
    for (let k = 0; k < 30; k++) await receive('tank/north/level', `{"t": ${k}, "values": [${Math.sin(k)}]}`);
    await receive('tank/north/level/label', '{"target": 0.5}');
    await receive('tank/north/level/label', '{"target": 0.5, "t": 25}');
    await receive('tank/north/level/label', '{"target": 0.5, "t": 0.003}');
    expect(stream.counters).toMatchObject({ lessons: 3, forgottenLessons: 1, bad: 0 });
    expect(published.at(-1)).toMatchObject({
      topic: 'tank/north/state/error',
      document: {
        error: expect.stringMatching(
          /^tank\/north\/level\/label: belongs to no result: the net has given none yet, or has forgotten it; expected/,
        ),
      },
    });
  });

  it.each([
    ['freeze', 'learning is off', { learning: false }],
    ['"learn"', 'learning is on', { learning: true }],
    ['reset', 'forgot what it had learned; warming up again', { readings: 2, warmUp: { done: 0, of: 20 } }],
    ['normal', 'nothing has been flagged yet', {}],
    ['status', '2 readings, learning on', { saved: null, failedSaves: 0, skippedSteps: 0 }],
  ])('does and answers the command %s', async (command, answer, status) => {
    attach();
    await receive('tank/north/level', '1');
    await receive('tank/north/level', '2');
    await receive('tank/north/level/command', command);
    expect(published[2]).toMatchObject({ topic: 'tank/north/state/status', document: { answer, ...status } });
  });

  it('calls normal what was flagged last, or at the reading that the command names', async () => {
    attach();
    for (let k = 1; k <= 300; k++) await receive('tank/north/level', String(Math.sin(k)));
    for (const fault of [20, -30]) {
      await receive('tank/north/level', String(fault));
      for (let k = 1; k <= 150; k++) await receive('tank/north/level', String(Math.sin(k)));
    }
    const ask = async (order: object) => {
      await receive('tank/north/level/command', JSON.stringify({ command: 'normal', ...order }));
      return (published.at(-1)!.document as { answer?: string; error?: string }).answer;
    };
    expect(await ask({ seq: 100 })).toMatch(
      /^no flagged reading is stored for this time or number; the last flagged reading is 45\d$/,
    );
    expect(await ask({ seq: 301 })).toMatch(/^readings? 30\d.*: the limit of “unexpected value” of level is now \d/);
    expect(await ask({})).toMatch(/^readings? 45\d.*: the limit of “unexpected value” of level is now \d/);
    await receive('tank/north/level', '-30');
    expect(published.at(-1)!.document).toMatchObject({ seq: 603, anomaly: false });
    expect(await ask({ seq: 0 })).toBeUndefined();
    expect(published.at(-1)!.document).toMatchObject({
      error: 'tank/north/level/command: seq: is 0; expected the number of a reading, from 1',
    });
  });

  it('sets the monitor within what makes sense', async () => {
    attach();
    await receive('tank/north/level', '1');
    expect(await stream.desk.configure('north', { sensitivity: 8, holdOff: 10, inRow: 2 })).toBe(
      'sensitivity 8, hold-off 10 readings, 2 in a row',
    );
    await expect(stream.desk.configure('north', { sensitivity: 0 })).rejects.toThrow(
      'sensitivity: is 0; expected a number above 0',
    );
    await expect(stream.desk.configure('north', { holdOff: 1.5 })).rejects.toThrow(
      'hold-off: is 1.5; expected a whole number from 0',
    );
    await expect(stream.desk.configure('north', { inRow: 0 })).rejects.toThrow(
      'in a row: is 0; expected a whole number from 1',
    );
    expect(await stream.desk.configure('north', {})).toBe('sensitivity 8, hold-off 10 readings, 2 in a row');
  });
});

describe('updates', () => {
  const status = (more: Partial<UpdatesStatus> = {}): UpdatesStatus => ({
    ...{ state: 'idle', summary: 'a.spike runs', candidate: null, trial: [], readings: 0, questions: [] },
    ...{ current: null, former: null, refused: [], pinned: false, problem: null },
    ...more,
  });

  it('are told, retained, when something has happened, and once a minute when counts have changed', async () => {
    vi.useFakeTimers();
    try {
      let now: UpdatesStatus | undefined;
      openStream({ updates: { status: () => now, carryOut: async () => {} } });
      attach();
      const told = () => published.splice(0).map(({ topic, document, retain }) => [topic, document.readings, retain]);
      await vi.advanceTimersByTimeAsync(2000);
      expect(told()).toEqual([]);
      now = status();
      await vi.advanceTimersByTimeAsync(5000);
      expect(told()).toEqual([['tank/_/state/update', 0, true]]);
      now = status({ readings: 7 });
      await vi.advanceTimersByTimeAsync(50_000);
      expect(told()).toEqual([]);
      await vi.advanceTimersByTimeAsync(12_000);
      expect(told()).toEqual([['tank/_/state/update', 7, true]]);
      now = status({ readings: 8, pinned: true });
      await vi.advanceTimersByTimeAsync(1000);
      expect(told()).toEqual([['tank/_/state/update', 8, true]]);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(told()).toEqual([]);
      stream.announceAgain();
      await vi.advanceTimersByTimeAsync(0);
      expect(told()).toEqual([['tank/_/state/update', 8, true]]);
      stream.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('are decided by a command on any net, with the secret, and open no net', async () => {
    const orders: UpdateOrder[] = [];
    const updates = {
      status: () => status(),
      carryOut: async (order: UpdateOrder) => {
        if (order.action === 'rollback') throw new SpikewireError('usage', 'update', 'rollback cannot be now');
        orders.push(order);
      },
    };
    const secret = 'a secret of the stream';
    openStream({ updates, secret: new SharedSecret(secret, 'test') });
    attach();
    const say = (order: object) => receive('tank/north/level/command', JSON.stringify({ command: 'update', ...order }));
    await say({ action: 'look', secret });
    const [{ topic, document, retain }] = published as [Published];
    expect([topic, retain]).toEqual(['tank/_/state/update', false]);
    expect(document).toMatchObject({ t: 77, action: 'look', answer: 'checks for a newer model now', state: 'idle' });
    await say({ action: 'approve', carrying: 'reset', secret });
    published = [];
    await say({ action: 'approve' });
    await say({ action: 'rollback', secret });
    await say({ action: 'explode', secret });
    await receive('tank/north/level/command', JSON.stringify({ command: 'update', action: 'pin', secret }), {
      retain: true,
    });
    const errors = published.filter(({ topic }) => topic === 'tank/north/state/error');
    expect(errors.map(({ document: { error } }) => String(error).replace(/^.*\/command: /, ''))).toEqual([
      'secret: is missing; refused',
      'update: rollback cannot be now',
      'update action: is unknown; expected look, approve, rollback, retry, pin, unpin',
    ]);
    expect(orders).toEqual([{ action: 'look' }, { action: 'approve', carrying: 'reset' }]);
    expect(stream.desk.pool.keys).toEqual([]);
  });

  it('are refused where the process follows no repository', async () => {
    attach();
    await receive('tank/north/level/command', '{"command":"update","action":"look"}');
    expect(published.map(({ document }) => document.error)).toEqual([
      'tank/north/level/command: update: this process follows no repository; expected run --update',
    ]);
  });
});

describe('who may publish', () => {
  it('opens no net, makes no folder and evicts nobody with 3,000 topics of garbage', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-garbage-'));
    try {
      openStream({}, new NetPool(model, inProcess(referenceEngine), { directory, capacity: 2 }));
      attach();
      await receive('tank/north/level', '1');
      await receive('tank/south/level', '1');
      const garbage = ['{', '[1,2]', '{"depth":1}', 'NaN', '{"t":"now","values":[1]}', ''];
      const orders = [
        ['/label', '{"target":1}'],
        ['/command', 'reset'],
        ['/command', 'status'],
      ] as const;
      for (let k = 0; k < 3000; k++) {
        const [suffix, payload] = orders[k % 7] ?? ['', garbage[k % garbage.length]!];
        await receive(`tank/garbage-${k}/level${suffix}`, payload);
      }
      expect(stream.desk.pool.keys).toEqual(['north', 'south']);
      expect(stream.desk.pool.evicted).toBe(0);
      expect((await readdir(directory)).filter((name) => !name.includes('.'))).toEqual(['north', 'south']);
      expect(stream.counters).toMatchObject({ received: 3002, bad: 3000 });
      await stream.desk.pool.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('gets no net for a key that is not on the list, however good the reading', async () => {
    openStream({ only: new Set(['north']) });
    attach();
    await receive('tank/north/level', '1');
    for (let k = 0; k < 3000; k++) await receive(`tank/more-${k}/level`, '1');
    await receive('tank/more-1/level/command', 'status');
    expect(stream.desk.pool.keys).toEqual(['north']);
    expect(stream.counters).toMatchObject({ received: 3002, unlisted: 3001, bad: 0 });
    expect(published).toHaveLength(1);
    expect(warnings).toHaveLength(20);
    expect(warnings[0]).toBe('tank/more-0/level: ignored, because "more-0" is not on the list of nets');
  });

  it('cannot command more often than a person would, net by net', async () => {
    attach();
    for (const key of ['north', 'south']) await receive(`tank/${key}/level`, '1');
    for (let k = 0; k < 30; k++) await receive('tank/north/level/command', 'normal');
    expect(stream.counters).toMatchObject({ commands: 10, bad: 20 });
    expect(published.at(-1)!.document.error).toBe(
      'tank/north/level/command: command: "normal" came too often; expected at most 10 at once, and then one in 6 s',
    );
    await receive('tank/south/level/command', 'normal');
    await receive('tank/north/level/command', 'status');
    expect(stream.counters.commands).toBe(12);
    time += 12_000;
    for (let k = 0; k < 30; k++) await receive('tank/north/level/command', 'normal');
    expect(stream.counters.commands).toBe(14);
  });

  it('wipes nothing by an order that the broker kept', async () => {
    attach();
    await receive('tank/north/level', '1');
    await receive('tank/north/level/command', 'reset', { retain: true });
    await receive('tank/north/level/label', '{"target":1}', { retain: true });
    await receive('tank/north/level', '2', { retain: true });
    expect(stream.counters).toMatchObject({ retained: 3, commands: 0, lessons: 0, bad: 0, published: 1 });
    expect(warnings).toEqual([
      'tank/north/level/command: ignored, because it is retained',
      'tank/north/level/label: ignored, because it is retained',
    ]);
  });
});

describe('what the broker keeps', () => {
  it('counts as the first reading of a net, and never again, after a restart with what was learned neither', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-'));
    const start = () => {
      openStream({}, new NetPool(model, inProcess(referenceEngine), { directory }));
      attach();
    };
    start();
    await receive('tank/north/level', '1', { retain: true });
    await receive('tank/north/level', '1', { retain: true });
    expect(stream.counters).toMatchObject({ received: 2, retained: 1, published: 1 });
    await stream.desk.pool.close();
    start();
    await receive('tank/north/level', '1', { retain: true });
    await receive('tank/north/level', '2');
    expect(stream.counters).toMatchObject({ retained: 1, published: 1 });
    expect(published.at(-1)!.document).toMatchObject({ seq: 2 });
    await stream.desk.pool.close();
    await rm(directory, { recursive: true });
  });

  it.each([true, false])('is the last result of a net where that is asked: %s', async (retainResults) => {
    openStream({ retainResults });
    const publish = vi.fn(async () => {});
    stream.attach({ publish, counters: { dropped: {} } } as unknown as MqttLink);
    await receive('tank/north/level', '1');
    await receive('tank/north/level/command', 'status');
    const kept = publish.mock.calls.map(([topic, , options]: unknown[]) => [topic, options]);
    expect(kept).toEqual([
      ['tank/north/state', { retain: retainResults }],
      ['tank/north/state/status', { retain: false }],
    ]);
  });
});

it('gives no net to a name that is longer than can be remembered of ten thousand', async () => {
  attach();
  await receive(`tank/${'x'.repeat(1024)}/level`, '1');
  const long = 'y'.repeat(1025);
  for (const suffix of ['', '/label', '/command']) await receive(`tank/${long}/level${suffix}`, '1');
  expect(stream.desk.pool.keys).toEqual(['x'.repeat(1024)]);
  expect(stream.counters).toMatchObject({ received: 4, bad: 3, published: 4 });
  expect(published.map(({ document }) => document.error).slice(1)).toEqual(
    Array(3).fill(expect.stringMatching(/name of a net: has 1025 characters; expected at most 1024$/)),
  );
});

describe('a flood of new topics', () => {
  /** Opens only as many nets as it is let. */
  function gatedPool(letIn: number, options: NetPoolOptions = {}) {
    const engine = inProcess(referenceEngine);
    const gate = { letIn, opened: 0 };
    const open: ExecutorSource['open'] = async (...args) => {
      await vi.waitUntil(() => gate.opened < gate.letIn, { timeout: 60_000, interval: 5 });
      gate.opened++;
      return engine.open(...args);
    };
    return { gate, pool: new NetPool(model, { ...engine, open }, options) };
  }

  /** Hands messages to the stream by way of an inbox, as the link does. */
  function inboxOf(stream: Stream) {
    const acknowledged: number[] = [];
    const inbox = new MqttInbox({
      concurrent: 64,
      capacity: { count: 8192, bytes: 1 << 24 },
      onHandlerError: (error) => expect.unreachable(String(error)),
      onDone: () => {},
    });
    let next = 1;
    inbox.connected(false, 4096);
    const deliver = (topic: string, payload = '1') => {
      const identifier = next++;
      const suffix = /\/(label|command)$/.exec(topic)?.[0] ?? '';
      const { handler, turns } = stream.subscriptions.find(({ filter }) => filter === `tank/+/level${suffix}`)!;
      const message = { topic, payload: new TextEncoder().encode(payload) } as Parameters<typeof handler>[0];
      const key = turns!.keyOf(topic);
      const isNewcomer = () => turns!.isNewcomer(key);
      const turn = { key, isNewcomer, refuse: () => turns!.refuse(message) };
      inbox.receive(
        identifier,
        false,
        100,
        () => handler(message),
        () => acknowledged.push(identifier),
        turn,
      );
    };
    return { inbox, deliver, acknowledged };
  }

  it('lets a known sensor wait for none of them, while they are opened one after another', async () => {
    const { gate, pool } = gatedPool(1, { capacity: 2000 });
    openStream({}, pool);
    attach();
    await receive('tank/north/level', '1');
    const { deliver, acknowledged } = inboxOf(stream);
    for (let k = 0; k < 1000; k++) deliver(`tank/new-${k}/level`);
    deliver('tank/north/level', '2');
    await vi.waitFor(() => expect(published).toHaveLength(2));
    expect(published[1]).toMatchObject({ topic: 'tank/north/state', document: { seq: 2 } });
    expect([gate.opened, pool.counters.open]).toEqual([1, 2]); // one of them is being opened
    expect(acknowledged).toEqual([]);
    gate.letIn += 3;
    await vi.waitFor(() => expect(acknowledged).toEqual([1, 2, 3]), 30_000);
    expect(published.slice(2).map(({ topic }) => topic)).toEqual([0, 1, 2].map((k) => `tank/new-${k}/state`));
    gate.letIn = 0;
    deliver('tank/north/level', '3');
    await vi.waitFor(() => expect(published.at(-1)).toMatchObject({ document: { seq: 3 } }));
    expect([gate.opened, pool.counters.open]).toEqual([4, 5]);
  });

  it('changes nothing about the order of what comes for one net', async () => {
    const { gate, pool } = gatedPool(0);
    const order: unknown[] = [];
    const { feed } = Session.prototype;
    const { setLearning } = KeptSession.prototype;
    const spies = [
      vi.spyOn(Session.prototype, 'feed').mockImplementation(function (this: Session, reading) {
        order.push(reading.values[0]);
        return feed.call(this, reading);
      }),
      vi.spyOn(KeptSession.prototype, 'setLearning').mockImplementation(function (this: KeptSession, on) {
        order.push(on);
        return setLearning.call(this, on);
      }),
    ];
    openStream({}, pool);
    attach();
    const { deliver, inbox } = inboxOf(stream);
    deliver('tank/south/level', '0');
    for (let k = 1; k <= 3; k++) deliver('tank/north/level', String(k));
    deliver('tank/north/level/command', 'freeze');
    deliver('tank/north/level', '4');
    gate.letIn = 1;
    await vi.waitFor(() => expect(order).toEqual([0]));
    deliver('tank/north/level/command', 'learn');
    deliver('tank/north/level', '5');
    gate.letIn = 2;
    await vi.waitFor(() => expect(inbox.size).toBe(0));
    expect(order).toEqual([0, 1, 2, 3, false, 4, true, 5]);
    for (const spy of spies) spy.mockRestore();
  });

  it('is answered with an error where it waits too long, and counted', async () => {
    const { gate, pool } = gatedPool(0, { capacity: 1 });
    openStream({}, pool);
    attach();
    const { deliver, inbox } = inboxOf(stream);
    for (let k = 0; k <= 2058; k++) deliver(`tank/new-${k}/level`);
    await vi.waitFor(() => expect(stream.counters.bad).toBe(10));
    expect(pool.refused).toBe(10);
    expect(published[0]!.document.error).toBe(
      'tank/new-1/level: net "new-1": waited too long, because too many new topics arrived at the same time; ' +
        'expected fewer, or --only with the names of the nets',
    );
    inbox.stop();
    gate.letIn = 1;
  });

  it('opens a topic that has waited long enough beside the others where there is room, and refuses none', async () => {
    const { gate, pool } = gatedPool(0);
    openStream({}, pool);
    attach();
    const { deliver, inbox } = inboxOf(stream);
    for (let k = 0; k <= 2058; k++) deliver(`tank/new-${k}/level`);
    await vi.waitFor(() => expect(pool.keys).toHaveLength(11));
    expect([stream.counters.bad, pool.refused]).toEqual([0, 0]);
    inbox.stop();
    gate.letIn = 11;
  });
});

describe('an announcement', () => {
  const of = (key: string) => ({ topic: `ha/${key}`, document: { state_topic: `tank/${key}/state`, key } });
  const found = { filter: 'ha/+', owner: 'this one' };
  /** What the broker has been told to keep, by topic. */
  let kept: Map<string, string>;
  /** Microseconds. */
  let elapsed: number;

  /** A broker that keeps what is to be retained. */
  function attachBroker(): void {
    const publish = async (topic: string, payload: string, { retain }: { retain?: boolean }) => {
      if (retain && payload === '') kept.delete(topic);
      else if (retain) kept.set(topic, payload);
    };
    stream.attach({ publish, counters: { dropped: {} } } as unknown as MqttLink);
  }

  const openPool = (options: NetPoolOptions = {}) =>
    new NetPool(model, inProcess(referenceEngine), { clock: () => elapsed, ...options });

  async function establish(...keys: string[]): Promise<void> {
    for (let k = 0; k < ESTABLISHED_AFTER; k++) for (const key of keys) await receive(`tank/${key}/level`, String(k));
    await settled();
  }

  /** What is told beside an answer, which does not wait for it. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
  const announced = () => [...kept.keys()].filter((topic) => topic.startsWith('ha/')).map((topic) => topic.slice(3));
  const messagesOf = (key: string) => [`ha/${key}`, `tank/${key}/state/status`, `tank/${key}/state`];

  beforeEach(() => {
    kept = new Map();
    elapsed = 0;
  });

  it('comes when a net is established, again after a new connection, and with whether it learns', async () => {
    openStream({ announcing: { of } });
    const said: unknown[][] = [];
    const publish = async (topic: string, payload: string, { retain }: { retain?: boolean }) => {
      if (topic.includes('ha/')) said.push([topic, retain]);
      if (topic.endsWith('/status')) said.push([topic, retain, JSON.parse(payload).learning]);
    };
    stream.attach({ publish, counters: { dropped: {} } } as unknown as MqttLink);
    for (let k = 1; k < ESTABLISHED_AFTER; k++) await receive('tank/north/level', '1');
    const expected: unknown[][] = [];
    const readAndExpect = async (...more: unknown[][]) => {
      expected.push(...more);
      await receive('tank/north/level', '1');
      await vi.waitFor(() => expect(said).toEqual(expected)); // an answer does not wait for what is said beside it
    };
    const announced = ['ha/north', true];
    const status = (learning: boolean) => ['tank/north/state/status', true, learning];
    await readAndExpect(announced, status(true));
    await readAndExpect();
    await stream.desk.pool.use('north', (kept) => kept.setLearning(false));
    await readAndExpect(status(false));
    stream.announceAgain();
    await readAndExpect(announced, status(false));
  });

  it('comes at once, with the results to be kept, where the nets have names beforehand', async () => {
    openStream({ announcing: { of }, retainResults: true, only: new Set(['north']) });
    attachBroker();
    await receive('tank/north/level', '1');
    await settled();
    expect([...kept.keys()].sort()).toEqual(messagesOf('north').sort());
  });

  it('is made of no net that a flood of new topics makes and closes again', async () => {
    openStream({ announcing: { of }, retainResults: true }, openPool({ capacity: 4 }));
    attachBroker();
    await establish('north', 'south');
    const before = [...kept.keys()];
    for (let k = 0; k < 200; k++) await receive(`tank/new-${k}/level`, '1');
    await settled();
    expect(stream.desk.pool.evicted).toBe(198);
    expect([...kept.keys()]).toEqual(before);
    expect(announced()).toEqual(['north', 'south']);
  });

  it.each([true, false])(
    'goes with status and result when its net is forgotten, announced: %s',
    async (isAnnounced) => {
      const announcing = isAnnounced ? { announcing: { of } } : {};
      openStream({ ...announcing, retainResults: true }, openPool({ capacity: 2 }));
      attachBroker();
      const messages = (key: string) => (isAnnounced ? messagesOf(key) : [`tank/${key}/state`]);
      await establish('north', 'south');
      expect([...kept.keys()].sort()).toEqual([...messages('north'), ...messages('south')].sort());
      elapsed += 601e6; // both have been silent for more than ten minutes
      await establish('east');
      expect([...kept.keys()].sort()).toEqual([...messages('south'), ...messages('east')].sort());
      elapsed += 601e6;
      await establish('north', 'west');
      expect([...kept.keys()].sort()).toEqual([...messages('north'), ...messages('west')].sort());
    },
  );

  it('outnumbers open nets never without a store, whoever comes and goes', async () => {
    openStream({ announcing: { of }, retainResults: true }, openPool({ capacity: 5 }));
    attachBroker();
    for (let k = 0; k < 40; k++) {
      await establish(`net-${k}`);
      elapsed += 300e6;
      expect(announced().length).toBeLessThanOrEqual(5);
      expect(stream.desk.pool.keys).toEqual(expect.arrayContaining(announced()));
    }
    expect(stream.desk.pool.evicted).toBeGreaterThan(20);
  });

  it('stays while its net is closed to the store, and goes after a restart when that has it no more', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-announced-'));
    const start = async (options: Partial<StreamOptions> = {}) => {
      const pool = openPool({ directory, capacity: 1 });
      await pool.takeStores();
      openStream({ announcing: { of, found }, retainResults: true, ...options }, pool);
      attachBroker();
    };
    /** The announcements as a subscriber finds them. */
    const find = async (owner: string) => {
      const { handler } = stream.subscriptions.find(({ filter }) => filter === found.filter)!;
      const properties = { userProperties: { 'spikewire-client': owner } };
      for (const [topic, text] of kept) {
        const payload = new TextEncoder().encode(text);
        const message = { topic, payload, properties, retain: true, duplicate: false, qos: 1 } as const;
        if (topic.startsWith('ha/')) await handler(message);
      }
    };
    await start();
    await establish('north');
    await establish('south');
    await establish('east');
    expect(stream.desk.pool.evicted).toBe(2);
    expect(announced()).toEqual(['north', 'south', 'east']);
    await stream.desk.pool.close();
    await rm(join(directory, 'south'), { recursive: true });
    await start();
    await find('another');
    expect(announced()).toEqual(['north', 'south', 'east']);
    await find('this one');
    expect(announced()).toEqual(['north', 'east']);
    expect([...kept.keys()].sort()).toEqual([...messagesOf('north'), ...messagesOf('east')].sort());
    await stream.desk.pool.close();
    await start({ only: new Set(['north']) });
    await find('this one');
    expect(announced()).toEqual(['north']);
    await stream.desk.pool.close();
    await rm(directory, { recursive: true });
  });

  it('waits an hour for its sensor after a restart without a store', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      openStream({ announcing: { of, found }, retainResults: true }, openPool());
      attachBroker();
      const { handler } = stream.subscriptions.find(({ filter }) => filter === found.filter)!;
      for (const key of ['north', 'south']) {
        for (const topic of messagesOf(key)) kept.set(topic, JSON.stringify(of(key).document));
        const payload = new TextEncoder().encode(kept.get(`ha/${key}`));
        const properties = { userProperties: { 'spikewire-client': 'this one' } };
        await handler({ topic: `ha/${key}`, payload, properties, retain: true, duplicate: false, qos: 1 });
      }
      await receive('tank/north/level', '1');
      await vi.advanceTimersByTimeAsync(3_599_000);
      expect(announced()).toEqual(['north', 'south']);
      await vi.advanceTimersByTimeAsync(2000);
      expect([...kept.keys()].sort()).toEqual(messagesOf('north').sort());
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ['a control character', '\u0001'],
    ['a wildcard', '+'],
    ['more characters than the name of a net has', 'x'.repeat(1025)],
  ])('that names a net with %s is nobody’s, and nothing is published for it', async (_, key) => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-announced-'));
    const pool = openPool({ directory });
    await pool.takeStores();
    openStream({ announcing: { of, found }, retainResults: true }, pool);
    const publish = vi.fn(async () => {});
    stream.attach({ publish, counters: { dropped: {} } } as unknown as MqttLink);
    const { handler } = stream.subscriptions.find(({ filter }) => filter === found.filter)!;
    const { topic, document } = of(key);
    const payload = new TextEncoder().encode(JSON.stringify(document));
    const properties = { userProperties: { 'spikewire-client': 'this one' } };
    await handler({ topic, payload, properties, retain: true, duplicate: false, qos: 1 });
    expect(publish).not.toHaveBeenCalled();
    await pool.close();
    await rm(directory, { recursive: true });
  });

  it('that somebody else has left there removes nothing', async () => {
    openStream({ announcing: { of, found }, retainResults: true, only: new Set(['other']) }, openPool());
    attachBroker();
    const publish = vi.fn(async () => {});
    stream.attach({ publish, counters: { dropped: {} } } as unknown as MqttLink);
    const { handler } = stream.subscriptions.find(({ filter }) => filter === found.filter)!;
    const documents = [
      '',
      '{',
      '[]',
      '{"state_topic":7}',
      '{"state_topic":"tank/#"}',
      '{"state_topic":"tank/a/state"}',
    ];
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    for (const text of documents) {
      const properties = { userProperties: { 'spikewire-client': 'this one' } };
      const payload = new TextEncoder().encode(text);
      await handler({ topic: 'ha/b', payload, properties, retain: true, duplicate: false, qos: 1 });
      await handler({ topic: 'ha/a', payload, properties: {}, retain: true, duplicate: false, qos: 1 });
      await handler({ topic: 'ha/a', payload, properties, retain: false, duplicate: false, qos: 1 });
    }
    await vi.advanceTimersByTimeAsync(7_200_000);
    vi.useRealTimers();
    expect(publish).not.toHaveBeenCalled();
  });
});

describe('messages of devices', () => {
  it('counts keys that are no channel and readings that were left out', async () => {
    openStream({ form: { missing: 'skip' } });
    attach();
    await receive('tank/north/level', '{"level": "1.5", "battery": 97, "linkquality": 120}');
    await receive('tank/north/level', '{"battery": 97}');
    expect(stream.counters).toMatchObject({ received: 2, bad: 0, ignoredKeys: 3, skipped: 1, held: 0, published: 1 });
  });

  it('joins topics below the input to the readings of one net', async () => {
    const two = [...channels, { name: 'flow', unit: '' }];
    const joined = writeModel(nextReadingModel({ channels: two, neurons: 10, rangeWarmUp: 10 }));
    const paths = parseChannelPaths('level=gauge.mm,flow=meter/flow');
    openStream({ form: { paths, joinWithin: 1000 } }, new NetPool(joined, inProcess(referenceEngine)));
    attach();
    const filters = stream.subscriptions.map(({ filter }) => filter);
    expect(filters).toEqual(['gauge', 'meter/flow', 'label', 'command'].map((topic) => `tank/+/level/${topic}`));
    const send = async (topic: string, text: string) => {
      const { handler } = stream.subscriptions.find(({ filter }) => filter === `tank/+/level/${topic}`)!;
      const message = { topic: `tank/north/level/${topic}`, payload: new TextEncoder().encode(text) };
      await handler(message as Parameters<typeof handler>[0]);
    };
    await send('meter/flow', '3');
    await send('gauge', '{"mm": 20}');
    expect(published.map(({ topic, document }) => [topic, document.seq])).toEqual([['tank/north/state', 1]]);
  });

  it.each([
    ['flow=a', 'channels: name "flow", which the model does not have; expected level'],
    ['level=label.x', 'have no topic for "level"'],
    ['level=\\+.x', 'have no topic for "level"'],
    ['level=*.x', 'have no topic for "level"'],
  ])('refuses to join by %s', (paths, problem) => {
    const form = { paths: parseChannelPaths(paths), joinWithin: 1 };
    expect(() => openStream({ form })).toThrow(problem);
  });

  it('refuses to hear its own results where topics are joined', () => {
    const form = { paths: parseChannelPaths('level=state'), joinWithin: 1 };
    const routes = { in: 'tank/level', out: 'tank/level/state' };
    expect(() => openStream({ form, routes })).toThrow('can be a topic of --in');
  });
});

describe('lessons and commands', () => {
  async function warmUp(): Promise<void> {
    attach();
    for (let k = 0; k < 25; k++) await receive('tank/north/level', `${Math.sin(k)}`);
    published.length = 0;
  }

  it('can be switched off, each for itself', async () => {
    openStream({ commands: new Set(['save', 'status'] as const), lessons: false });
    await warmUp();
    for (const command of ['reset', 'freeze', 'learn', 'normal', 'status', '{"command":"reset"}']) {
      await receive('tank/north/level/command', command);
    }
    await receive('tank/north/level/label', '{"target":1}');
    expect(stream.counters).toMatchObject({ commands: 1, lessons: 0, bad: 6 });
    expect(stream.counters.refused).toBe(6);
    expect(published[0]!.document.error).toBe('tank/north/level/command: command: "reset" is switched off; refused');
    expect(published.at(-1)!.document.error).toBe('tank/north/level/label: lesson: lessons are switched off; refused');
  });

  it('need the secret where there is one, and nothing that is said shows it', async () => {
    const secret = 'correct horse battery staple';
    openStream({ secret: new SharedSecret(secret, 'test') });
    await warmUp();
    const shown = { properties: { userProperties: { secret } } };
    const wrong = { properties: { userProperties: { secret: `${secret}.` } } };
    const twice = { properties: { userProperties: { secret: [secret, secret] } } };
    for (const more of [{}, wrong, twice, { properties: {} }]) {
      await receive('tank/north/level/command', 'freeze', more);
      await receive('tank/north/level/label', '{"target":1}', more);
    }
    for (const guess of ['""', '0', 'null', '{}', `["${secret}"]`, '"correct"']) {
      await receive('tank/north/level/command', `{"command":"freeze","secret":${guess}}`);
      await receive('tank/north/level/label', `{"target":1,"secret":${guess}}`);
    }
    for (const malformed of [secret, `{"secret":"${secret}"`, `{"secret":"${secret}","command":1}`]) {
      await receive('tank/north/level/command', malformed);
      await receive('tank/north/level/label', malformed);
    }
    expect(stream.counters).toMatchObject({ commands: 0, lessons: 0, bad: 26 });
    expect(stream.desk.pool.keys).toEqual(['north']);
    await receive('tank/north/level/command', 'freeze', shown);
    await receive('tank/north/level/command', JSON.stringify({ command: 'learn', secret }));
    await receive('tank/north/level/label', '{"target":1}', shown);
    await receive('tank/north/level/label', JSON.stringify({ target: 1, secret }));
    expect(stream.counters).toMatchObject({ commands: 2, lessons: 2, bad: 26 });
    for (const line of [...warnings, ...audit, ...published.map(({ document }) => JSON.stringify(document))]) {
      expect(line).not.toMatch(/correct|staple/);
    }
  });

  it('repeat the secret nowhere, whatever place somebody who knows it has put it into', async () => {
    const secret = 'correct horse battery "staple"';
    openStream({ secret: new SharedSecret(secret, 'test') });
    await warmUp();
    const inProperty = { properties: { userProperties: { secret } } };
    const misplaced = [
      { command: secret },
      { label: secret },
      { [secret]: 1 },
      { t: secret, target: 1 },
      { target: [{ [secret]: secret }] },
      { reward: secret },
    ];
    for (const document of misplaced) {
      for (const suffix of ['label', 'command']) {
        await receive(`tank/north/level/${suffix}`, JSON.stringify({ ...document, secret }));
        await receive(`tank/north/level/${suffix}`, JSON.stringify(document), inProperty);
      }
      await receive('tank/north/level', JSON.stringify(document));
      await receive('tank/north/level', JSON.stringify({ t: 1, values: document }));
    }
    await receive('tank/north/level/command', `reset ${secret}`, inProperty);
    await receive('tank/north/level', `reset ${secret}`);
    await receive('tank/north/level', JSON.stringify({ level: secret }));
    await receive('tank/north/level', JSON.stringify({ values: 1, [secret]: 1 }));
    await receive(`tank/${secret}/level`, '1');
    await receive(`tank/${secret}/level/command`, 'reset', inProperty);
    expect(stream.counters).toMatchObject({ commands: 0, lessons: 0, published: 25 + 40 });
    expect(stream.desk.pool.keys).toEqual(['north']);
    const said = [...warnings, ...audit, ...published.map(({ topic, document }) => topic + JSON.stringify(document))];
    for (const line of said) expect(line).not.toMatch(/correct|staple/);
  });

  it('leave a line each that says what came of them, and not without limit', async () => {
    await warmUp();
    await receive('tank/north/level/command', 'freeze');
    await receive('tank/north/level/command', 'explode');
    for (let k = 0; k < 100; k++) await receive('tank/north/level/label', '{"target":1}');
    await receive('tank/north/level/command', 'normal');
    expect(audit.slice(0, 2)).toEqual([
      'tank/north/level/command: freeze: learning is off',
      'tank/north/level/label: target not learned: learning is off',
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^tank\/north\/level\/command: command: is "explode"/)]);
    expect(audit).toHaveLength(22);
    expect(audit.at(-1)).toBe('tank/north/level/command: normal: nothing has been flagged yet');
    time += 60_000;
    await receive('tank/north/level/label', '{"target":1}');
    expect(audit.at(-1)).toMatch(/\(and 80 more like this before it\)$/);
  });

  it('are said once where they came by MQTT and are refused', async () => {
    attach();
    await receive('tank/nobody/level/command', 'freeze');
    expect(warnings).toHaveLength(1);
  });
});

it('routes what comes by a shared subscription like what comes by its own', async () => {
  openStream({ routes: { in: '$share/group/tank/+/level', out: 'tank/+/state' } });
  attach();
  const [readings, labels, commands] = stream.subscriptions;
  expect([readings!.filter, labels!.filter, commands!.filter]).toEqual([
    '$share/group/tank/+/level',
    'tank/+/level/label',
    'tank/+/level/command',
  ]);
  const message = (topic: string, text: string) =>
    ({ topic, payload: new TextEncoder().encode(text) }) as Parameters<NonNullable<typeof readings>['handler']>[0];
  await readings!.handler(message('tank/north/level', '1'));
  await commands!.handler(message('tank/north/level/command', 'status'));
  expect(stream.desk.pool.keys).toEqual(['north']);
  expect(published.map(({ topic }) => topic)).toEqual(['tank/north/state', 'tank/north/state/status']);
});

it('answers for the one net of a topic without "+" before its first reading', async () => {
  openStream({ routes: { in: 'tank/level', out: 'tank/state' } });
  expect((await stream.desk.command('', 'status')).split(',')[0]).toBe('0 readings');
});

describe('a stream whose model is replaced', () => {
  const modelFor = (name: string) =>
    writeModel(
      nextReadingModel({ channels: [{ name, unit: 'm' }], neurons: 5, rangeWarmUp: 2, monitor: { warmUp: 2 } }),
    );

  it('reads each message as the model wants it that answers, and says the answer in its channels', async () => {
    const pool = new NetPool(modelFor('level'), inProcess(referenceEngine));
    openStream({}, pool);
    attach();
    const answering: string[] = [];
    stream.desk.observe((_key, { session }) => answering.push(session.model.channels[0]!.name));
    const asked: Promise<unknown>[] = [];
    for (let k = 0; k < 200; k++) {
      asked.push(receive('tank/north/level', JSON.stringify({ level: k, height: -k })));
      if (k % 40 === 20) asked.push(pool.replaceModel(modelFor(k % 80 === 20 ? 'height' : 'level')));
      if (k % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(asked);
    expect(stream.counters).toMatchObject({ received: 200, bad: 0, published: 200, ignoredKeys: 200 });
    const said = published.map(({ document }) => document.result as Record<string, number> | null);
    for (const [k, result] of said.entries()) if (result !== null) expect(Object.keys(result)).toEqual([answering[k]]);
    expect(new Set(answering)).toEqual(new Set(['level', 'height']));
    await pool.close();
  });

  it('goes on with the last numbers where it reads the same channels, and without them where it reads others', async () => {
    const modelWith = (names: readonly string[], seed: number) =>
      writeModel(
        nextReadingModel({ channels: names.map((name) => ({ name, unit: 'm' })), neurons: 5, rangeWarmUp: 2, seed }),
      );
    const pool = new NetPool(modelWith(['level', 'flow'], 1), inProcess(referenceEngine));
    openStream({ form: { missing: 'hold' } }, pool);
    attach();
    const readings: number[][] = [];
    stream.desk.observe((_key, _kept, { reading }) => readings.push([...reading]));
    await receive('tank/north/level', '{"level": 1, "flow": 2}');
    await pool.replaceModel(modelWith(['level', 'flow'], 2));
    await receive('tank/north/level', '{"level": 3}');
    await pool.replaceModel(modelWith(['flow', 'level'], 1));
    await receive('tank/north/level', '{"level": 4}');
    await receive('tank/north/level', '{"level": 5, "flow": 6}');
    expect(readings).toEqual([
      [1, 2],
      [3, 2],
      [6, 5],
    ]);
    expect(stream.counters).toMatchObject({ bad: 0, held: 1, skipped: 1 });
    await pool.close();
  });

  it('refuses one whose channels messages do not have', () => {
    openStream({ form: { paths: parseChannelPaths('level=a.b') } });
    const { model } = new NetPool(modelFor('height'), inProcess(referenceEngine));
    expect(() => stream.expectReadable(stream.desk.pool.model)).not.toThrow();
    expect(() => stream.expectReadable(model)).toThrow(expect.objectContaining({ code: 'usage', where: 'channels' }));
    openStream({ form: { paths: parseChannelPaths('level=a.b'), joinWithin: 1000 } });
    const joined = new NetPool(modelFor('a'), inProcess(referenceEngine)).model;
    expect(() => stream.expectReadable(joined)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
