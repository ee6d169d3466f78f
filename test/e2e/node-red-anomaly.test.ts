import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mountSmallDisk } from '../small-disk.ts';
import { TestFlow } from './node-red-helper.ts';

/** Warm after 60 readings. */
const ANOMALY = { id: 'infer', type: 'spikewire-anomaly', warmUp: '60', wires: [['results'], ['unusual'], ['normal']] };

let folder: string;
let flow: TestFlow;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-anomaly-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await flow.stop();
  await rm(folder, { recursive: true });
});

/** A slow wave and what a sensor adds to it. */
function level(k: number): number {
  return 2 + Math.sin(k / 7) + ((k * 7919) % 97) / 1000;
}

/** Sends readings `from`…`to`, and gives what is said of them. */
async function feed(from: number, to: number, payload: (k: number) => unknown = level) {
  for (let k = from; k <= to; k++) flow.send({ payload: payload(k) });
  await expect.poll(() => flow.results.length, { timeout: 20_000 }).toBe(to - from + 1);
  return flow.results.splice(0).map(({ spikewire }) => spikewire!);
}

/**
 * What came at an output, by its change; messages are too fast here for an alarm about their rate to mean anything. A
 * reading with such an alarm may be the one that makes a new level usual.
 */
function changes(output: 'unusual' | 'normal') {
  const said = flow.outputs[output].splice(0).map(({ spikewire }) => spikewire!);
  const isOfTheirRate = ({ kind }: (typeof said)[number]) => kind === 'silent' || kind === 'rate';
  return said.filter((each) => each.change !== 'unusual' || !isOfTheirRate(each)).map(({ change }) => change);
}

async function settled(): Promise<void> {
  await feed(1, 400);
  flow.outputs.unusual.length = 0;
  flow.outputs.normal.length = 0;
}

it.each([
  ['a number', 2.5, { value: expect.any(Number) }],
  ['an array', [2.5, 7], { 'value 1': expect.any(Number), 'value 2': expect.any(Number) }],
  ['an object', { level: 2.5, unit: 'm' }, { level: expect.any(Number) }],
  ['an object of objects', { tank: { level: 2.5 }, ts: 5 }, { level: expect.any(Number) }],
  ['JSON text', '{"level": 2.5}', { level: expect.any(Number) }],
  ['bytes', Buffer.from('2.5'), { value: expect.any(Number) }],
])('the first message may be %s, and says which channels there are', async (_, payload, expected) => {
  flow = await TestFlow.start(folder, [ANOMALY]);
  const results = await feed(1, 60, () => payload);
  expect(results.at(0)).toMatchObject({ seq: 1, warmUp: { done: 1, of: 60 } });
  expect(results.at(-1)!.expected).toEqual(expected);
});

it('keeps every reading as it came, with the topic and the rest of the message', async () => {
  flow = await TestFlow.start(folder, [ANOMALY]);
  const payload = { tank: { level: 2.5 }, ts: 5 };
  expect(await flow.ask({ payload, topic: 'cellar', mine: [1] })).toMatchObject({
    payload,
    topic: 'cellar',
    mine: [1],
  });
});

