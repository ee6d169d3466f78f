import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anomalyModel, classifierModel, type Model, RandomGenerator, writeModel } from '@spikewire/models';
import type { UpdateStatus } from 'spikewire/agent';
import { Recording } from 'spikewire/recorded';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { type FlowMessage, TestFlow } from './node-red-helper.ts';

/* A net in Node-RED whose model comes from a signed repository, and a flow that decides about it by messages. */
const LABELS = ['idle', 'load', 'worn'];
const CHANNELS = ['vibration', 'current', 'temperature'].map((name) => ({ name, unit: '' }));
const MEANS = [
  [-1, 0, 0.5],
  [1, 0, 0],
  [0, 1.5, -0.5],
];
const INFER = { id: 'infer', type: 'spikewire-infer', net: 'net', teach: 'label', teachType: 'msg' };

let folder: string;
let flow: TestFlow;
let random: RandomGenerator;
let time: number;
beforeEach(async () => {
  [random, time] = [new RandomGenerator(1, 'machine'), Date.UTC(2026, 10, 30)];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-node-red-updates-'));
  await fleet('init', 'site', '--keys', 'keys');
});
afterEach(async () => {
  await flow.stop();
  await rm(folder, { recursive: true });
});

async function fleet(...words: string[]): Promise<void> {
  const { code, stderr } = await runCommand(['fleet', ...words], folder);
  expect([code, stderr]).toEqual([0, '']);
}

async function publish(seed: number): Promise<void> {
  const standardise = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  await publishModel(
    classifierModel({ channels: CHANNELS, labels: LABELS, standardise, running: false, neurons: 24, seed }),
    `v${seed}`,
  );
}

async function publishModel(model: Model, version: string): Promise<void> {
  await mkdir(join(folder, version));
  await writeFile(join(folder, version, 'pump.spike'), writeModel(model));
  await fleet('publish', `${version}/pump.spike`, '--to', 'site', '--keys', 'keys');
}

/** A node looks at the repository when it is told to. */
const REPOSITORY = { worker: false, repository: 'site', root: 'site/metadata/1.root.json', lookEvery: '86400' };
const net = (more: object = {}) => ({
  ...{ id: 'net', type: 'spikewire-net', model: 'pump.spike', modelType: 'file' },
  ...{ ...REPOSITORY, ...more },
});
/** Nodes that make a first model by themselves. */
const OWN = { id: 'infer', ...REPOSITORY, published: 'pump' };
const CLASSIFY = {
  ...{ ...OWN, type: 'spikewire-classify', model: '', modelType: 'classes', takes: 'features', training: 'device' },
  ...{ teach: 'label', teachType: 'msg', wires: [['results'], ['answers']] },
};
/** What it answers comes out where readings do. */
const ANOMALY = { ...OWN, type: 'spikewire-anomaly', warmUp: '60', wires: [['results'], ['unusual'], ['normal']] };

/** Sends readings, each with its label unless none is to be had, and gives how many answers were right. */
async function live(readings: number, isLabelled = true): Promise<number> {
  let right = 0;
  for (let k = 0; k < readings; k++) {
    const state = random.nextInteger(3);
    const values = valuesIn(state);
    time += 1000;
    flow.send({ payload: { t: time, values }, ...(isLabelled && { label: LABELS[state] }) });
    await expect.poll(() => flow.results.length, { interval: 1 }).toBe(1);
    if (flow.results.splice(0)[0]!.payload === LABELS[state]) right++;
  }
  return right;
}

function valuesIn(state: number): Readonly<Record<string, number>> {
  const means = MEANS[state]!.map((mean) => mean + 0.5 * random.nextNormal());
  return Object.fromEntries(means.map((value, k) => [CHANNELS[k]!.name, value]));
}

const statuses = () => flow.answers.filter(({ topic }) => topic === 'update');
const summary = () => statuses().at(-1)?.payload;
const order = (payload: string, more = {}) => flow.send({ topic: 'update', payload, ...more });
const saidOf = (message: FlowMessage | undefined) => message?.spikewire as UpdateStatus | undefined;

