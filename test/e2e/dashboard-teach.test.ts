import { classifierModel, featureCandidates, RandomGenerator, writeModel } from '@spikewire/models';
import type { Page } from 'playwright-core';
import { engineNamed } from 'spikewire';
import { type Dashboard, DeskSource, startDashboard } from 'spikewire/dashboard';
import { Desk } from 'spikewire/desk';
import { inProcess } from 'spikewire/executor';
import { NetPool } from 'spikewire/session';
import { afterAll, afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, DESKTOP, PHONE, seriousBarriers, startBrowser } from './browser.ts';

const PLACES: Record<string, readonly [number, number]> = { idle: [-1, -1], running: [1, -1], worn: [0, 1] };

let browser: Browser | undefined;
let pool: NetPool;
let desk: Desk;
let dashboard: Dashboard;
let troubles: string[];
let t: number;

beforeEach(async () => {
  const channels = [
    { name: 'current', unit: 'A' },
    { name: 'speed', unit: '1/s' },
  ];
  const model = classifierModel({ channels, labels: ['idle', 'running'], neurons: 100, seed: 1 });
  pool = new NetPool(writeModel(model), inProcess(engineNamed('clocked')));
  desk = new Desk(pool, { single: true });
  dashboard = await startDashboard(new DeskSource(desk, { title: 'mill', names: new Map([['', 'mill']]) }), {
    trustLocalUsers: true,
  });
  troubles = [];
  t = 0;
});

afterEach(async () => {
  for (const page of browser?.context.pages() ?? []) await page.close();
  await dashboard.close();
  desk.close();
  await pool.close();
});

afterAll(() => browser?.close());

async function open(
  context: TestContext,
  viewport = DESKTOP as { width: number; height: number },
  address = dashboard.url,
): Promise<Page> {
  browser ??= await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.setViewportSize(viewport);
  await page.goto(address);
  await page.locator('#connection[data-state="live"]').waitFor();
  return page;
}

async function show(state: string, count = 1): Promise<void> {
  for (let k = 0; k < count; k++) {
    const noise = new RandomGenerator(++t, state);
    const values = Float64Array.from(PLACES[state]!, (mean) => mean + 0.1 * noise.nextNormal());
    await desk.feed('', { time: 1000 * t, values });
  }
}

/** Lets the net see both states, so that its ranges are known. */
async function warmUp(): Promise<void> {
  for (let k = 0; k < 150; k++) await show(['idle', 'running', 'worn'][k % 3]!);
}

const word = (page: Page, text: string) => page.locator('#verdict-word', { hasText: text }).waitFor();
const figure = (page: Page, name: string) =>
  page.locator('#accuracy div', { has: page.getByText(name, { exact: true }) }).locator('dd');

