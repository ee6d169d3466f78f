import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, startBrowser } from '../e2e/browser.ts';
import { NEWEST, NodeRedProcess } from '../e2e/node-red-process.ts';
import { needs } from '../services.ts';
import { installing, packed } from './packed.ts';

let work: string;
let nodeRed: NodeRedProcess;
let browser: Browser | undefined;
let page: Page;

/** Everything comes out of one file, into a Node-RED without a flow. */
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'spikewire-newcomer-'));
  const command = installing(packed('palette', work), work);
  const install = async (cwd: string) => void execFileSync('npm', command, { cwd, stdio: 'pipe' });
  nodeRed = await NodeRedProcess.start(NEWEST, [{ id: 'tab', type: 'tab', label: 'machine' }], install);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await nodeRed?.close();
  rmSync(work, { recursive: true, force: true });
});

/** `node scripts/pictures.mjs` names the folder of the pictures that the documents show. */
async function picture(name: string): Promise<void> {
  const folder = process.env.SPIKEWIRE_PICTURES;
  if (folder === undefined) return;
  await page.mouse.move(600, 700);
  await page.locator('.red-ui-popover').waitFor({ state: 'detached' });
  await page.screenshot({ path: join(folder, name) });
}

/** The middle of something on the page. */
async function middleOf(place: Locator): Promise<[number, number]> {
  await place.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await place.boundingBox())!;
  return [x + width / 2, y + height / 2];
}

async function dragTo([x, y]: [number, number], [toX, toY]: [number, number]): Promise<void> {
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move((x + toX) / 2, (y + toY) / 2, { steps: 4 });
  await page.mouse.move(toX, toY, { steps: 4 });
  await page.mouse.up();
}

/** Drags a node out of the palette; `x` and `y` from the corner of the workspace. Returns its id. */
async function place(type: string, x: number, y: number): Promise<string> {
  const known = await nodes().evaluateAll((all) => all.map(({ id }) => id));
  const corner = (await page.locator('#red-ui-workspace-chart').boundingBox())!;
  await dragTo(await middleOf(page.locator(`[data-palette-type="${type}"]`)), [corner.x + x, corner.y + y]);
  await expect.poll(() => nodes().count()).toBe(known.length + 1);
  return (await nodes().evaluateAll((all) => all.map(({ id }) => id))).find((id) => !known.includes(id))!;
}

function nodes(): Locator {
  return page.locator('g.red-ui-flow-node-group');
}

/** Wires an output of a node, counted from 0, to the input of another. */
async function wire(from: string, output: number, to: string): Promise<void> {
  const start = page.locator(`[id="${from}"] .red-ui-flow-port-output`).nth(output);
  await dragTo(await middleOf(start), await middleOf(page.locator(`[id="${to}"] .red-ui-flow-port-input`)));
}

/** Opens the form of a node, changes it, and closes it with Done. */
async function edit(id: string, change: () => Promise<void>): Promise<void> {
  await page.locator(`[id="${id}"] .red-ui-flow-node`).first().dblclick();
  await page.locator('#node-dialog-ok').waitFor();
  await change();
  await page.locator('#node-dialog-ok').click();
  await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
}

async function deploy(): Promise<void> {
  await page.locator('#red-ui-header-button-deploy:not(.disabled)').click();
  await page.locator('#red-ui-header-button-deploy.disabled').waitFor();
}

const statusOf = (id: string) => page.locator(`[id="${id}"] .red-ui-flow-node-status-label`).textContent();

/** What the status of a node has said since. */
async function statusesOf(id: string): Promise<() => Promise<string[]>> {
  await page.evaluate(`{
    const seen = (window.seen = []);
    const look = () => seen.push(document.querySelector('[id="${id}"] .red-ui-flow-node-status-label').textContent);
    const changes = { subtree: true, childList: true, characterData: true };
    new MutationObserver(look).observe(document.querySelector('#red-ui-workspace-chart'), changes);
  }`);
  return () => page.evaluate<string[]>('[...new Set(window.seen)]');
}

