import { readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lacks, needs } from '../services.ts';
import { startBrowser } from './browser.ts';
import { linkPalette, NEWEST, NodeRedProcess } from './node-red-process.ts';

const EXAMPLE = new URL('../../nodes/examples/dashboard.json', import.meta.url);
const DASHBOARD = process.env.SPIKEWIRE_NODE_RED_DASHBOARD;

async function linkBoth(userDir: string): Promise<void> {
  await linkPalette(userDir);
  const packages = join(userDir, 'node_modules', '@flowfuse');
  await mkdir(packages, { recursive: true });
  await symlink(DASHBOARD!, join(packages, 'node-red-dashboard'));
}

it('is a page of dashboard 2 that shows what is unusual, and whose buttons teach', async (context) => {
  if (DASHBOARD === undefined) {
    lacks(context, 'node-red-dashboard', 'dashboard 2: SPIKEWIRE_NODE_RED_DASHBOARD names its folder');
  }
  const browser = await startBrowser(needs(context, 'chromium'));
  onTestFinished(() => browser.close());
  const flow: { name?: string }[] = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
  const faster = flow.map((node) => (node.name === 'every 0.2 s' ? { ...node, repeat: '0.04' } : node));
  const nodeRed = await NodeRedProcess.start(NEWEST, faster, linkBoth);
  onTestFinished(() => nodeRed.close());
  const page = await browser.context.newPage();
  await page.goto(`${nodeRed.url}dashboard`);
  const texts = page.locator('.nrdb-ui-widget.nrdb-ui-text');
  const says = (words: RegExp) =>
    expect.poll(() => texts.allTextContents(), { timeout: 60_000 }).toContainEqual(expect.stringMatching(words));
  const press = (button: string) => page.getByRole('button', { name: button, exact: true }).click();
  await says(/^state *normal/);
  await expect.poll(() => page.locator('.nrdb-ui-chart canvas').count()).toBe(2);
  // On a busy machine an uneven interval is unusual as well, and said after it.
  const saysAfter = (button: string, words: RegExp) =>
    expect
      .poll(() => press(button).then(() => texts.allTextContents()), { timeout: 60_000, interval: 300 })
      .toContainEqual(expect.stringMatching(words));
  await saysAfter('a spike', /^last said.*\d temperature/);
  await saysAfter('that was normal', /^last said.*readings? \d.*limit/);
  await saysAfter('freeze', /^last said.*off/);
  await saysAfter('learn', /^last said.*on/);
});
