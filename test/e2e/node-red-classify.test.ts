import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import type { Page } from 'playwright-core';
import { readRecorded } from 'spikewire/recorded';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, startBrowser } from './browser.ts';
import { NEWEST, NodeRedProcess } from './node-red-process.ts';

const PLACE = { z: 'tab', x: 300, y: 100 };
const RECORD = {
  ...PLACE,
  id: 'record',
  type: 'spikewire-record',
  perSecond: '100000',
  label: 'label',
  labelType: 'msg',
  wires: [['seen']],
};
const CLASSIFY = {
  ...PLACE,
  y: 200,
  id: 'classify',
  type: 'spikewire-classify',
  name: 'mill',
  model: 'idle, running',
  modelType: 'classes',
  teach: 'label',
  teachType: 'msg',
  worker: true,
  wires: [['seen'], ['seen']],
};

/** Messages that are posted go to the node that they name; what comes out of nodes, and what they say, can be asked. */
const SURROUNDINGS = [
  { id: 'tab', type: 'tab', label: 'test' },
  { ...PLACE, id: 'in', type: 'http in', url: '/in/:node', method: 'post', wires: [['route']] },
  {
    ...PLACE,
    id: 'route',
    type: 'function',
    outputs: 4,
    func: `const order = ['record', 'classify', 'device'];
for (const message of msg.payload) node.send(order.map((id) => (id === msg.req.params.node ? message : null)));
return [null, null, null, { ...msg, payload: 'ok' }];`,
    wires: [['record'], ['classify'], ['device'], ['response']],
  },
  { ...PLACE, id: 'catch', type: 'catch', scope: null, wires: [['problem']] },
  { ...PLACE, id: 'problem', type: 'function', func: collect('problem', 'msg.error.message'), wires: [] },
  { ...PLACE, id: 'status', type: 'status', scope: null, wires: [['state']] },
  {
    ...PLACE,
    id: 'state',
    type: 'function',
    func: collect('state', '[msg.status.source.id, msg.status.text]'),
    wires: [],
  },
  {
    ...PLACE,
    id: 'seen',
    type: 'function',
    func: collect('seen', '({ payload: msg.payload, spikewire: msg.spikewire })'),
    wires: [],
  },
  { ...PLACE, id: 'out', type: 'http in', url: '/out/:what', method: 'get', wires: [['answer']] },
  {
    ...PLACE,
    id: 'answer',
    type: 'function',
    func: `msg.payload = flow.get(msg.req.params.what) || []; flow.set(msg.req.params.what, []); return msg;`,
    wires: [['response']],
  },
  { ...PLACE, id: 'response', type: 'http response', wires: [] },
];

function collect(what: string, value: string): string {
  return `flow.set('${what}', [...(flow.get('${what}') || []), ${value}]);`;
}

/** Learns on the device what the other is trained for. */
const DEVICE = { ...CLASSIFY, id: 'device', name: 'device', y: 300, training: 'device' };
const FLOW = [...SURROUNDINGS, RECORD, CLASSIFY];
const STATES = ['idle', 'running', 'worn'];

let nodeRed: NodeRedProcess;
let browser: Browser | undefined;
/** The page of the editor, until a test closes it. */
let editor: Page | undefined;

beforeAll(async () => {
  nodeRed = await NodeRedProcess.start(NEWEST, FLOW);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await nodeRed.close();
});

async function send(node: string, ...messages: object[]): Promise<void> {
  await nodeRed.post(`/in/${node}`, messages);
}

async function out(what: 'seen' | 'problem' | 'state') {
  return JSON.parse((await nodeRed.get(`/out/${what}`)).text);
}

/** Nodes start some time after they were deployed. */
async function deploy(flow: readonly object[]): Promise<void> {
  await nodeRed.deploy(flow);
  await expect.poll(async () => (await nodeRed.get('/out/seen')).status, { timeout: 10_000 }).toBe(200);
}

async function open(context: TestContext): Promise<Page> {
  if (editor?.isClosed() === false) return editor;
  browser ??= await startBrowser(needs(context, 'chromium'));
  editor = await browser.context.newPage();
  await editor.goto(nodeRed.url);
  return editor;
}

