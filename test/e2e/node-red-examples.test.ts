import { readdirSync, readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { palette } from '../../nodes/src/palette/palette.ts';
import { needs } from '../services.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';
import { INSTALLATIONS, installation, NodeRedProcess } from './node-red-process.ts';

const EXAMPLES = new URL('../../nodes/examples/', import.meta.url);
/** Of a poll: a whole warm-up may be behind it. */
const PATIENCE = { timeout: 60_000, interval: 50 };

interface Part {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly wires?: readonly (readonly string[])[];
  readonly [property: string]: unknown;
}

interface Heard {
  readonly topic?: string;
  readonly payload: unknown;
  readonly spikewire: Readonly<Record<string, unknown>>;
  readonly [property: string]: unknown;
}

/** What is changed of an example, so that it takes less time: settings by the name or type of a node. */
type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function readExample(name: string): Part[] {
  return JSON.parse(readFileSync(new URL(`${name}.json`, EXAMPLES), 'utf8'));
}

/** Keeps the last messages that come to it; what commands have asked for is kept apart, and not pushed out. */
function keeper(z: string, id: string) {
  const func = `const heard = global.get('heard') ?? {};
const { req, res, ...known } = msg;
const list = (heard[node.id + (msg.command === undefined ? '' : ' answers')] ??= []);
list.push(known);
if (list.length > 100) list.shift();
global.set('heard', heard);`;
  return { z, x: 0, y: 0, id, type: 'function', func, wires: [] };
}

/** What this test asks for what was kept. */
const ASKED = [
  { id: 'test', type: 'tab' },
  { z: 'test', x: 0, y: 0, id: 'in', type: 'http in', url: '/heard/:of', method: 'get', wires: [['look']] },
  {
    ...{ z: 'test', x: 0, y: 0, id: 'look', type: 'function', wires: [['out']] },
    func: `msg.payload = (global.get('heard') ?? {})[msg.req.params.of] ?? []; return msg;`,
  },
  { z: 'test', x: 0, y: 0, id: 'out', type: 'http response', wires: [] },
];

/** Buttons, charts and texts of dashboard 2, whose page has a test of its own, as nodes that do the same without it. */
function withoutDashboard(node: Part): Part[] {
  if (['ui-base', 'ui-theme', 'ui-page', 'ui-group'].includes(node.type)) return [];
  const { id, z, type, label, wires, payload, topic } = node as Part & { z: string; payload: string; topic: string };
  if (type === 'ui-chart' || type === 'ui-text') return [{ ...keeper(z, id), name: String(label) }];
  if (type !== 'ui-button') return [node];
  const props = [
    { p: 'payload', v: payload, vt: 'str' },
    { p: 'topic', v: topic, vt: 'str' },
  ];
  return [{ z, id, type: 'inject', name: String(label), props, wires } as Part];
}

/**
 * An example as it is imported, with other clocks and this broker, whose nodes of this palette are overheard at each
 * output, as are its statuses and problems.
 */
function overheard(flow: readonly Part[], changes: Changes, port: number): object[] {
  const [{ id: tab }] = flow as [Part];
  const parts = flow.flatMap(withoutDashboard).map((node): Part => {
    const own = { ...changes[node.type], ...(node.name ? changes[node.name] : {}) };
    return { ...node, ...(node.type === 'mqtt-broker' ? { port: String(port) } : {}), ...own };
  });
  const ours = parts.filter(({ type, wires }) => type.startsWith('spikewire-') && wires !== undefined);
  const place = { z: tab, x: 0, y: 0, scope: null };
  return [
    ...ASKED,
    ...parts.filter((part) => !ours.includes(part)),
    ...ours.map((node) => ({
      ...node,
      wires: node.wires!.map((to, k) => [...to, `${node.id} ${k}`]),
    })),
    ...ours.flatMap(({ id, wires }) => wires!.map((_, k) => keeper(tab, `${id} ${k}`))),
    { ...place, id: `${tab} catch`, type: 'catch', wires: [[`${tab} problems`]] },
    { ...place, id: `${tab} status`, type: 'status', wires: [[`${tab} states`]] },
    keeper(tab, `${tab} problems`),
    keeper(tab, `${tab} states`),
  ];
}

/** An example that runs in a Node-RED. */
class Running {
  readonly nodeRed: NodeRedProcess;
  readonly #flow: readonly Part[];

  constructor(nodeRed: NodeRedProcess, flow: readonly Part[]) {
    this.nodeRed = nodeRed;
    this.#flow = flow;
  }

  /** By its name, the label on a dashboard, or its type. */
  idOf(node: string): string {
    return this.#flow.find(({ name, label, type }) => [name, label, type].includes(node))!.id;
  }

  press(button: string): Promise<void> {
    return this.nodeRed.inject(this.idOf(button));
  }

  async heard(node: string): Promise<Heard[]> {
    return JSON.parse((await this.nodeRed.get(`/heard/${encodeURIComponent(node)}`)).text);
  }

  /** Expects that a stand-in for a part of a dashboard is sent such a message. */
  keeps(node: string, message: object) {
    const { id } = this.#flow.find(({ label }) => label === node)!;
    return expect.poll(() => this.heard(id), PATIENCE).toContainEqual(expect.objectContaining(message));
  }

  /** Expects that such a status stands below a node. */
  shows(node: string, text: RegExp) {
    const status = { text: expect.stringMatching(text), source: expect.objectContaining({ id: this.idOf(node) }) };
    const shown = expect.objectContaining({ status: expect.objectContaining(status) });
    return expect.poll(() => this.heard(`${this.#flow[0]!.id} states`), PATIENCE).toContainEqual(shown);
  }

  /** Expects that a node of this palette gives such a message, by one of its outputs. */
  gives(node: string, output: number | string, message: object) {
    const given = () => this.heard(`${this.idOf(node)} ${output}`);
    return expect.poll(given, PATIENCE).toContainEqual(expect.objectContaining(message));
  }

  /** Expects that what a command asks for is answered in such words. */
  answers(node: string, payload: RegExp, output = '0 answers') {
    return this.gives(node, output, { payload: expect.stringMatching(payload) });
  }
}

/** A client that keeps the last message of each topic. */
class Client {
  readonly heard = new Map<string, string>();
  readonly #link: MqttLink;

  static async connect(url: string): Promise<Client> {
    const random = new RandomGenerator(1, 'examples');
    const options = { clientId: 'examples', random: () => random.nextUniform(), subscriptions: [] };
    const client = new Client(await MqttLink.connect(url, options));
    for (const topic of ['house/#', 'plant/#', 'homeassistant/#'])
      await client.#link.subscribe(topic, (message) => {
        client.heard.set(message.topic, Buffer.from(message.payload).toString());
      });
    return client;
  }

  constructor(link: MqttLink) {
    this.#link = link;
  }

  say(topic: string, payload: unknown): Promise<unknown> {
    return this.#link.publish(topic, typeof payload === 'string' ? payload : JSON.stringify(payload));
  }

  /** Expects such a message to be the last on a topic. */
  hears(topic: string) {
    return expect.poll(() => this.heard.get(topic), PATIENCE);
  }

  /** Says something until it is answered: a flow subscribes some time after it has connected. */
  async sayUntilHeard(topic: string, payload: unknown, answer: string): Promise<void> {
    const ask = () => this.say(topic, payload).then(() => this.heard.get(answer));
    await expect.poll(ask, PATIENCE).toBeDefined();
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** Readings of a pump, past the warm-up of 400. */
async function readings(client: Client, topic: string): Promise<void> {
  const noise = new RandomGenerator(1, 'pump');
  for (let k = 0; k < 430; k++)
    await client.say(topic, { level: 2 + Math.sin(k / 20) + 0.02 * noise.nextNormal(), flow: 3 + Math.cos(k / 30) });
}

const unusual = (known: object) => ({ spikewire: expect.objectContaining({ change: 'unusual', ...known }) });

interface Drive {
  readonly changes?: Changes;
  drive(example: Running, client: Client): Promise<void>;
}

const anomaly = 'spikewire-anomaly';
const classify = 'spikewire-classify';
/** Every reading, once the warm-up is over. */
const scored = { spikewire: expect.objectContaining({ score: expect.any(Number) }) };

const TEMPERATURES = join(tmpdir(), `spikewire-temperatures-${process.pid}.txt`);

/** What a person does with each example, and what they are to see. */
const DRIVES: Readonly<Record<string, Drive>> = {
  'one-sensor': {
    changes: { 'every 0.05 s': { repeat: '0.002' } },
    async drive(example) {
      await example.gives(anomaly, 0, scored);
      await example.press('spike');
      await example.gives(
        anomaly,
        1,
        unusual({ channel: 'temperature', reason: expect.stringMatching(/temperature/) }),
      );
      await example.press('stuck');
      await example.gives(anomaly, 1, unusual({ kind: 'stuck', channel: 'temperature' }));
      await example.press('works');
      await example.gives(anomaly, 2, { spikewire: expect.objectContaining({ change: 'normal' }) });
      for (const [button, answer] of [
        ['that was normal', /limit|flagged/],
        ['freeze', /off/],
        ['status', /learning off/],
        ['learn', /on/],
        ['save', /saved as sequence/],
        ['reset', /forg|anew|reset/],
      ] as const) {
        await example.press(button);
        await example.answers(anomaly, answer);
      }
      await example.gives(anomaly, 0, { spikewire: expect.objectContaining({ warmUp: expect.anything() }) });
    },
  },
  'fifty-motors': {
    changes: { 'every 10 ms': { repeat: '0.001' }, [anomaly]: { warmUp: '50' } },
    async drive(example) {
      const motor = { topic: 'motor 17' };
      await example.gives(anomaly, 0, { ...motor, ...scored });
      await example.shows('readings and nets', /^50 motors, \d{2,} readings of each$/);
      await example.press('motor 17 takes more current');
      await example.gives(anomaly, 1, { ...motor, ...unusual({ channel: 'current' }) });
      await example.press('all motors run');
      await example.press('its temperature is stuck');
      await example.gives(anomaly, 1, { ...motor, ...unusual({ kind: 'stuck', channel: 'temperature' }) });
      await example.press('that was normal');
      await example.answers(anomaly, /limit|flagged/);
      await example.press('status of motor 17');
      await example.answers(anomaly, /^\d{2,} readings, learning on/);
    },
  },
  'sensor-of-this-machine': {
    // A recording in the place of a temperature that this machine may not have.
    changes: { 'spikewire-sensor': { address: `file:${TEMPERATURES}?rate=500`, interval: '' } },
    async drive(example) {
      await example.gives('spikewire-sensor', 0, { payload: 90 });
      await example.gives(anomaly, 1, { payload: 90, ...unusual({ reason: expect.stringMatching(/ is 90/) }) });
    },
  },
  dashboard: {
    changes: { 'every 0.2 s': { repeat: '0.002' } },
    async drive(example) {
      await example.keeps('state', { payload: expect.stringMatching(/^warming up, \d+ readings to go$/) });
      await example.keeps('score', { topic: 'score', payload: expect.any(Number) });
      await example.keeps('temperature', { topic: 'temperature', payload: expect.closeTo(21, -0.5) });
      await example.keeps('state', { payload: 'normal' });
      await example.press('a spike');
      await example.keeps('state', { payload: expect.stringMatching(/^temperature/) });
      await example.keeps('last said', { payload: expect.stringMatching(/\d temperature/) });
      for (const [button, answer] of [
        ['that was normal', /limit|flagged/],
        ['freeze', /off/],
        ['learn', /on/],
      ] as const) {
        await example.press(button);
        await example.answers(anomaly, answer);
        await example.keeps('last said', { payload: expect.stringMatching(answer) });
      }
    },
  },
  'alarms-over-mqtt': {
    async drive(_, client) {
      const topic = 'plant/press/reading';
      await client.sayUntilHeard(topic, { level: 2, flow: 4 }, `${topic}/state`);
      await readings(client, topic);
      await client.say(topic, { level: 40, flow: 4 });
      await client.hears(`${topic}/alarm`).toMatch(/"change":"unusual".*"channel":"level".*"reading":\{"level":40,/);
      await client.say(topic, { level: 2 });
      await client.hears(`${topic}/error`).toMatch(/^channel flow: is missing/);
      await client.say('plant/press/command', 'normal');
      await client.hears(`${topic}/state`).toMatch(/limit|flagged/);
    },
  },
  'home-assistant': {
    async drive(example, client) {
      const topic = 'plant/pump/reading';
      await client.hears('homeassistant/device/spikewire_node_red_pump/config').toContain('"command_topic"');
      await client.hears('plant/pump/link').toBe('online');
      await client.sayUntilHeard(topic, { level: 2, flow: 4 }, `${topic}/state`);
      await readings(client, topic);
      await client.say(topic, { level: 40, flow: 4 });
      await client.hears(`${topic}/state`).toMatch(/"level":40,.*"anomaly":true.*"reason":"level/);
      await client.say('plant/pump/command', 'normal');
      await example.answers(anomaly, /limit|flagged/);
    },
  },
  'rooms-over-mqtt': {
    async drive(_, client) {
      // What the flow refuses makes no net.
      await client.sayUntilHeard('house/attic/air', '[]', 'house/attic/air/error');
      await client.sayUntilHeard('house/kitchen/air', { temperature: 21.5, humidity: 44 }, 'house/kitchen/air/state');
      await client.say('house/cellar/air', [12, 80]);
      await client.say('house/cellar/air', [12]);
      await client.say('house/kitchen/air/command', 'status');
      await client.hears('house/kitchen/air/state/status').toMatch(/^\d+ readings, learning on$/);
      await client.hears('house/cellar/air/state').toMatch(/"seq":1,.*"result":null/);
      await client.hears('house/cellar/air/error').toContain('has 1 value; expected {');
      await client.say('house/kitchen/air/command', 'no such word');
      await client.hears('house/kitchen/air/error').toContain('expected');
    },
  },
  'unusual-readings': {
    changes: { 'every 0.1 s': { repeat: '0.002' } },
    async drive(example) {
      const infer = 'spikewire-infer';
      const flagged = { spikewire: expect.objectContaining({ anomaly: true }) };
      await example.gives(infer, 0, scored);
      await example.press('move the sensor by 3 °C');
      await example.gives(infer, 0, flagged);
      await example.press('move it back');
      for (const [button, answer] of [
        ['normal', /limit|flagged/],
        ['freeze', /off/],
        ['status', /learning off/],
        ['learn', /on/],
        ['save', /saved as sequence/],
      ] as const) {
        await example.press(button);
        await example.answers(infer, answer, '1 answers');
      }
      const own = join(example.nodeRed.userDir, 'spikewire', example.idOf('spikewire-net'), 'flow');
      expect(await readdir(own)).toContain('a.slot');
      await example.press('reset');
      await example.gives(infer, 0, { spikewire: expect.objectContaining({ warmUp: expect.anything() }) });
    },
  },
  spikes: {
    changes: { 'every 0.1 s': { repeat: '0.002' } },
    async drive(example) {
      const learn = 'spikewire-learn';
      await example.press('2, 9, 5');
      await example.gives('spikewire-encode', 0, { payload: expect.objectContaining({ size: 3, steps: 32 }) });
      await example.gives('spikewire-decode', 0, { payload: 'second' });
      await example.press('8, 1, 3');
      await example.gives('spikewire-decode', 0, { payload: 'first' });
      await example.gives('spikewire-infer', 0, { payload: { temperature: expect.any(Number) } });
      await example.press('it was 22 °C');
      await example.gives(learn, 0, { payload: 'applied' });
      await example.press('learning off');
      await example.gives(learn, '0 answers', { spikewire: expect.objectContaining({ learning: false }) });
      await example.press('it was 22 °C');
      await example.gives(learn, 0, { payload: 'frozen' });
      await example.press('learning on');
      await example.gives(learn, '0 answers', { spikewire: expect.objectContaining({ learning: true }) });
    },
  },
  'teach-by-button': {
    changes: { 'every 0.1 s': { repeat: '0.002' } },
    async drive(example) {
      for (const state of ['it runs', 'its bearing is worn', 'the machine is still']) {
        await example.press(state);
        await example.shows('machine', { 'it runs': /running/, 'its bearing is worn': /worn/ }[state] ?? /idle/);
      }
      await example.gives(classify, 0, { payload: null });
      await example.press('this was idle, by message');
      await example.gives(classify, 1, { payload: 'applied' });
      await example.gives(classify, 0, { payload: 'idle' });
      await example.press('undo the last lesson');
      await example.answers(classify, /^took the last lesson back/, '1 answers');
    },
  },
  'record-train-run': {
    changes: {
      'every 0.1 s': { repeat: '0.002' },
      'spikewire-record': { seconds: '0.4' },
      [classify]: { training: 'device' },
    },
    async drive(example) {
      await example.gives(classify, 0, { payload: null });
      for (const [k, [button, label]] of [
        ['the machine is still', 'idle'],
        ['it runs', 'running'],
        ['the machine is still', 'idle'],
        ['it runs', 'running'],
      ].entries()) {
        await example.press(button!);
        await example.press('record for ten seconds');
        await expect.poll(() => example.heard(`${example.idOf('record')} 0`), PATIENCE).toHaveLength(k + 1);
        await example.gives('record', 0, { label, spikewire: expect.objectContaining({ end: 'stopped', bad: 0 }) });
      }
      await example.press('train');
      await example.gives(classify, '1 answers', {
        spikewire: expect.objectContaining({ by: 'device', classes: ['idle', 'running'] }),
      });
      await example.gives(classify, 0, { payload: 'running' });
      await example.press('cancel the training');
      await example.answers(classify, /No training is under way/, '1 answers');
    },
  },
  vibration: {
    changes: { 'spikewire-source': { every: '0.01' } },
    async drive(example) {
      await example.gives('spikewire-source', 0, { truth: expect.objectContaining({ fault: 'none' }) });
      await example.gives('spikewire-features', 0, { zone: expect.objectContaining({ zone: 'A', meaning: 'good' }) });
      await example.gives(anomaly, 0, scored);
      const state = `/spikewire/classify/${example.idOf(classify)}`;
      const teach = async () => JSON.parse((await example.nodeRed.post(state, { do: 'teach', label: 'healthy' })).text);
      await expect.poll(teach, PATIENCE).toEqual({ answer: 'applied' });
      await example.gives(classify, 0, { payload: 'healthy' });
      // False alarms of the first windows are over by then.
      const seen = async () => (await example.heard(`${example.idOf(anomaly)} 0`)).at(-1)?.spikewire.seq;
      await expect.poll(seen, PATIENCE).toBeGreaterThan(200);
      await example.press('severe');
      await example.press('outer race');
      const truth = expect.objectContaining({ fault: 'outer', severity: 0.9 });
      await example.gives(anomaly, 1, {
        truth,
        ...unusual({ reason: expect.stringMatching(/bpfo|kurtosis|peak|rms/) }),
      });
      await example.press('sensor stuck');
      await example.gives('spikewire-source', 0, { truth: expect.objectContaining({ stuck: true, severity: 0.9 }) });
    },
  },
};

it('all examples are driven, and have all nodes but the one that says where nets run', () => {
  const names = readdirSync(EXAMPLES).map((file) => file.replace('.json', ''));
  expect(Object.keys(DRIVES).toSorted()).toEqual(names.toSorted());
  const used = new Set(names.flatMap(readExample).map(({ type }) => type));
  expect(palette.map(({ type }) => type).filter((type) => !used.has(type))).toEqual(['spikewire-device']);
});

describe.each(INSTALLATIONS)('in %s', (installed) => {
  let broker: Mosquitto | undefined;
  let nodeRed: NodeRedProcess | undefined;
  let client: Client | undefined;
  afterAll(async () => {
    await client?.close();
    await nodeRed?.close();
    await broker?.close();
    await rm(TEMPERATURES, { force: true });
  });

  async function start(context: TestContext): Promise<NodeRedProcess> {
    const found = await installation(context, installed);
    needs(context, 'mosquitto');
    broker ??= await startMosquitto();
    client ??= await Client.connect(broker!.url);
    const usual = Array.from({ length: 450 }, (_, k) => 50 + Math.sin(k / 20) + 0.1 * Math.sin(12.9898 * k));
    await writeFile(TEMPERATURES, [...usual, 90].map((value) => `${value}\n`).join(''));
    nodeRed ??= await NodeRedProcess.start(found, []);
    return nodeRed;
  }

  it.for(Object.entries(DRIVES))('the example %s does what it says', async ([name, { changes, drive }], context) => {
    await start(context);
    const flow = readExample(name);
    const before = nodeRed!.output.length;
    await nodeRed!.deploy(overheard(flow, changes ?? {}, broker!.port));
    client!.heard.clear();
    const example = new Running(nodeRed!, flow);
    await drive(example, client!);
    const problems = (await example.heard(`${flow[0]!.id} problems`)).map(({ error }) => (error as Error).message);
    expect(name.endsWith('over-mqtt') ? [] : problems).toEqual([]);
    expect(nodeRed!.output.slice(before)).not.toMatch(/\[error\]|\[warn\] \[/); // a node of a flow stands in brackets
  });

  it('a net runs where a device node says', async (context) => {
    await start(context);
    const place = { z: 'test', x: 0, y: 0 };
    await nodeRed!.deploy([
      ...ASKED,
      { id: 'box', type: 'spikewire-device', address: 'reference' },
      { ...place, id: 'tick', type: 'spikewire-source', gives: 'slow', every: '0.01', wires: [['placed']] },
      { ...place, id: 'ask', type: 'inject', props: [{ p: 'command', v: 'status', vt: 'str' }], wires: [['placed']] },
      { ...place, id: 'placed', type: anomaly, place: 'box', wires: [['given']] },
      keeper('test', 'given'),
    ]);
    const example = new Running(nodeRed!, []);
    await expect.poll(() => example.heard('given'), PATIENCE).not.toEqual([]);
    await nodeRed!.inject('ask');
    const executor = async () => (await example.heard('given answers')).at(-1)?.spikewire.executor;
    await expect.poll(executor, PATIENCE).toMatch(/^reference/);
  });
});
