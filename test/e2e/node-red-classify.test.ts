import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRecorded } from 'spikewire/recorded';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, startBrowser } from './browser.ts';
import { NodeRedProcess, OWN } from './node-red-process.ts';

const PLACE = { z: 'tab', x: 300, y: 100 };
const RECORD = {
  ...PLACE,
  id: 'record',
  type: 'spikewire-record',
  label: 'label',
  labelType: 'msg',
  wires: [['seen']],
};

/** Messages that are posted go to the node that they name; what comes out of nodes, and what they say, can be asked. */
const SURROUNDINGS = [
  { id: 'tab', type: 'tab', label: 'test' },
  { ...PLACE, id: 'in', type: 'http in', url: '/in/:node', method: 'post', wires: [['route']] },
  {
    ...PLACE,
    id: 'route',
    type: 'function',
    outputs: 3,
    func: `const order = ['record', 'classify'];
for (const message of msg.payload) node.send(order.map((id) => (id === msg.req.params.node ? message : null)));
return [null, null, { ...msg, payload: 'ok' }];`,
    wires: [['record'], ['classify'], ['response']],
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

let nodeRed: NodeRedProcess;
let browser: Browser | undefined;

beforeAll(async () => {
  nodeRed = await NodeRedProcess.start(OWN, [...SURROUNDINGS, RECORD]);
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

it('records by the button at its node, a folder for each label', async (context) => {
  browser = await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  await page.goto(nodeRed.url);
  const button = page.locator('#record .red-ui-flow-node-button-button');
  await button.click();
  await expect.poll(() => page.locator('#record').textContent()).toContain('recording');
  await send('record', ...[1, 2, 3].map((payload) => ({ payload, label: 'idle' })), { payload: 'x', label: 'idle' });
  await send('record', { payload: 4, label: 'busy' });
  await button.click();
  await expect.poll(() => page.locator('#record').textContent()).toContain('stopped, busy: 1');
  const recorded = (await out('seen')) as { payload: string; spikewire: { label: string } }[];
  expect(recorded.map(({ spikewire }) => spikewire.label)).toEqual(['idle', 'busy']);
  const { readings } = await readRecorded(recorded[0]!.payload);
  expect(readings.map(({ values }) => values)).toEqual([[1], [2], [3]]);
  expect(await readdir(join(nodeRed.userDir, 'recordings'))).toEqual(['busy', 'idle']);
  expect(await out('problem')).toEqual(['channel [0]: is "x"; expected a finite number']);
});
