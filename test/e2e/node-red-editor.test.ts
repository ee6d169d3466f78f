import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, startBrowser } from './browser.ts';
import { installation, NodeRedProcess } from './node-red-process.ts';

const FLOW = [
  { id: 'tab', type: 'tab', label: 'plant' },
  { id: 'net', type: 'spikewire-net', name: 'tank', model: 'level (m)', modelType: 'channels', per: 'topic' },
  {
    id: 'level',
    type: 'inject',
    z: 'tab',
    x: 100,
    y: 120,
    props: [number('payload', '2'), text('topic', 'a')],
    wires: [['infer']],
  },
  {
    id: 'infer',
    type: 'spikewire-infer',
    z: 'tab',
    x: 300,
    y: 120,
    net: 'net',
    teach: 'label',
    teachType: 'msg',
    wires: [[], []],
  },
  { id: 'learn', type: 'spikewire-learn', z: 'tab', x: 300, y: 220, net: 'net', gives: 'label', wires: [[]] },
];

function number(p: string, v: string) {
  return { p, v, vt: 'num' };
}

function text(p: string, v: string) {
  return { p, v, vt: 'str' };
}

/** Which fields of a form are to be seen. */
async function shown(page: Page, fields: Readonly<Record<string, boolean>>, form = 'node-config'): Promise<void> {
  for (const [name, isShown] of Object.entries(fields))
    expect(await page.locator(`#${form}-input-${name}`).isVisible(), name).toBe(isShown);
}

let nodeRed: NodeRedProcess | undefined;
let browser: Browser | undefined;
afterEach(async () => {
  await browser?.close();
  await nodeRed?.close();
});

it('the editor offers the node, and opens its form and that of its net', async (context) => {
  const chromium = needs(context, 'chromium');
  nodeRed = await NodeRedProcess.start(await installation(context, 'Node-RED 4.1'), FLOW);
  browser = await startBrowser(chromium);
  const page = await browser.context.newPage();
  const failures: string[] = [];
  page.on('pageerror', ({ message }) => failures.push(message));
  await page.goto(nodeRed.url);
  await page.locator('[data-palette-type="spikewire-infer"]').waitFor({ state: 'attached' });
  expect(await page.locator('[data-palette-type="spikewire-infer"]').textContent()).toContain('infer');

  await nodeRed.inject('level');
  await expect.poll(() => page.locator('#infer').textContent()).toContain('warm-up 0 %');

  // What a lesson counts is asked for where it has a size.
  await page.locator('#learn').dblclick();
  await page.locator('#node-input-gives').waitFor();
  await shown(page, { times: false }, 'node');
  for (const [gives, times] of Object.entries({ reward: true, target: false, error: true })) {
    await page.locator('#node-input-gives').selectOption(gives);
    await shown(page, { times }, 'node');
  }
  await page.locator('#node-dialog-cancel').click();
  await page.locator('#node-input-gives').waitFor({ state: 'detached' });

  await page.locator('#infer').dblclick();
  const form = page.locator('.red-ui-tray').last();
  await expect.poll(() => form.textContent()).toContain('Taught by');
  expect(await page.locator('#node-input-teach').inputValue()).toBe('label');
  expect(await form.textContent()).toContain('Commands in msg.command');
  expect(await page.locator('#node-input-net').textContent()).toContain('tank');

  await page.locator('#node-input-lookup-net, #node-input-btn-net-edit').first().click();
  await page.locator('#node-config-input-model').waitFor({ state: 'attached' });
  const net = page.locator('.red-ui-tray').last();
  await expect.poll(() => net.textContent()).toContain('Runs. Channels: level (m).');
  for (const text of ['Warm-up', 'At most', 'Limit', 'compute in a separate thread'])
    expect(await net.textContent()).toContain(text);
  // Of all that the flow does not say, what the net does.
  for (const flag of ['learning', 'worker'])
    expect(await page.locator(`#node-config-input-${flag}`).isChecked()).toBe(true);
  for (const [name, value] of [
    ['saveEvery', '60'],
    ['storeBudget', '512'],
    ['onNewModel', 'keep'],
  ])
    expect(await page.locator(`#node-config-input-${name}`).inputValue(), name).toBe(value);
  await shown(page, { warmUp: true, capacity: true });
  await page.locator('#node-config-input-per').selectOption('flow');
  await shown(page, { warmUp: true, capacity: false });
  expect(await net.textContent()).not.toMatch(/__|field\.|hint\./);

  const uploaded = async (text: string) => {
    const buffer = Buffer.from(text);
    await page.locator('#node-config-input-upload').setInputFiles({ name: 'own.json', mimeType: 'text/plain', buffer });
    return expect.poll(() => page.locator('#node-config-input-uploaded').textContent());
  };
  await (await uploaded('hello')).toContain('expected a file in one of');
  expect(await page.locator('#node-config-input-model').inputValue()).toBe('level (m)');

  // Where it runs, in a form behind that one.
  await net.locator('.spikewire-more summary').click();
  await page.locator('#node-config-input-lookup-place, #node-config-input-btn-place-add').first().click();
  await page.locator('#node-config-input-test').click();
  const answer = () => page.locator('#node-config-input-answer').textContent();
  await expect.poll(answer, { timeout: 10_000 }).toContain('clocked (worker) answers');
  await page.locator('#node-config-dialog-cancel').click();
  await page.locator('#node-config-input-model-row').waitFor();

  // What a form showed is what it stores, also of settings that the flow did not state.
  const trays = page.locator('.red-ui-tray');
  await page.locator('#node-config-dialog-ok').click();
  await expect.poll(() => trays.count()).toBe(1);
  await page.locator('#node-dialog-ok').click();
  await expect.poll(() => trays.count()).toBe(0);
  await page.locator('#red-ui-header-button-deploy').click();
  await page.getByText('Confirm deploy').click(); // the inject node above says less than an editor would
  const stored = async () =>
    JSON.parse((await nodeRed!.get('/flows')).text).find(({ id }: { id: string }) => id === 'net');
  await expect.poll(stored).toMatchObject({ per: 'flow', learning: true, worker: true, onNewModel: 'keep', place: '' });
  expect(failures).toEqual([]);
});
