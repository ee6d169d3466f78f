import { referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { afterEach, expect, it } from 'vitest';
import type { AccessRules, SwitchedCommand } from '../../desk/access.ts';
import { Desk } from '../../desk/desk.ts';
import type { UpdateOrder, UpdatesStatus } from '../../desk/updates.ts';
import { NetPool } from '../../session/pool/net-pool.ts';
import { DeskSource } from '../desk-source.ts';
import { type Dashboard, startDashboard } from './server.ts';

const [TOKEN, VIEWER] = ['a token for commands, long enough', 'a token for viewers, long enough'];
const model = writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 4 }));
const STATUS: UpdatesStatus = {
  ...{ state: 'idle', summary: 'a.spike\u001b[31m runs', candidate: null, trial: [], readings: 0, questions: [] },
  ...{ current: null, former: null, refused: [], pinned: false, problem: null },
};

let close: () => Promise<void> = async () => {};
afterEach(() => close());

/** A page whose process follows a repository, and what it was asked. */
async function open(rules: AccessRules = {}): Promise<{ dashboard: Dashboard; orders: UpdateOrder[] }> {
  const orders: UpdateOrder[] = [];
  const updates = {
    status: () => STATUS,
    carryOut: async (order: UpdateOrder) => {
      orders.push(order);
    },
  };
  const pool = new NetPool(model, inProcess(referenceEngine));
  const desk = new Desk(pool, { ...rules, updates });
  const source = new DeskSource(desk, { title: 'test' });
  const dashboard = await startDashboard(source, { token: TOKEN, viewerToken: VIEWER });
  close = async () => {
    await dashboard.close();
    desk.close();
    await pool.close();
  };
  return { dashboard, orders };
}

function post({ url }: Dashboard, token: string | undefined, body: object, origin = new URL(url).origin) {
  return fetch(new URL('/command', url), {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', origin },
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
}

const order = (update: object) => ({ net: '', command: 'update', update });

it('carries out what a person asks about updates, before there is any net', async () => {
  const { dashboard, orders } = await open();
  const look = await post(dashboard, TOKEN, order({ action: 'look' }));
  expect([look.status, await look.json()]).toEqual([200, { message: 'checks for a newer model now' }]);
  await post(dashboard, TOKEN, order({ action: 'approve', carrying: 'rebase' }));
  await post(dashboard, TOKEN, order({ action: 'retry', model: '3fa9' }));
  const approve = { action: 'approve', carrying: 'rebase' };
  expect(orders).toEqual([{ action: 'look' }, approve, { action: 'retry', model: '3fa9' }]);
});

it('refuses who may only look, who shows no token, another site, and what is switched off', async () => {
  const { dashboard, orders } = await open();
  const answers = [
    await post(dashboard, VIEWER, order({ action: 'approve' })),
    await post(dashboard, undefined, order({ action: 'approve' })),
    await post(dashboard, TOKEN, order({ action: 'approve' }), 'http://elsewhere.example'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 401, 403]);
  expect(await answers[0]!.json()).toEqual({ error: 'update: needs the role "command"; refused' });
  await close();
  const restricted = await open({ commands: new Set<SwitchedCommand>(['save']) });
  const off = await post(restricted.dashboard, TOKEN, order({ action: 'look' }));
  expect([off.status, await off.json()]).toEqual([403, { error: 'command: "update" is switched off; refused' }]);
  expect([...orders, ...restricted.orders]).toEqual([]);
});

it.each([
  ...[{}, { action: 'status' }, { action: 'look', carrying: 'carry' }, { action: 'approve', carrying: 'all' }],
  ...[
    { action: 'approve', model: 'a' },
    { action: 'retry', model: 3 },
    { action: 'retry', model: '' },
  ],
])('refuses %j, which is no order', async (update) => {
  const { dashboard, orders } = await open();
  const answer = await post(dashboard, TOKEN, order(update));
  expect([answer.status, orders]).toEqual([400, []]);
});

it('shows viewers where updates stand, fit to be seen, and not that they may decide', async () => {
  const { dashboard } = await open();
  const controller = new AbortController();
  const { body } = await fetch(new URL('/events', dashboard.url), {
    headers: { authorization: `Bearer ${VIEWER}` },
    signal: controller.signal,
  });
  let text = '';
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes('event: updates')) break;
  }
  controller.abort();
  const { summary } = JSON.parse(/event: updates\ndata: (.*)/.exec(text)![1]!) as UpdatesStatus;
  expect(summary).toMatch(/^a\.spike.* runs$/);
  expect(summary).not.toContain('\u001b');
  expect(JSON.parse(/event: describe\ndata: (.*)/.exec(text)![1]!).allowed).toEqual([]);
});