/** Two accelerations of a machine: still, turning, or turning with a worn bearing. */
function readings(state: string, count: number): object[] {
  return Array.from({ length: count }, () => {
    const noise = () => random.nextNormal();
    phase += 0.6;
    if (state === 'idle') return { payload: { x: 0.1 * noise(), y: 1 + 0.1 * noise() } };
    const shake = state === 'worn' ? 0.8 : 0.15;
    return { payload: { x: Math.sin(phase) + shake * noise(), y: 1 + Math.cos(phase) + shake * noise() } };
  });
}

const random = new RandomGenerator(1, 'mill');
let phase = 0;

/** What is answered to a stretch of a state, once it has nothing of the one before in it. */
async function answersTo(state: string, count = 20): Promise<unknown[]> {
  const answers = await answersOf(readings(state, 16 + 8 * count));
  return answers.slice(2).map(({ payload }) => payload);
}

interface Answer {
  readonly payload: unknown;
  readonly spikewire: { readonly likeliest?: string };
}

/** The answers to messages, one for every so many, whatever was still being answered before. */
async function answersOf(messages: readonly object[], { node = 'classify', every = 8 } = {}): Promise<Answer[]> {
  await out('problem');
  await send(node, ...messages, { payload: 'x' });
  await expect.poll(() => out('problem'), { timeout: 10_000 }).toEqual([expect.stringContaining('is "x"')]);
  return ((await out('seen')) as Answer[]).slice(-messages.length / every);
}

async function accuracy(): Promise<number> {
  let right = 0;
  for (const state of STATES) right += (await answersTo(state)).filter((answer) => answer === state).length;
  return right / (STATES.length * 20);
}

it('records by the button at its node, a folder for each label', async (context) => {
  const page = await open(context);
  const button = page.locator('#record .red-ui-flow-node-button-button');
  await button.click();
  await expect.poll(() => page.locator('#record').textContent()).toContain('recording');
  await send('record', ...[1, 2, 3].map((payload) => ({ payload, label: 'idle' })), { payload: 'x', label: 'idle' });
  await send('record', { payload: 4, label: 'busy' });
  await button.click();
  await expect.poll(() => page.locator('#record').textContent()).toContain('stopped busy: 1');
  const recorded = (await out('seen')) as { payload: string; spikewire: { label: string } }[];
  expect(recorded.map(({ spikewire }) => spikewire.label)).toEqual(['idle', 'busy']);
  const { readings } = await readRecorded(recorded[0]!.payload);
  expect(readings.map(({ values }) => values)).toEqual([[1], [2], [3]]);
  expect(await readdir(join(nodeRed.userDir, 'recordings'))).toEqual(['busy', 'idle']);
  expect(await out('problem')).toEqual(['channel [0]: is "x"; expected a finite number']);
});

it('is taught three states by clicks, and recognises them; undo, a new class, and a restart keep their word', async (context) => {
  const page = await open(context);
  for (let k = 0; k < 9; k++) await send('classify', ...readings(STATES[k % 3]!, 32));
  // 288 readings, of which the first 31 windows say what is usual.
  await expect
    .poll(async () => (await out('seen')).map(({ payload }: { payload: unknown }) => payload))
    .toContain(null);
  expect(await accuracy()).toBe(0);

  await page.locator('#classify').dblclick();
  const panel = page.locator('.spikewire-panel');
  await panel.getByRole('button', { name: 'idle' }).waitFor();
  const press = async (state: string) => {
    await send('classify', ...readings(state, 24));
    const known = panel.locator(`button[data-label="${state}"]`);
    if ((await known.count()) > 0) await known.click();
    else {
      await panel.locator('.spikewire-name').fill(state);
      await panel.locator('.spikewire-add').click();
    }
    await panel.locator('.spikewire-said', { hasText: 'Learned' }).waitFor();
    await page.evaluate("document.querySelector('.spikewire-said').textContent = ''");
  };
  for (let k = 0; k < 15; k++) await press(STATES[k % 3]!);
  await expect.poll(() => panel.locator('.spikewire-count').allTextContents()).toEqual(['5', '5', '5']);
  const taught = await accuracy();
  console.info(
    `three states after 5 clicks each: ${taught} of 60 held-out answers right; the most frequent class 0.333`,
  );
  expect(taught).toBeGreaterThan(0.8);
  await expect.poll(() => panel.locator('.spikewire-confusion').textContent()).toContain('of 14 answers were right');

  await panel.getByRole('button', { name: 'Undo last lesson' }).click();
  await panel.getByText('Took the last lesson back').waitFor();
  await expect.poll(() => panel.locator('.spikewire-count').allTextContents()).toEqual(['5', '5', '4']);
  await panel.getByRole('button', { name: 'Undo last lesson' }).click();
  await panel.getByText('There is no lesson to take back').waitFor();
  await press('worn');

  await page.close();

  const before = await accuracy();
  await nodeRed.end('SIGTERM');
  await nodeRed.start();
  const after = await accuracy();
  console.info(`after a restart: ${after} (before: ${before})`);
  expect(after).toBeGreaterThan(0.8);
  expect(JSON.parse((await nodeRed.get('/spikewire/classify/classify')).text)).toMatchObject({
    classes: STATES,
    labels: 15,
  });
});