/** Waits for what a message brings. */
async function nextAnswer(): Promise<void> {
  const { length } = flow.answers;
  await expect.poll(() => flow.answers.length, { interval: 1 }).toBeGreaterThan(length);
}

it('waits for its first model, asks about a newer one, and installs it when a person says so', async () => {
  flow = await TestFlow.start(folder, [net(), INFER]);
  await expect.poll(() => flow.states.at(-1)).toBe('status.noModelYet');
  flow.send({ payload: [0, 0, 0] });
  await expect.poll(() => flow.problems.at(-1)).toContain('is not downloaded yet');
  await publish(1);
  order('look');
  await expect.poll(summary).toBe('stable/pump.spike runs');
  await live(60);
  const before = await live(30);

  await publish(2);
  order('look');
  await expect.poll(summary).toMatch(/is on trial and needs/);
  await live(60);
  await expect.poll(() => flow.states.at(-1)).toMatch(/^status\.needs(Labels?|Approval)$/);

  // Both models differ in some answers: a person is asked about these, and the label is counted.
  await live(60, false);
  const asked = () => flow.answers.find((message) => 'question' in message);
  await expect.poll(asked).toBeDefined();
  const { t, payload, question } = asked()! as FlowMessage & { question: UpdateStatus['questions'][0] };
  const { answering, watched } = question;
  expect(payload).toBe(`${new Date(t as number).toISOString()}: ${answering}, or ${watched}?`);
  const labelled = async () => {
    order('status');
    await nextAnswer();
    return Math.max(...saidOf(statuses().at(-1))!.trial.map((way) => way.labelled));
  };
  const count = await labelled();
  flow.send({ label: { label: answering, t } });
  await expect.poll(labelled).toBeGreaterThan(count);

  order('explode');
  await expect.poll(() => flow.problems.at(-1)).toMatch(/update action: is unknown; expected look, approve, rollback/);
  flow.send({ model: Buffer.from('x') });
  await expect.poll(() => flow.problems.at(-1)).toMatch(/comes from a repository; expected msg\.topic "update"/);

  order('approve');
  await expect.poll(summary).toMatch(/^stable\/pump\.spike runs on probation/);
  const { digest } = saidOf(statuses().at(-1))!.current!;
  expect(await live(30)).toBeGreaterThan(before - 6); // it knows what was taught before
  await expect.poll(() => flow.states.at(-1)).toBe('status.probation');

  // After a restart the new model answers, and the way back is there.
  await flow.redeploy([net(), INFER]);
  await live(1);
  flow.answers.length = 0;
  order('status');
  await expect.poll(() => saidOf(statuses().at(-1))?.current?.digest).toBe(digest);
  order('rollback');
  await expect.poll(() => saidOf(statuses().at(-1))?.refused.length).toBe(1);
  expect(saidOf(statuses().at(-1))!.current!.digest).not.toBe(digest);
  expect(await live(30)).toBeGreaterThan(before - 6);
});

it('updates the net that a classifier has made, which keeps what it was taught, and teaches the new one', async () => {
  flow = await TestFlow.start(folder, [CLASSIFY]);
  order('look');
  await expect.poll(() => flow.problems.at(-1)).toBe('update: is not ready; expected a first reading in msg.payload');
  flow.send({ payload: { t: time, values: valuesIn(0) }, label: LABELS[0] });
  flow.send({ payload: { t: time, values: valuesIn(1) }, label: LABELS[1] });
  await expect.poll(() => flow.results.splice(0).length).toBe(1); // the first one completes no sample
  await live(90);
  const before = await live(30);

  await publishModel(classifierModel({ channels: CHANNELS, seed: 2 }), 'v2');
  order('look');
  await expect.poll(summary).toMatch(/is on trial and needs/);
  await live(60);
  await expect.poll(() => flow.states.at(-1)).toMatch(/^status\.needs(Labels?|Approval)$/);
  order('approve');
  await expect.poll(summary).toMatch(/^stable\/pump\.spike runs on probation/);
  const { digest } = saidOf(statuses().at(-1))!.current!;
  expect(await live(30)).toBeGreaterThan(before - 6); // it knows what was taught before
  await expect.poll(() => flow.states.at(-1)).toBeOneOf(LABELS);

  // Recordings teach the model that runs.
  for (const [state, label] of LABELS.entries()) await record(state, label);
  flow.send({ command: 'train' });
  const figures = () => flow.answers.find((message) => message.command === 'train')?.spikewire;
  await expect.poll(() => figures() ?? flow.problems[1], { timeout: 20_000 }).toMatchObject({ by: 'device' });
  order('status');
  await expect.poll(() => saidOf(statuses().at(-1))?.current?.digest).toBe(digest);
  expect(await live(30)).toBeGreaterThan(before - 6);
  expect(flow.problems.slice(1)).toEqual([]);
});