describe('messages of several topics', () => {
  const both = (k: number) => [
    { topic: 'cellar', payload: level(k) },
    { topic: 'boiler', payload: 1000 + level(k) },
  ];

  it('go to one net unless asked otherwise, which is said once', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    for (const k of [1, 2, 3]) for (const message of both(k)) await flow.ask(message);
    await flow.ask({ topic: 'attic', payload: 3 });
    expect(flow.warningsOf('infer')).toEqual([
      expect.stringMatching(/^readings of "cellar" and "boiler" go to one net, .* One net per: msg.topic /),
    ]);
    expect((await flow.ask({ command: 'status' })).spikewire).toMatchObject({ readings: 7 });
  });

  it('have each their own normal where asked for, in the channels of the first message of any', async () => {
    flow = await TestFlow.start(folder, [{ ...ANOMALY, per: 'topic' }]);
    for (let k = 1; k <= 400; k++) for (const message of both(k)) flow.send(message);
    await expect.poll(() => flow.results.length, { timeout: 30_000 }).toBe(800);
    flow.results.length = 0;
    const kinds: unknown[] = [];
    const [cellar, boiler] = both(401) as [object, object];
    for (const message of [cellar, boiler, { ...boiler, topic: 'cellar' }, { ...cellar, topic: 'boiler' }])
      kinds.push((await flow.ask(message)).spikewire!.kind);
    expect(kinds).toEqual([undefined, undefined, 'jump', 'jump']);
    expect((await flow.ask({ topic: 'attic', payload: { level: 2, flow: 3 } })).problem).toMatch(/^channel value: /);
    expect((await flow.ask({ topic: 'attic', payload: 5 })).spikewire).toMatchObject({ seq: 1 });
    expect(flow.warningsOf('infer')).toEqual([]);
  });

  it('are told of once where they have numbers that the first message of all did not have', async () => {
    flow = await TestFlow.start(folder, [{ ...ANOMALY, per: 'topic' }]);
    const air = { temperature: 21, unit: 'C' };
    for (const [topic, payload] of Object.entries({
      cellar: air,
      attic: { ...air, light: 'on' },
      garden: { ...air, wind: { speed: 3 }, rain: 0 },
      street: { ...air, noise: 40 },
    }))
      await flow.ask({ topic, payload });
    expect(flow.warningsOf('infer')).toEqual([
      'readings of "garden" have speed, rain too, which the first message did not have, so that it is ignored; ' +
        'expected a node of its own for such topics, or Channels that all have',
    ]);
  });
});

describe('the three outputs', () => {
  it('have every reading, what begins to be unusual and why, and that it is normal again', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    await settled();
    const [spike] = await feed(401, 401, () => 30);
    expect(spike).toMatchObject({ anomaly: true, kind: 'jump', channel: 'value', change: 'unusual' });
    expect(spike!.reason).toMatch(/^value changes by 2\d\.\d+, usually by .*; value is 30 where .* was expected/);
    await expect.poll(() => flow.states).toContain('said.jump: value');
    await feed(402, 520);
    expect(changes('unusual')).toEqual(['unusual']);
    expect(changes('normal')).toContain('normal');
  });

  it('say that a new level has become usual', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    await settled();
    const moved = (k: number) => level(k) + 3;
    await feed(401, 500, moved);
    expect(changes('unusual')[0]).toBe('unusual');
    expect(changes('normal')).toContain('new level');
    const after = await feed(501, 540, moved);
    expect(after.filter(({ kind }) => kind === 'value' || kind === 'jump')).toEqual([]);
  });

  it('say that a sensor is stuck, and which channel', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    await feed(1, 400, (k) => ({ level: level(k), flow: level(2 * k + 1) }));
    changes('unusual');
    const results = await feed(401, 440, (k) => ({ level: 2.5, flow: level(2 * k + 1) }));
    expect(results.at(-1)).toMatchObject({ kind: 'stuck', channel: 'level' });
    expect(results.at(-1)!.reason).toMatch(/^level has been 2\.5 for \d+ readings, usually for \d+ at most/);
  });

  /** Time passes faster: readings come a few seconds apart. */
  function hurry(): void {
    const [now, began] = [performance.now.bind(performance), performance.now()];
    vi.spyOn(performance, 'now').mockImplementation(() => began + 200 * (now() - began));
  }

  it('say that no reading comes', async () => {
    hurry();
    flow = await TestFlow.start(folder, [ANOMALY]);
    // 25 readings, a few seconds apart by that clock.
    for (let k = 1; k <= 25; k++) {
      await feed(k, k);
      await delay(10);
    }
    flow.outputs.unusual.length = 0;
    await expect.poll(() => flow.outputs.unusual.length, { timeout: 5000 }).toBe(1);
    const [{ payload, spikewire }] = flow.outputs.unusual as [(typeof flow.outputs.unusual)[0]];
    expect(payload).toBeNull();
    expect(spikewire).toMatchObject({
      kind: 'silent',
      change: 'unusual',
      reason: expect.stringMatching(/^no reading for/),
    });
    expect(flow.results).toEqual([]);
    await expect.poll(() => flow.states.at(-1)).toBe('said.silent');
  });

  it('say each time that no reading comes, whatever topic the readings of the one net have', async () => {
    hurry();
    flow = await TestFlow.start(folder, [ANOMALY]);
    const ofKind = (output: 'unusual' | 'normal', kind?: string) =>
      flow.outputs[output].filter(({ spikewire }) => spikewire!.kind === kind).length;
    for (const times of [1, 2]) {
      for (let k = 0; k < 25; k++) {
        await flow.ask({ topic: 'cellar', payload: 2.5 + k / 100 });
        await delay(10);
      }
      await expect.poll(() => ofKind('unusual', 'silent'), { timeout: 5000 }).toBe(times);
    }
    expect(ofKind('normal')).toBeGreaterThan(0);
  });
});