describe('teaching on the page', () => {
  it('teaches by button, adds a class, takes back, and shows how good the net is', async (context) => {
    await warmUp();
    const page = await open(context);
    await show('idle');
    await word(page, 'Not taught yet');
    // Nothing is ever flagged without a monitor.
    expect(await page.locator('#normal').isVisible()).toBe(false);
    const press = async (state: string) => {
      await show(state);
      await page.locator('#teach-about', { hasText: `reading ${t}` }).waitFor();
      await page.locator('#classes').getByRole('button', { name: state }).click();
      await page.getByText(`mill: learned that this was “${state}”`).waitFor();
    };
    for (let k = 0; k < 8; k++) await press(['idle', 'running'][k % 2]!);
    await show('running');
    await word(page, 'running');
    await expect.poll(() => page.locator('#verdict-detail').textContent()).toMatch(/^\d+(\.\d)? % sure$/);
    await expect.poll(() => page.locator('#classes button.answered').textContent()).toBe('running');
    await expect.poll(() => figure(page, 'Labels').textContent()).toBe('8');

    await show('worn');
    await page.locator('#teach-about', { hasText: `reading ${t}` }).waitFor();
    await page.getByLabel('Another class').fill('worn');
    await page.getByRole('button', { name: 'Teach' }).click();
    await page.getByText('learned that this was “worn”').waitFor();
    await show('worn');
    await page.locator('#classes').getByRole('button', { name: 'worn' }).waitFor();
    expect(await page.locator('#confusion tr').count()).toBe(4);
    const counted = await page.locator('#confusion td').allTextContents();
    expect(counted.reduce((sum, text) => sum + Number(text), 0)).toBe(9);

    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByText('mill: took the last lesson back').waitFor();
    await show('idle');
    await figure(page, 'Labels').filter({ hasText: '8' }).waitFor();
    expect(await page.locator('#classes button').allTextContents()).toEqual(['idle', 'running']);
    await page.getByRole('button', { name: 'Settle' }).click();
    await page.getByText('mill: what it knows now is the base').waitFor();
    await show('idle');
    await figure(page, 'Labels').filter({ hasText: '0' }).waitFor();
    await expect.poll(() => figure(page, 'Base').textContent()).toBe('no base yet');
    expect(troubles).toEqual([]);
  });

  it('shows no button to those who may only look', async (context) => {
    const [viewerToken, token] = ['a token for the display', 'a token of the operator'];
    await dashboard.close();
    dashboard = await startDashboard(new DeskSource(desk, { title: 'mill' }), { viewerToken, token });
    await warmUp();
    const { origin } = new URL(dashboard.url);
    for (const [given, isShown] of [
      [token, true],
      [viewerToken, false],
    ] as const) {
      const page = await open(context, DESKTOP, `${origin}/?token=${encodeURIComponent(given)}`);
      await show('idle');
      await page.locator('#classes button').first().waitFor();
      for (const id of ['learning', 'save', 'reset', 'take-back', 'settle', 'base', 'new-class']) {
        expect([id, await page.locator(`#${id}`).isVisible()]).toEqual([id, isShown]);
      }
      expect(await page.locator('#classes[inert]').count()).toBe(isShown ? 0 : 1);
    }
    expect(troubles).toEqual([]);
  });

  it('shows answers beside what they were said to be, and the course of right ones by net and base', async (context) => {
    await warmUp();
    const page = await open(context);
    const states = ['idle', 'running'] as const;
    await show('idle');
    await page.locator('#answers-strip').waitFor();
    expect(await page.locator('#right').isVisible()).toBe(false);
    // Nobody knows by itself what this machine does.
    expect(await page.locator('#truth').isVisible()).toBe(false);
    for (let k = 0; k < 30; k++) {
      await show(states[k % 2]!);
      if (k === 20) await desk.command('', 'settle');
      await desk.teach('', { kind: 'label', label: states[k % 2]!, time: undefined });
    }
    await show('running');
    await page.locator('#right').waitFor();
    const told = () => page.locator('#answers-strip').getAttribute('aria-label');
    await expect.poll(told).toMatch(/^Newest answer: it says running; base: running$/);
    await page.locator('#classes').getByRole('button', { name: 'idle' }).click();
    await expect.poll(told).toMatch(/it says running; it was idle, so that is wrong/);
    await page.getByRole('button', { name: 'Take back' }).click();
    await expect.poll(told).toMatch(/^Newest answer: it says running; base: running$/);
    expect(Number.parseInt((await page.locator('#right-adapted').textContent())!, 10)).toBeGreaterThan(80);
    expect(await page.getByRole('button', { name: 'Settle keep what it knows now as the base' }).isVisible()).toBe(
      true,
    );
    expect(await seriousBarriers(page)).toEqual([]);
    expect(troubles).toEqual([]);
  });

  it('numbers the vertical axis anew when values leave it, also where readings have no times', async (context) => {
    await warmUp();
    const page = await open(context);
    await show('idle');
    await page.locator('.channel').first().waitFor();
    await page.evaluate(`globalThis.drawn = new Set();
      const fillText = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        globalThis.drawn.add(text);
        return fillText.call(this, text, ...rest);
      };`);
    // So many that they are no stray values.
    for (let k = 0; k < 60; k++) await desk.feed('', { time: 1000 * ++t, values: Float64Array.of(4000, 1) });
    await expect.poll(() => page.evaluate('[...globalThis.drawn]')).toContain('4,000');
  });

  it('says from the first reading on how far the first answer is', async (context) => {
    const features = featureCandidates({ block: 1 })[0]!.stages;
    const model = classifierModel({ channels: [{ name: 'power', unit: 'W' }], labels: ['off'], features, neurons: 20 });
    let now = 0;
    const own = new NetPool(writeModel(model), inProcess(engineNamed('clocked')), { clock: () => 1000 * now });
    await dashboard.close();
    desk.close();
    await pool.close();
    pool = own;
    desk = new Desk(pool, { single: true });
    const source = new DeskSource(desk, { title: 'plug', input: 'plug/power' });
    dashboard = await startDashboard(source, { trustLocalUsers: true });
    await source.meet('');
    const page = await open(context);
    await word(page, 'Waiting for the first reading on plug/power');
    for (let k = 0; k < 10; k++, now += 60_000) await desk.feed('', { time: now, values: Float64Array.of(k) });
    await word(page, 'Gathering readings');
    await page.getByText('10 of 24 readings, about 14 min').waitFor();
    await page.getByText('First answer').waitFor();
    expect(await seriousBarriers(page)).toEqual([]);
    for (let k = 10; k < 24; k++, now += 60_000) await desk.feed('', { time: now, values: Float64Array.of(k) });
    await word(page, 'Not taught yet');
  });

  it('works by the keyboard alone, and says why nothing was learned', async (context) => {
    await warmUp();
    const page = await open(context);
    await show('idle');
    await page.locator('#teach').waitFor();
    await page.locator('#classes').getByRole('button', { name: 'running' }).focus();
    // New readings leave the focus where it is.
    await show('idle', 20);
    await page.locator('#teach-about', { hasText: `reading ${t}` }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('running');
    await page.keyboard.press('Enter');
    await page.getByText('learned that this was “running”').waitFor();
    await page.locator('#classes').getByRole('button', { name: 'running' }).press('Enter');
    await page.getByText('had already learned that this was “running”').waitFor();
    await desk.command('', 'freeze');
    await show('idle');
    await page.locator('#teach-about', { hasText: `reading ${t}` }).waitFor();
    await page.locator('#classes').getByRole('button', { name: 'idle' }).press('Enter');
    await page.getByText('learning is off: nothing was learned').waitFor();
  });

  it('teaches the reading that is shown, also while the page is paused', async (context) => {
    await warmUp();
    const page = await open(context);
    await show('idle');
    await page.locator('#teach-about', { hasText: `reading ${t}` }).waitFor();
    const shown = 1000 * t;
    await page.locator('#pause').click();
    await show('running', 5);
    await page.waitForTimeout(300);
    await page.locator('#classes').getByRole('button', { name: 'idle' }).click();
    await page.getByText('mill: learned that this was “idle”').waitFor();
    const again = async (time: number) => (await desk.teach('', { kind: 'label', label: 'idle', time })).outcome;
    expect([await again(shown), await again(1000 * t)]).toEqual(['repeated', 'applied']);
  });

  it('fits on a phone, whatever classes are called', async (context) => {
    await warmUp();
    const page = await open(context, PHONE);
    for (const [k, name] of ['idle', 'W'.repeat(60), '<b>bold</b>'].entries()) {
      await show(Object.keys(PLACES)[k]!);
      await desk.teach('', { kind: 'label', label: name, time: undefined });
    }
    await show('idle');
    await page.locator('#classes').getByRole('button', { name: '<b>bold</b>' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
    expect(await seriousBarriers(page)).toEqual([]);
    await page.getByText('Weights and membranes').click();
    await page.getByRole('img', { name: /^read-out: 4 × 101 weights/ }).waitFor();
    expect(troubles).toEqual([]);
  });
});