async function record(state: number, label: string): Promise<void> {
  await mkdir(join(folder, 'recordings', label), { recursive: true });
  for (let k = 0; k < 4; k++) {
    const path = join(folder, 'recordings', label, `${k}.jsonl`);
    const recording = new Recording({ path, label, limit: 1e6, isNew: true });
    for (let n = 0; n < 30; n++) await recording.add(new TextEncoder().encode(JSON.stringify(valuesIn(state))));
    await recording.close();
  }
}

it('updates the net that an anomaly node has made, where a person says so', async () => {
  flow = await TestFlow.start(folder, [ANOMALY]);
  const level = (k: number) => 2 + Math.sin(k / 7) + ((k * 7919) % 97) / 1000;
  const feed = async (from: number, to: number) => {
    const seen = flow.results.length;
    for (let k = from; k < to; k++) flow.send({ payload: level(k), topic: 'tank' });
    await expect
      .poll(() => flow.results.length, { timeout: 20_000, interval: 1 })
      .toBeGreaterThanOrEqual(seen + to - from);
  };
  const told = () => flow.results.filter(({ topic }) => topic === 'update').at(-1);
  await feed(0, 200);
  await publishModel(anomalyModel({ channels: [{ name: 'value', unit: '' }], neurons: 60 }), 'v2');
  order('look');
  // Readings go on meanwhile: the next one, after which none comes for a while, must not hide the news.
  let sent = 200;
  while (!/is on trial and needs your approval/.test(String(told()?.payload))) await feed(sent, ++sent);
  await feed(sent, ++sent);
  await expect.poll(() => flow.states.at(-1)).toBe('status.needsApproval');
  await feed(sent, sent + 100);
  const approval = expect.stringMatching(/is on trial and needs your approval/);
  await expect.poll(() => [flow.states.at(-1), told()?.payload]).toEqual(['status.needsApproval', approval]);
  const alarms = flow.outputs.unusual.length;
  order('approve');
  await expect.poll(() => told()?.payload).toMatch(/^stable\/pump\.spike runs on probation/);
  await feed(sent + 100, sent + 300);
  expect(flow.outputs.unusual.length).toBe(alarms);
  await expect.poll(() => flow.states.at(-1)).toBe('status.probation');
  await flow.redeploy([ANOMALY]);
  await feed(sent + 300, sent + 310);
  order('status');
  await expect.poll(() => saidOf(told())?.current?.name).toBe('stable/pump.spike');
  expect(flow.problems).toEqual([]);
});

it.each([
  [{ model: 'level (m)', modelType: 'channels' }, /^published: is not set; expected/],
  [{ repository: 'ftp://site' }, /^ftp:\/\/site: is not an address of a repository; expected/],
  [{ root: 'none.json' }, /^root .*none\.json: cannot be read: .*; expected the file 1\.root\.json/],
])('says what is wrong with %j', async (settings, expected) => {
  flow = await TestFlow.start(folder, [net(settings), INFER]);
  await expect.poll(() => flow.errorsOf('net')).toContainEqual(expect.stringMatching(expected));
});