describe('settings', () => {
  it.each([
    [{ sensitivity: 'few' }, 9, 15],
    [{}, 6, 10],
    [{ sensitivity: 'sensitive' }, 4, 20 / 3],
    [{ sensitivity: 'number', limit: '12' }, 12, 20],
    [{ sensitivity: 'few', limit: '12' }, 9, 15],
  ])('%j makes the limit of the prediction %f and that of jumps %f', async (given, prediction, jump) => {
    flow = await TestFlow.start(folder, [{ ...ANOMALY, ...given, holdOff: '7', inRow: '2' }]);
    await feed(1, 1);
    const { spikewire } = await flow.ask({ command: 'status' });
    expect(spikewire!.monitors).toMatchObject({
      'next-reading': { sensitivity: prediction, holdOff: 7, inRow: 2 },
      jump: { sensitivity: jump, holdOff: 7, inRow: 2 },
    });
  });

  it.each([
    [{ warmUp: '5' }, 'warmUp: is "5"; expected a whole number from 20 to 100000'],
    [{ channels: 'a, a' }, 'channels: has channel "a" twice; expected a name of its own for each'],
    [{ sensitivity: 'very' }, 'sensitivity: is "very"; expected few, balanced, sensitive, number'],
  ])('that are wrong are said: %j', async (given, line) => {
    flow = await TestFlow.start(folder, [{ ...ANOMALY, ...given }]);
    expect(flow.errorsOf('infer')).toContain(line);
    expect((await flow.ask({ payload: 1 })).problem).toBe(line);
  });
});

describe('what was learned', () => {
  it('goes on after a restart, with its channels, also where the first message then has fewer, or others', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    const both = (k: number) => ({ level: level(k), flow: level(2 * k) });
    await feed(1, 100, both);
    await flow.redeploy([]);
    await flow.redeploy([ANOMALY]);
    expect((await flow.ask({ payload: { level: 2.5 } })).problem).toMatch(/^channel flow: is missing/);
    const [next] = await feed(101, 101, (k) => ({ ...both(k), battery: 97 }));
    expect(next).toMatchObject({ seq: 101, anomaly: false });
    expect((await flow.ask({ command: 'status' })).spikewire).toMatchObject({ readings: 101, ignoredKeys: 1 });
  });

  it('is the same net where the warm-up is set to be shorter', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    await feed(1, 100);
    await flow.redeploy([{ ...ANOMALY, warmUp: '300', sensitivity: 'few' }]);
    expect((await feed(101, 101))[0]).toMatchObject({ seq: 101 });
  });

  it('is of each topic where asked for, all with the channels of the first', async () => {
    flow = await TestFlow.start(folder, [{ ...ANOMALY, per: 'topic', capacity: '2', only: 'a, b, c' }]);
    expect((await flow.ask({ payload: { x: 1, y: 2 }, topic: 'z' })).problem).toContain('msg.topic: is "z"');
    for (const topic of ['a', 'b', 'c', 'a']) await flow.ask({ payload: { level: 2 }, topic });
    expect((await flow.ask({ command: 'status', topic: 'a' })).spikewire).toMatchObject({
      readings: 2,
      nets: { open: 2 },
    });
  });
});

