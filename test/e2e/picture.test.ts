import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { takeScreenshot } from './browser.ts';
import { type RunningCommand, startCommand } from './command.ts';

/** The net whose sensor is moved by +3 °C at reading 2,000. */
const NET = 'single-hop-2';
/** When the move, its flags and the return to quiet are all in view: the plots show the last 600 readings. */
const GOOD_MOMENT = /^2,[3-5]\d\d$/;
const SIZE = { width: 1280, height: 1072 } as const;
const LARGEST_BYTES = 300_000;

let folder: string;
let demo: RunningCommand;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-picture-'));
});

afterEach(async () => {
  demo?.process.kill('SIGKILL');
  await demo?.ended;
  await rm(folder, { recursive: true, force: true });
});

describe('the picture of the page', () => {
  // `node scripts/pictures.mjs` runs this test to make docs/page.png.
  it('shows the demo after the moved sensor was learned', async (context) => {
    const chromium = needs(context, 'chromium');
    demo = startCommand(['demo', '--seconds', '40', '--keep', '--port', '0', '--store', join(folder, 'store')]);
    await demo.says(/page http\S+/);
    const [, address] = /page (http\S+)/.exec(demo.stdout())!;
    const file = join(process.env.SPIKEWIRE_PICTURES ?? folder, 'page.png');
    let troubles: string[] = [];
    let ink = 0;
    await takeScreenshot(chromium, `${address}#net=${NET}`, file, {
      viewport: SIZE,
      async ready(page) {
        await figure(page, 'Reading').filter({ hasText: GOOD_MOMENT }).waitFor({ timeout: 120_000 });
        await page.locator('#pause').click();
        ink = await leastInk(page);
        troubles = await troublesOf(page);
      },
    });
    expect(troubles).toEqual([]);
    expect(ink).toBeGreaterThan(200);
    const picture = await readFile(file);
    expect(picture.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect({ width: picture.readUInt32BE(16), height: picture.readUInt32BE(20) }).toEqual(SIZE);
    expect(picture.length).toBeLessThan(LARGEST_BYTES);
  });
});

function figure(page: Page, name: string) {
  return page.locator('#figures div', { has: page.getByText(name, { exact: true }) }).locator('dd');
}

/** Pixels that something was drawn on, of the visible canvas that has fewest. */
function leastInk(page: Page): Promise<number> {
  return page.evaluate<number>(`Math.min(...[...document.querySelectorAll('canvas')].map((canvas) => {
    if (!canvas.checkVisibility()) return Infinity;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, k) => k % 4 === 3 && value > 0).length;
  }))`);
}

async function troublesOf(page: Page): Promise<string[]> {
  const messages = await page.consoleMessages();
  const errors = await page.pageErrors();
  return [
    ...messages.filter((message) => message.type() === 'error').map((message) => message.text()),
    ...errors.map(String),
  ];
}
