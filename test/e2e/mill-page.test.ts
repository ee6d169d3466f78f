import { afterEach, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, DESKTOP, PHONE, seriousBarriers, startBrowser } from './browser.ts';
import { killAll, type RunningCommand, startCommand } from './command.ts';

const PRESSES = 20;

let browser: Browser | undefined;
let demo: RunningCommand | undefined;

afterEach(async () => {
  await browser?.close();
  await killAll(demo === undefined ? [] : [demo]);
  [browser, demo] = [undefined, undefined];
});

async function open(context: TestContext, seconds: number) {
  browser = await startBrowser(needs(context, 'chromium'));
  demo = startCommand(['demo', '--classify', '--seconds', String(seconds), '--port', '0']);
  await demo.says(/page (http\S+)/);
  const page = await browser.context.newPage();
  await page.goto(/page (http\S+)/.exec(demo.stdout() + demo.stderr())![1]!);
  const numberIn = async (id: string) =>
    Number(/-?\d+/.exec((await page.locator(id).textContent()) ?? '')?.[0] ?? Number.NaN);
  const reading = () => numberIn('#teach-about');
  const until = (count: number) => expect.poll(reading, { timeout: 90_000 }).toBeGreaterThanOrEqual(count);
  return { page, numberIn, reading, until };
}

it('is taught by twenty presses of a button by somebody who sees the page alone', {
  timeout: 180_000,
}, async (context) => {
  const { page, numberIn, reading, until } = await open(context, 90);
  await until(105);
  // Before it changes the net is right, by what it was taught.
  await page.locator('#truth-verdict', { hasText: 'the net is right' }).waitFor();
  await until(215);
  for (let press = 0; press < PRESSES; press++) {
    const state = (await page.locator('#truth-name').textContent())!;
    await page.locator('#classes').getByRole('button', { name: state }).click();
    await until((await reading()) + 7);
  }
  expect(await page.locator('#accuracy div', { hasText: 'Labels' }).locator('dd').textContent()).toBe(String(PRESSES));
  // As many answers as the shares are of.
  await until((await reading()) + 60);
  const [learning, base] = [await numberIn('#right-adapted'), await numberIn('#right-base')];
  console.log(`right after ${PRESSES} presses: ${learning} %, frozen ${base} %`);
  expect(learning).toBeGreaterThanOrEqual(90);
  expect(base).toBeLessThan(70);
  for (const viewport of [DESKTOP, PHONE]) {
    await page.setViewportSize(viewport);
    // Plots follow the size of the window a moment later.
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
    expect(await seriousBarriers(page)).toEqual([]);
  }
});