it('goes on where the disk is full, says that it is not saved, and saves when there is room', async (context) => {
  const disk = await mountSmallDisk(context, join(folder, 'disk'), 2048);
  try {
    await disk.fill();
    flow = await TestFlow.start(folder, [{ ...ANOMALY, store: join(disk.path, 'store'), saveEvery: '0' }]);
    await feed(1, 100);
    await expect.poll(() => flow.states).toContain('status.unsaved');
    expect((await flow.ask({ command: 'save' })).problem).toMatch(/^store .*ENOSPC/);
    await disk.free();
    await expect
      .poll(async () => (await flow.ask({ command: 'save' })).payload, { timeout: 5000 })
      .toMatch(/^saved as/);
    await flow.redeploy([{ ...ANOMALY, store: join(disk.path, 'store') }]);
    expect((await feed(101, 101))[0]).toMatchObject({ seq: 101 });
  } finally {
    disk.unmount();
  }
});

describe('a command', () => {
  it('before the first reading is refused, and changes nothing', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    expect((await flow.ask({ command: 'status' })).problem).toBe(
      'msg.command: came before the first reading; expected a reading in msg.payload',
    );
  });

  it('"normal" calls the same usual from then on', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    await settled();
    expect((await feed(401, 401, () => 30))[0]).toMatchObject({ anomaly: true });
    await feed(402, 410);
    expect((await flow.ask({ command: 'normal', seq: 300 })).payload).toMatch(
      /^no flagged reading is stored for this time or number/,
    );
    expect((await flow.ask({ command: 'normal', seq: 401 })).payload).toMatch(
      /^readings? 401.*: the limit of “[^”]+” of \S+ is now \S+ instead of \S+/,
    );
    const [again] = await feed(411, 411, () => 30);
    expect(again!.anomaly).not.toBe(true);
  });

  it('"freeze" is to be seen, and "reset" forgets the channels too', async () => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    await settled();
    expect((await flow.ask({ command: 'freeze' })).payload).toBe('learning is off');
    await expect.poll(() => flow.states.at(-1)).toBe('status.frozen');
    expect((await flow.ask({ command: 'reset' })).payload).toMatch(/^forgot what it had learned/);
    const results = await feed(1, 60, (k) => ({ inside: level(k), outside: level(k + 5) }));
    expect(Object.keys(results.at(-1)!.expected as object)).toEqual(['inside', 'outside']);
    expect(flow.problems).toEqual([]);
  });
});

describe('a device', () => {
  const BOX = { id: 'box', type: 'spikewire-device', address: 'reference', worker: false };
  const NET = { id: 'net', type: 'spikewire-net', model: 'level', modelType: 'channels', warmUp: '20', worker: true };
  const INFER = { id: 'infer', type: 'spikewire-infer', net: 'net' };
  const executor = async () => (await flow.ask({ command: 'status' })).spikewire!.executor;

  it('is where the nets of both kinds of node run, over what stands in the node itself', async () => {
    flow = await TestFlow.start(folder, [BOX, { ...ANOMALY, place: 'box', device: 'event' }]);
    await feed(1, 1);
    expect(await executor()).toBe('reference');
    await flow.redeploy([BOX, { ...NET, place: 'box', device: 'event' }, INFER]);
    await feed(1, 1);
    expect(await executor()).toBe('reference');
  });

  it.each([
    [{ device: 'event', worker: false }, 'event'],
    [{ device: 'event', place: '' }, 'event (worker)'],
    [{}, 'clocked (worker)'],
  ])('may be none: a flow with %j runs as before', async (given, expected) => {
    flow = await TestFlow.start(folder, [{ ...NET, ...given }, INFER]);
    await feed(1, 1);
    expect(await executor()).toBe(expected);
  });

  it.each([
    [{ place: 'gone' }, 'place: does not exist or is disabled; expected a spikewire-device node'],
    [{ place: 'box' }, /^device "cray": is not an engine; expected /],
    [{ place: 'one' }, 'split: needs a board, and "event" is an engine; expected <driver>:<board>'],
  ])('that is none is said, and the flow goes on: %j', async (given, line) => {
    const one = { ...BOX, id: 'one', address: 'event', split: true };
    flow = await TestFlow.start(folder, [{ ...BOX, address: 'cray' }, one, { ...NET, ...given }, INFER]);
    expect((await flow.ask({ payload: 1 })).problem).toMatch(line);
    expect((await flow.ask({ payload: 1 })).problem).toMatch(line);
  });

  it('is tried on demand, also before it is deployed', async () => {
    flow = await TestFlow.start(folder, []);
    const tested = (address: unknown) => flow.post('/spikewire/device-test', { address });
    expect(await tested('clocked')).toMatchObject({
      status: 200,
      body: { name: 'clocked (worker)', milliseconds: expect.any(Number) },
    });
    for (const address of ['cray', 'akida:nowhere', '', 7, {}, 'x'.repeat(300)]) {
      const { status, body } = await tested(address);
      expect(status).toBe(409);
      expect(body.error).toMatch(/^[^\n]+; expected [^\n]+$/);
    }
  });
});