it('holds a label for some seconds, over what comes meanwhile', async () => {
  const ask = (asked: object) => nodeRed.post('/spikewire/classify/classify', asked);
  expect(await ask({ do: 'teach', label: 'idle', seconds: 600 })).toMatchObject({ status: 200 });
  await answersTo('idle', 10);
  const state = async () => JSON.parse((await nodeRed.get('/spikewire/classify/classify')).text);
  const { held, labels } = await state();
  expect({ label: held.label, labels }).toEqual({ label: 'idle', labels: 15 + 1 + 12 });
  // Whole seconds, of which some have passed.
  expect(held.secondsLeft).toBeLessThanOrEqual(600);
  expect(held.secondsLeft).toBeGreaterThan(500);
  await ask({ do: 'let-go' });
  await answersTo('running', 2);
  expect(await state()).toMatchObject({ held: null, labels: 15 + 1 + 12 });
});

it('is taught by messages, and says what it does not know', async () => {
  for (let k = 0; k < 9; k++) {
    const label = STATES[k % 3]!;
    await answersOf(readings(label, 80).map((message) => ({ ...message, label })));
  }
  // It lies on its side, which no lesson was about.
  const strange = Array.from({ length: 96 }, () => ({ payload: { x: 3 + 0.02 * random.nextNormal(), y: -2 } }));
  const answers = (await answersOf(strange)).slice(2);
  const unknown = answers.filter(({ payload }) => payload === 'unknown');
  console.info(
    `of 10 answers to a state that was not taught, unknown: ${unknown.length}`,
    answers.map(({ payload }) => payload).join(),
  );
  expect(unknown.length).toBeGreaterThan(7);
  expect(STATES).toContain(unknown[0]!.spikewire.likeliest);
  console.info(`accuracy on what was taught: ${await accuracy()}`);
});

