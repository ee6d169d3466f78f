import { anomalyModel, monitorKindOf, RandomGenerator, writeModel } from '@spikewire/models';
import type { Page } from 'playwright-core';
import { engineNamed } from 'spikewire';
import { type Dashboard, DeskSource, startDashboard } from 'spikewire/dashboard';
import { Desk } from 'spikewire/desk';
import { inProcess } from 'spikewire/executor';
import { NetPool } from 'spikewire/session';
import { afterAll, afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, PHONE, seriousBarriers, startBrowser } from './browser.ts';
import { until } from './command.ts';

const model = anomalyModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 20 });
/** A relation needs two channels. */
const titles = model
  .monitors!.filter(({ type }) => type !== 'relation')
  .map(({ type }) => monitorKindOf(type, 'test').title);

let browser: Browser | undefined;
let desk: Desk;
let pool: NetPool;
let dashboard: Dashboard;
let fed = 0;
const random = new RandomGenerator(1, 'level');

beforeEach(async () => {
  fed = 0;
  pool = new NetPool(writeModel(model), inProcess(engineNamed('clocked')));
  desk = new Desk(pool);
  dashboard = await startDashboard(new DeskSource(desk, { title: 'tank' }), { trustLocalUsers: true });
  await feed(450);
});

afterEach(async () => {
  for (const page of browser?.context.pages() ?? []) await page.close();
  await dashboard.close();
  desk.close();
  await pool.close();
});

afterAll(() => browser?.close());

async function feed(readings: number, value = () => 20 + 0.3 * random.nextNormal()): Promise<string[]> {
  const flagged = new Set<string>();
  for (let k = 0; k < readings; k++) {
    const time = Date.UTC(2026, 10, 30) + 1000 * fed++;
    const { verdicts } = await desk.feed('', { time, values: Float64Array.of(value()) });
    for (const { monitor, anomaly } of verdicts) if (anomaly) flagged.add(monitor);
  }
  return [...flagged];
}

async function open(context: TestContext): Promise<Page> {
  browser ??= await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  await page.setViewportSize(PHONE);
  await page.goto(dashboard.url);
  await page.locator('#connection[data-state="live"]').waitFor();
  return page;
}

const row = (page: Page, name: string) => page.locator('#monitors li').filter({ hasText: new RegExp(`^${name}`) });

describe('the monitors on the page', () => {
  it('have a row each with what it looks at, its course and limit, and fit a phone', async (context) => {
    const page = await open(context);
    await row(page, 'unexpected value').waitFor();
    expect(await page.locator('#monitors strong').allTextContents()).toEqual(titles);
    await row(page, 'sudden jump').getByText('how much a number changes from one reading to the next').waitFor();
    await row(page, 'sudden jump').getByText('limit 10').waitFor();
    await until(
      async () => ((await row(page, 'sudden jump').locator('polyline').getAttribute('points')) ?? '').length > 20,
    );
    const widths = await page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    expect(widths).toEqual([PHONE.width, PHONE.width]);
    expect(await seriousBarriers(page)).toEqual([]);
    await feed(1, () => 60);
    await page.locator('#monitors li[data-state="flagged"]').filter({ hasText: 'sudden jump' }).waitFor();
  });

  it('are looked at, set, switched off and on, and go back to what they have learned', async (context) => {
    const page = await open(context);
    const jump = row(page, 'sudden jump');
    await jump.locator('.choose').click();
    await page.locator('#score-monitor', { hasText: 'sudden jump' }).waitFor();
    await page.getByRole('img', { name: /^Anomaly score: score [\d.]+, limit 10$/ }).waitFor();
    await page.getByLabel('Sensitivity limit').fill('15');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('sudden jump: sensitivity 15, hold-off 60 readings, 1 in a row').waitFor();
    await page.getByRole('img', { name: /^Anomaly score: score [\d.]+, limit 15$/ }).waitFor();
    await jump.getByText('limit 15; set by hand instead of 10').waitFor();
    await jump.getByRole('button', { name: 'Back to the learned limit' }).click();
    await page.getByText('sudden jump: back to the learned limit: sensitivity 10').waitFor();
    await jump.getByText('limit 10').waitFor();
    expect(await jump.getByRole('button', { name: 'Back to the learned limit' }).isVisible()).toBe(false);

    await jump.getByRole('switch').click();
    await page.getByText('1 in a row, switched off').waitFor();
    expect(await feed(1, () => 60)).not.toContain('jump');
    await feed(5);
    await jump.getByRole('switch', { checked: false }).click();
    await jump.getByRole('switch', { checked: true }).waitFor();
    await feed(100);
    expect(await feed(1, () => 60)).toContain('jump');

    await feed(20);
    await page.getByRole('button', { name: 'That was normal' }).click();
    await page
      .getByText(/readings? \d+.*: .*the limit of “sudden jump” of level is now [\d.]+ instead of [\d.]+/)
      .waitFor();
    await jump.getByText(/^limit 10; raised because somebody pressed “That was normal” \(reading/).waitFor();
    expect(await feed(1, () => 60)).not.toContain('jump');
    await jump.getByRole('button', { name: 'Back to the learned limit' }).click();
    await jump.getByText(/^limit 10$/).waitFor();
    await feed(100);
    expect(await feed(1, () => 60)).toContain('jump');
  });
});