const circular: Record<string, unknown> = {};
circular.self = circular;

describe('a hostile message', () => {
  it.each([
    ['nothing', {}],
    ['null', { payload: null }],
    ['words', { payload: 'no numbers here' }],
    ['not a number', { payload: Number.NaN }],
    ['infinity', { payload: Number.POSITIVE_INFINITY }],
    ['circular', { payload: circular }],
    ['an empty object', { payload: {} }],
    ['a thousand channels', { payload: Object.fromEntries(Array.from({ length: 1000 }, (_, k) => [k, k])) }],
    ['a large array', { payload: new Float64Array(100_000) }],
    ['two megabytes', { payload: Buffer.alloc(2 ** 21, 49) }],
    ['a thousand levels', { payload: `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}` }],
    ['an unknown command', { command: 'format c:' }],
    ['a command that is an object', { command: { toString: 1 } }],
  ])('(%s) first or later goes to Catch, changes nothing, and the flow goes on', async (_, message) => {
    flow = await TestFlow.start(folder, [ANOMALY]);
    expect((await flow.ask(message)).problem).toMatch(/^[^\n]{5,600}; expected [^\n]+$/);
    expect((await feed(1, 2)).at(-1)).toMatchObject({ seq: 2 });
    expect((await flow.ask(message)).problem).toMatch(/^[^\n]{5,600}; expected [^\n]+$/);
    expect((await feed(3, 3)).at(-1)).toMatchObject({ seq: 3 });
    const kept = await readFile(join(folder, 'spikewire', 'infer', 'channels.json'), 'utf8');
    expect(JSON.parse(kept).names).toEqual(['value']);
  });
});

