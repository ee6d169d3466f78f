import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { startMosquitto } from './mosquitto.ts';
import { NEWEST, NodeRedProcess, type Vitals } from './node-red-process.ts';

let nodeRed: NodeRedProcess | undefined;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await nodeRed?.close();
  for (const close of closers.splice(0)) await close();
});

type Piece = Readonly<Record<string, unknown>>;

async function example(name: string, port = 1883): Promise<Piece[]> {
  const text = await readFile(new URL(`../../nodes/examples/${name}.json`, import.meta.url), 'utf8');
  const flow: Piece[] = JSON.parse(text);
  return flow.map((node) => (node.type === 'mqtt-broker' ? { ...node, port: String(port) } : node));
}

/** A client that keeps the last message of each topic. */
async function listener(url: string, topics: readonly string[]) {
  const heard = new Map<string, string>();
  const random = new RandomGenerator(1, 'listener');
  const link = await MqttLink.connect(url, {
    clientId: 'listener',
    random: () => random.nextUniform(),
    subscriptions: [],
  });
  closers.push(() => link.close());
  for (const topic of topics)
    await link.subscribe(topic, ({ topic: own, payload }) => void heard.set(own, Buffer.from(payload).toString()));
  const answer = (topic: string) => expect.poll(() => heard.get(topic), { timeout: 15_000 });
  return { heard, answer, say: (topic: string, payload: string) => link.publish(topic, payload) };
}

it('the examples run over MQTT; what was learned, and its channels, are there after Node-RED was killed', async (context) => {
  needs(context, 'mosquitto');
  const broker = (await startMosquitto())!;
  closers.push(() => broker.close());
  const flows = await Promise.all(
    ['alarms-over-mqtt', 'home-assistant', 'fifty-motors', 'one-sensor'].map((name) => example(name, broker.port)),
  );
  const { heard, answer, say } = await listener(broker.url, ['plant/#', 'homeassistant/#']);
  nodeRed = await NodeRedProcess.start(NEWEST, flows.flat());

  const config = 'homeassistant/device/spikewire_node_red_pump/config';
  await answer(config).toBeDefined();
  const keys = JSON.parse(await readFile(new URL('../data/home-assistant/discovery.json', import.meta.url), 'utf8'));
  const { components, ...root } = JSON.parse(heard.get(config)!);
  expect(Object.keys({ components, ...root })).toEqual(expect.arrayContaining(keys.root.required));
  for (const component of Object.values<object>(components))
    expect(Object.keys(component)).toEqual(expect.arrayContaining(keys.component.required));
  await answer('plant/pump/link').toBe('online');

  // The flow subscribes some time after it has connected.
  await expect
    .poll(
      () => say('plant/press/reading', '{"level": 2, "flow": 3}').then(() => heard.get('plant/press/reading/state')),
      {
        timeout: 15_000,
      },
    )
    .toBeDefined();
  await say('plant/pump/reading', '21.5');
  await answer('plant/pump/reading/state').toContain('"reading":21.5');
  await say('plant/press/reading', '{"level": "high"}');
  await answer('plant/press/reading/error').toMatch(/^channel level: is "high"; expected a finite number/);
  await say('plant/press/command', 'save');
  await answer('plant/press/reading/state').toMatch(/saved as sequence \d+ after \d+ readings/);
  const [, readings] = /after (\d+) readings/.exec(heard.get('plant/press/reading/state')!)!;

  await nodeRed.end('SIGKILL');
  heard.clear();
  await nodeRed.start();
  await expect
    .poll(() => say('plant/press/reading', '{"level": 2}').then(() => heard.get('plant/press/reading/error')), {
      timeout: 15_000,
    })
    .toMatch(/^channel flow: is missing/);
  await say('plant/press/reading', '{"level": 2, "flow": 3, "more": 4}');
  await answer('plant/press/reading/state').toContain(`"seq":${Number(readings) + 1}`);
  expect(nodeRed.output).not.toMatch(/\[error\]/);
});