it('out of one file, a detector and a taught classifier, by mouse alone', { timeout: 120_000 }, async (context) => {
  browser = await startBrowser(needs(context, 'chromium'));
  page = await browser.context.newPage();
  const failures: string[] = [];
  page.on('pageerror', ({ message }) => failures.push(message));
  await page.goto(nodeRed.url);
  await page.locator('[data-palette-type="spikewire-anomaly"]').waitFor();

  const slow = await place('spikewire-source', 120, 80);
  const anomaly = await place('spikewire-anomaly', 330, 80);
  const debug = await place('debug', 540, 80);
  const shaft = await place('spikewire-source', 120, 240);
  const classify = await place('spikewire-classify', 330, 240);
  await wire(slow, 0, anomaly);
  // Its second output has what is unusual alone.
  await wire(anomaly, 1, debug);
  await wire(shaft, 0, classify);
  await edit(slow, async () => {
    await page.locator('#node-input-gives').selectOption('slow');
    await page.locator('#node-input-every').fill('0.01');
  });
  await edit(anomaly, async () => {
    await showMore();
    await page.locator('#node-input-warmUp').fill('100');
  });
  await edit(shaft, () => page.locator('#node-input-every').fill('0.1'));
  await deploy();

  await expect.poll(() => statusOf(anomaly)).toMatch(/warm-up/);
  await expect.poll(() => statusOf(anomaly)).toBe('normal');

  await teach(classify, 'healthy');
  const statuses = await statusesOf(anomaly);
  await edit(slow, async () => {
    await showMore();
    await page.locator('#node-input-load').fill('1');
  });
  await damage(shaft, 'inner');
  // The shortcut that shows the debug sidebar.
  await page.keyboard.press('Control+g');
  await page.keyboard.press('d');
  // Full load takes 8 A, the half of before 5 A.
  const unusual = page.locator('.red-ui-debug-msg');
  await expect.poll(() => unusual.allTextContents()).toContainEqual(expect.stringMatching(/current: (8|7\.9)/));
  expect(await page.locator('.red-ui-debug-msg-level-20').allTextContents()).toEqual([]);
  // For a while the status names a channel; a machine that was deployed anew is also colder.
  await expect.poll(statuses).toContainEqual(expect.stringMatching(/^[a-z ]+: (current|temperature)$/));
  await page.locator('.red-ui-notification').waitFor({ state: 'detached' });
  await picture('node-red-flow.png');
  await teach(classify, 'worn');
  await expect.poll(() => statusOf(classify)).toMatch(/worn/);
  // What it has been taught is still there after a deploy.
  await damage(shaft, 'none');
  await expect.poll(() => statusOf(classify)).toMatch(/healthy/);
  expect(failures).toEqual([]);
});

/** Unfolds the settings of the open form that few need. */
async function showMore(): Promise<void> {
  await page.locator('.spikewire-more summary').click();
}

/** Chooses another state of a simulated machine, and deploys. */
async function damage(source: string, fault: string): Promise<void> {
  await edit(source, async () => {
    await page.locator('#node-input-fault').selectOption(fault);
    await page.locator('#node-input-severity').fill('0.9');
  });
  await deploy();
}

/** Says in the form of a classifier, by a few clicks, what the readings are now. */
async function teach(classifier: string, label: string): Promise<void> {
  await edit(classifier, async () => {
    const button = page.locator(`.spikewire-classes button[data-label="${label}"]`);
    await page.locator('.spikewire-now', { hasText: /taught|Now/ }).waitFor();
    if ((await button.count()) === 0) {
      await page.locator('.spikewire-name').fill(label);
      await page.locator('.spikewire-add').click();
    }
    const lessons = async () => Number(await button.locator('.spikewire-count').textContent());
    await expect.poll(lessons).toBe(1);
    // A click about a reading of which it has been told teaches nothing, so that there may be more than four.
    await expect
      .poll(
        async () => {
          await button.click();
          return lessons();
        },
        { interval: 300 },
      )
      .toBeGreaterThanOrEqual(4);
    if (label === 'worn') await picture('node-red-teach.png');
  });
}