describe('another model while the flow runs', () => {
  const NET = { id: 'net', type: 'spikewire-net', model: 'own.spike', modelType: 'file' };
  const INFER = { id: 'infer', type: 'spikewire-infer', net: 'net', wires: [['results'], ['answers']] };
  const model = (name: string, seed = 1) =>
    writeModel(nextReadingModel({ channels: [{ name, unit: '' }], neurons: 20, rangeWarmUp: 20, seed }));
  const write = (bytes: Uint8Array | string) => writeFile(join(folder, 'own.spike'), bytes);
  const status = async () => (await flow.ask({ command: 'status' })).spikewire!;

  it('comes with the file and "reload", in bytes, or by its path; what was learned goes on where it is the same', async () => {
    await write(model('level'));
    flow = await TestFlow.start(folder, [NET, INFER]);
    await feed(1, 30);
    await write(model('depth'));
    expect((await flow.ask({ command: 'reload' })).payload).toBe('runs the model for depth');
    expect(await status()).toMatchObject({ readings: 0 });
    await feed(1, 5, (k) => ({ depth: level(k) }));
    const answer = await flow.ask({ model: Buffer.from(model('level')), topic: 'new' });
    expect(answer).toMatchObject({ payload: 'runs the model for level', topic: 'new' });
    expect(answer.model).toBeUndefined();
    expect(await status()).toMatchObject({ readings: 30 });
    expect((await flow.ask({ model: 'own.spike' })).payload).toBe('runs the model for depth');
    expect(await status()).toMatchObject({ readings: 5 });
  });

  it('takes over what was learned where the net says so', async () => {
    await write(model('level'));
    flow = await TestFlow.start(folder, [{ ...NET, onNewModel: 'rebase' }, INFER]);
    await feed(1, 30);
    const other = nextReadingModel({ channels: [{ name: 'level', unit: '' }], neurons: 20, rangeWarmUp: 20 });
    await write(writeModel({ ...other, monitors: [{ type: 'next-reading', parameters: { sensitivity: 9 } }] }));
    await flow.ask({ command: 'reload' });
    expect(await status()).toMatchObject({ readings: 30 });
    expect(flow.warningsOf('net')).toEqual([expect.stringMatching('took over what another model had learned')]);
  });

  it.each([
    ['bytes that are none', { model: Buffer.from('hello') }],
    ['a part of one', { model: Buffer.from(model('level').subarray(0, 900)) }],
    ['no bytes', { model: Buffer.alloc(0) }],
    ['a number', { model: 7 }],
    ['a path to nothing', { model: 'gone.spike' }],
    ['a folder', { model: '/' }],
    ['a file without end', { model: '/dev/zero' }],
    ['a file that has become wrong', { command: 'reload' }],
    ['one whose channels the settings do not know', { model: Buffer.from(model('depth')) }],
  ])('that is wrong (%s) goes to Catch, and the former one goes on', async (_, message) => {
    await write(model('level'));
    flow = await TestFlow.start(folder, [{ ...NET, paths: 'level=tank.level' }, INFER]);
    const tank = (k: number) => ({ tank: { level: level(k) } });
    await feed(1, 25, tank);
    await write('broken');
    expect((await flow.ask(message)).problem).toMatch(/^[^\n]{5,600}$/);
    expect((await feed(26, 26, tank))[0]).toMatchObject({ seq: 26 });
    expect(flow.problems).toEqual([]);
  });

  it('loses no message that comes meanwhile', async () => {
    await write(model('level'));
    flow = await TestFlow.start(folder, [NET, INFER]);
    for (let k = 1; k <= 60; k++) {
      flow.send({ payload: level(k) });
      if (k % 20 === 0) flow.send({ command: 'reload' });
    }
    await expect.poll(() => flow.results.length, { timeout: 10_000 }).toBe(60);
    await expect.poll(() => flow.answers.splice(0).length).toBe(3);
    expect(flow.results.splice(0).map(({ spikewire }) => spikewire!.seq)).toEqual(
      Array.from({ length: 60 }, (_, k) => k + 1),
    );
    expect(flow.problems).toEqual([]);
    expect(await status()).toMatchObject({ readings: 60 });
  });

  it('may be uploaded: kept once it is right, over one of its name', async () => {
    flow = await TestFlow.start(folder, []);
    const upload = (name: string, bytes: Uint8Array) =>
      flow.upload(`/spikewire/models/${encodeURIComponent(name)}`, bytes);
    const path = join('spikewire', 'models', 'my net.spike');
    expect(await upload('my net.spike', model('level'))).toMatchObject({
      status: 200,
      body: { path, channels: ['level'], labels: [] },
    });
    for (const [name, bytes] of [
      ['my net.spike', Buffer.from('hello')],
      ['my net.spike', Buffer.alloc(0)],
      ['../flows.json', model('depth')],
      ['.spike', model('depth')],
      ['net.js', model('depth')],
    ] as const) {
      const { status: code, body } = await upload(name, bytes);
      expect(code).toBe(409);
      expect(body.error).toMatch(/^[^\n]+$/);
    }
    expect(Buffer.compare(await readFile(join(folder, path)), model('level'))).toBe(0);
    await upload('my net.spike', model('depth'));
    await flow.redeploy([{ ...NET, model: path }, INFER]);
    await feed(1, 1, (k) => ({ depth: level(k) }));
  });
});