/** `SPIKEWIRE_REDEPLOYS=1000` for a long look. */
const REDEPLOYS = Number(process.env.SPIKEWIRE_REDEPLOYS ?? 20);
const LOOKS = REDEPLOYS < 200 ? 5 : 20;

it(`${REDEPLOYS} redeploys leave no thread, handle, timer, listener or memory behind`, {
  timeout: 60_000 + REDEPLOYS * 5000,
}, async () => {
  const place = { z: 'tab', x: 0, y: 0 };
  const props = [{ p: 'payload', v: '2', vt: 'num' }];
  const flow = [
    { id: 'tab', type: 'tab' },
    { id: 'box', type: 'spikewire-device', address: 'clocked' },
    { ...place, id: 'tick', type: 'inject', props, wires: [['anomaly']] },
    { ...place, id: 'anomaly', type: 'spikewire-anomaly', place: 'box', wires: [[], [], []] },
  ];
  nodeRed = await NodeRedProcess.start(NEWEST, flow);
  const samples: Awaited<ReturnType<typeof look>>[] = [];
  for (let k = 0; k <= REDEPLOYS; k++) {
    await nodeRed.inject('tick');
    if (k % (REDEPLOYS / LOOKS) === 0) samples.push(await look(k));
    await nodeRed.deploy(flow);
  }
  const later = samples.slice(1 + LOOKS / 5);
  const [resident, held] = [slopeOf(later.map((s) => [s.k, s.megabytes])), slopeOf(later.map((s) => [s.k, s.held]))];
  const slopes = `resident ${resident}, in use ${held} MB a redeploy in the last ${later.length} looks`;
  console.log(`${REDEPLOYS} redeploys, looked at ${LOOKS} times: ${JSON.stringify(samples)}\n${slopes}`);
  const [first, last] = [samples[1]!, samples.at(-1)!];
  expect(last.threads).toBeLessThanOrEqual(first.threads + 1);
  expect(last.files).toBeLessThanOrEqual(first.files + 3);
  expect(last.timers).toBeLessThanOrEqual(first.timers + 2);
  expect(last.listeners).toBe(first.listeners);
  // Measured: 3.5 and 7 at most (nodes/RESULTS.md), most of it compiled code; a thread that stayed would have 10 each.
  expect(last.held - first.held).toBeLessThan(6);
  expect(last.megabytes - first.megabytes).toBeLessThan(30);
  await expect.poll(() => readdir(join(nodeRed!.userDir, 'spikewire', 'anomaly', 'flow'))).toContain('a.slot');
});

/** What Node-RED takes right after a collection of garbage; a save that is under way has files open for a moment. */
async function look(k: number) {
  const held = Math.round((await nodeRed!.heldBytes()) / 2 ** 10) / 2 ** 10;
  const looks: Vitals[] = [];
  for (let n = 0; n < 5; n++) looks.push(await nodeRed!.vitals());
  const least = (of: (vitals: Vitals) => number) => Math.min(...looks.map(of));
  return {
    k,
    threads: least(({ threads }) => threads),
    files: least(({ files }) => files),
    timers: least(({ resources }) => resources.Timeout ?? 0),
    listeners: least(({ listeners }) => listeners),
    megabytes: Math.round(least(({ residentBytes }) => residentBytes) / 2 ** 20),
    held,
  };
}

/** Of a straight line through the points, with its standard error. */
function slopeOf(points: readonly (readonly [number, number])[]): string {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = mean((p) => (p[0] - x) ** 2);
  const slope = mean((p) => (p[0] - x) * (p[1] - y)) / spread;
  const rest = mean((p) => (p[1] - y - slope * (p[0] - x)) ** 2);
  const error = Math.sqrt(rest / spread / Math.max(1, points.length - 2));
  return `${slope.toFixed(4)} ± ${error.toFixed(4)}`;
}