it('goes on with the next, whatever it is sent and asked', async () => {
  await out('problem');
  const bad: object[] = [
    {},
    ...[null, 'x', '', {}, [], [1], [1, 2, 3], { x: 1 }, { x: 'a', y: 1 }, { x: 1e300, y: 1 }].map((payload) => ({
      payload,
    })),
    ...['nothing', '__proto__', 7].map((command) => ({ command })),
    ...['unknown', { label: 1, target: 2 }, ['a'], 'ä'.repeat(99)].map((label) => ({ label })),
  ];
  await send('classify', ...bad);
  const problems: string[] = [];
  await expect.poll(async () => problems.push(...(await out('problem')))).toBe(bad.length);
  expect(problems.filter((line) => /Error:|\n|undefined \(reading/.test(line))).toEqual([]);
  for (const asked of [
    {},
    [],
    { do: 'teach' },
    { do: 'teach', label: {} },
    { do: 'teach', label: 'a', seconds: -1 },
    { do: 'x' },
  ])
    expect((await nodeRed.post('/spikewire/classify/classify', asked)).status, JSON.stringify(asked)).toBe(409);
  expect((await nodeRed.post('/spikewire/classify/nobody', {})).status).toBe(404);
  expect(await accuracy()).toBeGreaterThan(0.8);
});

it('has an example that is taught as it is imported', async () => {
  const flow = JSON.parse(
    await readFile(new URL('../../nodes/examples/teach-by-button.json', import.meta.url), 'utf8'),
  );
  const fast = flow.map((node: { repeat?: string }) => (node.repeat === '0.1' ? { ...node, repeat: '0.005' } : node));
  await deploy([...SURROUNDINGS, ...fast]);
  const states = ['11', '12', '10'].map((id) => `5b1c0e7b100000${id}`);
  const ask = async (asked?: object) => {
    const path = '/spikewire/classify/5b1c0e7b10000003';
    return JSON.parse((asked === undefined ? await nodeRed.get(path) : await nodeRed.post(path, asked)).text);
  };
  for (const id of states) {
    await nodeRed.inject(id);
    await delay(500);
  }
  await expect.poll(async () => (await ask()).last?.answer, { timeout: 10_000 }).toBe(null);
  for (let k = 0; k < 10; k++) {
    await expect.poll(async () => (await ask({ do: 'teach', label: 'idle' })).answer).toBe('applied');
  }
  await expect.poll(async () => (await ask()).last.answer).toBe('idle');
});

describe('learning from recordings', () => {
  const FOLDER = 'machine';
  const settings = { recordings: FOLDER, folder: FOLDER };
  const flow = [...SURROUNDINGS, ...[RECORD, CLASSIFY, DEVICE].map((node) => ({ ...node, ...settings }))];

  /** Trains a node by message, and gives what it answers. */
  async function train(node: string): Promise<{ readonly payload: string; readonly spikewire: { accuracy: number } }> {
    await out('seen');
    const answers: { payload: string; spikewire: { accuracy: number } }[] = [];
    await send(node, { command: 'train' });
    await expect.poll(async () => answers.push(...(await out('seen'))), { timeout: 60_000 }).toBe(1);
    return answers[0]!;
  }

  it('begins with recordings by message, and says where there are none', async () => {
    await deploy(flow);
    await out('problem');
    await send('device', { command: 'train' });
    const problem = expect.stringMatching(/^recordings in .* are of nothing; expected two classes or more, two/);
    await expect.poll(() => out('problem')).toEqual([problem]);
    let t = 0;
    for (let k = 0; k < 15; k++) {
      const timed = readings(STATES[k % 3]!, 192).map((message) => {
        t += 100;
        return { payload: { t, values: (message as { payload: object }).payload } };
      });
      await send('record', { command: 'start', label: STATES[k % 3] }, ...timed, { command: 'stop' });
    }
    // A message of each that is over.
    const over: unknown[] = [];
    await expect.poll(async () => over.push(...(await out('seen')))).toBe(15);
    expect(await readdir(join(nodeRed.userDir, FOLDER))).toEqual(STATES);
  });

  it.each([
    ['device', 'device', 8],
    ['classify', 'trainer', 32],
  ])(
    '%s: on recordings that it has not learned it says how good it is, and goes on with what it learned',
    async (node, by, hop) => {
      const { payload, spikewire } = await train(node);
      console.info(`${node}: ${payload}`);
      expect(spikewire).toMatchObject({ by, classes: STATES, recordings: 3, majority: 1 / 3 });
      expect(spikewire.accuracy).toBeGreaterThan(0.8);
      let right = 0;
      const count = 320 / hop;
      for (const state of STATES) {
        const answers = await answersOf(readings(state, 64 + 320), { node, every: hop });
        right += answers.slice(-count).filter(({ payload }) => payload === state).length / count;
      }
      console.info(`${node}: ${((100 * right) / 3).toFixed(1)} % of ${3 * count} answers to new readings right`);
      expect(right / 3).toBeGreaterThan(0.8);
      expect(await readdir(join(nodeRed.userDir, 'spikewire', node))).not.toContain('training');
      expect(await out('problem')).toEqual([]);
    },
  );

  it('is a button in the form, with a table of what was taken for what', async (context) => {
    const page = await open(context);
    await page.locator('#classify').dblclick();
    const panel = page.locator('.spikewire-panel');
    await panel.getByRole('button', { name: 'Learn from recordings' }).click();
    await panel.getByText('Training begins').waitFor();
    // In the place of the figures of the training before.
    await panel.getByText(/^Training: \d+ %/).waitFor();
    await panel.getByText(/\d+ % of \d+ answers right, to 3 recordings/).waitFor();
    expect(await panel.locator('.spikewire-trained tr').count()).toBe(4);
    await page.close();
  });

  it('can be cancelled, and then leaves the net and the disk as they were', async () => {
    const own = join(nodeRed.userDir, 'spikewire', 'classify');
    const before = await readFile(join(own, 'trained.spike'));
    await send('classify', { command: 'train' });
    await expect.poll(() => readdir(own)).toContain('training');
    await send('device', { command: 'train' });
    await expect
      .poll(() => out('problem'))
      .toEqual([expect.stringMatching(/is running already, here or in another node/)]);
    await send('classify', { command: 'cancel' });
    await expect.poll(async () => (await out('seen')).at(0)?.payload).toBe('The training was cancelled.');
    await expect.poll(() => out('problem')).toEqual(['training: was cancelled']);
    expect(await readdir(own)).not.toContain('training');
    expect(await readFile(join(own, 'trained.spike'))).toEqual(before);
  });

  it('is forgotten by a reset, and then another sensor may follow', async () => {
    await send('classify', { command: 'reset' });
    const own = join(nodeRed.userDir, 'spikewire', 'classify');
    await expect.poll(() => readdir(own)).not.toContain('trained.spike');
    await send('classify', ...Array.from({ length: 10 }, (_, k) => ({ payload: k })));
    await expect
      .poll(() => readFile(join(own, 'shape.json'), 'utf8').catch(() => ''))
      .toBe('{"channels":[],"numbers":1}');
    expect(await out('problem')).toEqual([]);
  });
});

it('has an example that records, learns and runs by its buttons', async () => {
  const flow = JSON.parse(
    await readFile(new URL('../../nodes/examples/record-train-run.json', import.meta.url), 'utf8'),
  );
  const quick = {
    spikewire: undefined,
    inject: { repeat: '0.005' },
    'spikewire-record': { seconds: '0.6', folder: 'quick' },
  };
  await deploy([
    ...SURROUNDINGS,
    ...flow.map((node: { type: keyof typeof quick; repeat?: string }) => ({
      ...node,
      ...(node.type !== 'inject' || node.repeat === '0.1' ? quick[node.type] : {}),
      ...(node.type === ('spikewire-classify' as string) ? { recordings: 'quick' } : {}),
    })),
  ]);
  const press = (id: string) => nodeRed.inject(`5b1c0e7c100000${id}`);
  const files = async (state: string) => (await readdir(join(nodeRed.userDir, 'quick', state)).catch(() => [])).length;
  const state = async () => JSON.parse((await nodeRed.get('/spikewire/classify/5b1c0e7c10000007')).text);
  // The machine begins half a second later.
  await expect.poll(async () => (await state()).classes, { timeout: 10_000 }).toBeDefined();
  for (const [k, button] of ['10', '11', '10', '11'].entries()) {
    await press(button);
    await press('05');
    await expect.poll(() => files(STATES[k % 2]!)).toBe(1 + (k >> 1));
    await delay(650);
  }
  await press('0a');
  await expect
    .poll(async () => (await state()).training.figures, { timeout: 60_000 })
    .toMatchObject({ classes: ['idle', 'running'] });
  await expect.poll(async () => (await state()).last?.answer, { timeout: 10_000 }).toBe('running');
});

it('leaves no thread, handle or file behind when it is deployed anew', async () => {
  const deployTimes = async (times: number) => {
    for (let k = 0; k < times; k++) {
      await deploy(FLOW.map((node) => ({ ...node, name: `${k}` })));
      await send('record', { command: 'start' }, { payload: 1, label: 'idle' });
      await send('classify', ...readings('idle', 1));
    }
    await deploy(SURROUNDINGS);
    return nodeRed.vitals();
  };
  const few = await deployTimes(2);
  const many = await deployTimes(50);
  // Measured: the same after two and after fifty more.
  expect(many.threads).toBeLessThanOrEqual(few.threads + 1);
  expect(many.files).toBeLessThanOrEqual(few.files + 3);
  expect(many.resources.Timeout ?? 0).toBeLessThanOrEqual((few.resources.Timeout ?? 0) + 2);
});
