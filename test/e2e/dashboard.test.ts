import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, writeModel } from '@spikewire/models';
import type { Page } from 'playwright-core';
import { engineNamed } from 'spikewire';
import { type Dashboard, DeskSource, startDashboard } from 'spikewire/dashboard';
import { Desk } from 'spikewire/desk';
import { inProcess } from 'spikewire/executor';
import { NetPool } from 'spikewire/session';
import { afterAll, afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, DESKTOP, PHONE, seriousBarriers, startBrowser, takeScreenshot } from './browser.ts';
import { until } from './command.ts';
import { StagedSource } from './staged-source.ts';

let browser: Browser | undefined;
let source: StagedSource;
let dashboard: Dashboard;
/**
 * Console errors, refusals by the content policy, uncaught errors, and requests to anywhere else: all must stay away.
 */
let troubles: string[];

beforeEach(async () => {
  source = new StagedSource();
  dashboard = await startDashboard(source, { trustLocalUsers: true });
  troubles = [];
});

afterEach(async () => {
  for (const page of browser?.context.pages() ?? []) {
    await page.close();
  }
  await dashboard.close();
});

afterAll(() => browser?.close());

async function open(context: TestContext, viewport: { width: number; height: number } = DESKTOP): Promise<Page> {
  browser ??= await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') {
      troubles.push(message.text());
    }
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(dashboard.url).origin) {
      troubles.push(`request to ${request.url()}`);
    }
  });
  await page.setViewportSize(viewport);
  await page.goto(dashboard.url);
  await page.locator('#connection[data-state="live"]').waitFor();
  return page;
}

function verdict(page: Page, word: string) {
  return page.locator('#verdict-word', { hasText: word });
}

function figure(page: Page, name: string) {
  return page.locator('#figures div', { has: page.getByText(name, { exact: true }) }).locator('dd');
}

/** Pixels of a canvas that something was drawn on. */
function inkOf(page: Page, canvas: string): Promise<number> {
  return page.evaluate<number>(`{
    const canvas = document.querySelector(${JSON.stringify(canvas)});
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    data.filter((value, index) => index % 4 === 3 && value > 0).length;
  }`);
}

describe('live page in a browser', () => {
  it('shows the readings as they come, and asks for nothing from elsewhere', async (context) => {
    const page = await open(context);
    await verdict(page, 'Waiting for the first reading').waitFor();
    expect(await inkOf(page, '#raster')).toBe(0);
    expect(await page.locator('.notice').allTextContents()).toEqual(source.describe().notices);
    expect(await page.title()).toBe('mote 1 – spikewire – staged stream');
    expect(await page.locator('#title').textContent()).toBe('mote 1');

    source.advance(38);
    await page.getByText('38 of 60 readings').waitFor();
    expect(await page.locator('#verdict-word').textContent()).toBe('Warming up');
    expect(await page.locator('#warm-up-bar').getAttribute('value')).toBe('38');

    source.advance(42);
    await figure(page, 'Reading').filter({ hasText: '80' }).waitFor();
    await verdict(page, 'As expected').waitFor();
    expect(await page.locator('#warm-up').isVisible()).toBe(false);
    expect(await figure(page, 'Memory of process').textContent()).toBe('58.4 MB');
    expect(await figure(page, 'Memory of net').textContent()).toBe('412.0 kB');
    expect(await figure(page, 'Messages').textContent()).toBe('80 in, 80 out');
    expect(await figure(page, 'Saved').textContent()).toBe('not yet');
    expect(await page.getByRole('img', { name: /^Temperature °C: measured 2\d\.\d+, exp/ }).count()).toBe(1);
    expect(await page.getByRole('img', { name: /^Humidity %/ }).count()).toBe(1);
    expect(await inkOf(page, '#raster')).toBeGreaterThan(1000);
    for (const id of ['channels', 'score', 'learning-error', 'rate']) {
      expect(await inkOf(page, `#${id} canvas`)).toBeGreaterThan(100);
    }
    expect(troubles).toEqual([]);
  });

  it('marks a flagged reading in word, shape and colour, and keeps it in sight', async (context) => {
    source.advance(88);
    const page = await open(context);
    await verdict(page, 'As expected').waitFor();
    const before = await redOf(page);
    source.advance(2);
    await verdict(page, 'Unusual').waitFor();
    expect(await page.locator('#verdict-mark').textContent()).toBe('▲');
    expect(await page.locator('#verdict-detail').textContent()).toMatch(/^reading 90: score 1\.\d+, limit 0\.3\d+$/);
    source.advance(5);
    await verdict(page, 'As expected').waitFor();
    expect(await redOf(page)).toBeGreaterThan(before + 20);
    expect(troubles).toEqual([]);
  });

  it('says the same of a net in the list as in its card, while a flag is in sight and after', async (context) => {
    source.advance(88);
    const page = await open(context);
    await verdict(page, 'As expected').waitFor();
    // In this order: what draws is done before it is looked at.
    await page.evaluate(`void (globalThis.seen = new Promise((resolve) => {
      const seen = [];
      const look = () => {
        const state = (selector) => document.querySelector(selector).dataset.state;
        const pair = state('.net') + ' ' + state('#verdict');
        if (seen.at(-1) !== pair) seen.push(pair);
        if (seen.length > 1 && pair === 'calm calm') resolve(seen);
        else setTimeout(look, 20);
      };
      look();
    }))`);
    source.advance(2);
    await verdict(page, 'Unusual').waitFor();
    source.advance(5);
    expect(await page.evaluate('globalThis.seen')).toEqual(['calm calm', 'flagged flagged', 'calm calm']);
  });

  it('sends each button’s command and shows the answer', async (context) => {
    source.advance(70);
    const page = await open(context);
    const learning = page.getByRole('switch', { name: /Learning/ });
    await page.locator('#learning[aria-checked="true"]').waitFor();
    await learning.click();
    await page.getByText('mote 1: freeze: done').waitFor();
    await page.locator('#learning[aria-checked="false"]').waitFor();
    await learning.click();
    await page.getByText('mote 1: learn: done').waitFor();
    await page.getByRole('button', { name: 'That was normal' }).click();
    await page.getByText('mote 1: normal: done').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('mote 1: saved as sequence 12').waitFor();
    source.advance(1);
    await figure(page, 'Saved').filter({ hasText: 'no. 12, just now' }).waitFor();

    await page.getByRole('button', { name: 'Reset …' }).click();
    await page.getByRole('dialog').getByText('Reset “mote 1”?').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(source.commands.map(({ command }) => command)).toEqual(['freeze', 'learn', 'normal', 'save']);
    await page.getByRole('button', { name: 'Reset …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await page.getByText('mote 1: reset: done').waitFor();

    await page.getByLabel('Sensitivity').fill('7.5');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('mote 1: settings: done').waitFor();
    expect(await page.getByLabel('Sensitivity').inputValue()).toBe('7.5');
    expect(source.commands.slice(-2)).toEqual([
      { net: 'mote-1', command: 'reset', settings: undefined },
      { net: 'mote-1', command: 'settings', settings: { sensitivity: 7.5, holdOff: 60 } },
    ]);
    expect(troubles).toEqual([]);
  });

  it('looks at one net at a time, chosen by mouse, keyboard or address', async (context) => {
    source.advance(100);
    const page = await open(context);
    await until(() => source.watched.has('mote-1'));
    await page.getByText('mote 3').click();
    await until(() => source.watched.has('mote-3') && source.watched.size === 1);
    await page.keyboard.press('ArrowRight');
    await until(() => source.watched.has('mote-4') && source.watched.size === 1);
    // Buttons are for the net that the page names.
    await page.locator('#title', { hasText: 'mote 4' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('mote 4: saved').waitFor();
    expect(source.commands).toEqual([{ net: 'mote-4', command: 'save', settings: undefined }]);
    await page.goto(`${dashboard.url}#net=mote-6`);
    await until(() => source.watched.has('mote-6') && source.watched.size === 1);
    const states = await page.locator('.net').evaluateAll((labels) => labels.map((label) => label.textContent));
    expect(states[4]).toBe('▲mote 5: unusualfrozenalarm muted');
    expect(states[7]).toBe('○mote 8: warming upfrozenalarm muted');
    expect(await page.locator('.net small:visible').allTextContents()).toEqual(['alarm muted', 'frozen']);
    expect(troubles).toEqual([]);
  });

  it('has the source work only while somebody looks', async (context) => {
    expect(source.calls).toEqual([]);
    const page = await open(context);
    const second = await open(context);
    expect(source.calls).toEqual(['watch mote-1']);
    await page.close();
    await until(() => dashboard.viewers === 1);
    expect(source.watched.size).toBe(1);
    await second.evaluate(setHidden(true));
    await until(() => source.watched.size === 0);
    await second.evaluate(setHidden(false));
    await until(() => source.watched.size === 1);
    await second.close();
    await until(() => source.watched.size === 0);
    // On a busy machine one pair more was seen once, cause unknown: held here is that nobody watches twice, and nobody
    // at the end.
    const kinds = source.calls.map((_, index) => (index % 2 === 0 ? 'watch mote-1' : 'unwatch mote-1'));
    expect(source.calls).toEqual(kinds);
    expect(source.calls.at(-1)).toBe('unwatch mote-1');
  });

  it('stands still when a person pauses it, and goes on with the newest', async (context) => {
    source.advance(70);
    const page = await open(context);
    await figure(page, 'Reading').filter({ hasText: '70' }).waitFor();
    const pause = page.getByRole('button', { name: 'Pause' });
    await pause.click();
    source.advance(10);
    await page.waitForTimeout(700);
    expect(await figure(page, 'Reading').textContent()).toBe('70');
    await pause.click();
    await figure(page, 'Reading').filter({ hasText: '80' }).waitFor();
  });

  it('says that the server is gone, and goes on when it is back', async (context) => {
    source.advance(70);
    const page = await open(context);
    await verdict(page, 'As expected').waitFor();
    const { port } = new URL(dashboard.url);
    await dashboard.close();
    await page.getByText('No connection to the server; trying again').waitFor();
    await verdict(page, 'Not known').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The server does not answer').waitFor();
    dashboard = await startDashboard(source, { port: Number(port), trustLocalUsers: true });
    source.advance(5);
    await page.locator('#connection[data-state="live"]').waitFor();
    await figure(page, 'Reading').filter({ hasText: '75' }).waitFor();
    expect(await page.locator('#verdict-word').textContent()).toBe('As expected');
  });

  it('fits a phone without scrolling sideways, and a desktop in two columns', async (context) => {
    source.advance(500);
    const page = await open(context, PHONE);
    await figure(page, 'Reading').filter({ hasText: '500' }).waitFor();
    const widths = await page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    expect(widths).toEqual([PHONE.width, PHONE.width]);
    expect(await leftEdges(page)).toEqual(1);
    const chart = (await page.locator('#channels canvas').first().boundingBox())!;
    expect(chart.y + chart.height).toBeLessThan(PHONE.height);
    expect(chart.width).toBeGreaterThan(0.9 * PHONE.width);
    expect(chart.height).toBeGreaterThan(180);
    await page.setViewportSize(DESKTOP);
    await until(async () => (await leftEdges(page)) === 2);
    // The plot follows its card with the next frame.
    await until(async () => (await page.locator('#score canvas').boundingBox())!.width > 350);
    expect((await page.locator('#channels canvas').first().boundingBox())!.height).toBe(130);
    expect(troubles).toEqual([]);
  });

  it('keeps its words readable in light and dark, and has no serious barrier on desktop and phone', async (context) => {
    source.advance(500);
    const page = await open(context);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const weak = await page.evaluate<string[]>(WEAK_CONTRASTS);
      expect(weak).toEqual([]);
      await page.setViewportSize(colorScheme === 'light' ? DESKTOP : PHONE);
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) (details as unknown as { open: boolean }).open = true;
      });
      expect(await seriousBarriers(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Reset …' }).click();
    expect(await seriousBarriers(page)).toEqual([]);
  });

  it('is pictured for the documentation', async (context) => {
    source.advance(500);
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-picture-'));
    try {
      const file = join(folder, 'page.png');
      await takeScreenshot(needs(context, 'chromium'), dashboard.url, file, { fullPage: true });
      expect((await stat(file)).size).toBeGreaterThan(30_000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('live page of a running stream', () => {
  const channels = [{ name: 'level', unit: 'm' }];
  const model = writeModel(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } }));
  const noon = new Date('2026-11-27T12:00:00').getTime();
  let directory: string;
  let pool: NetPool;
  let desk: Desk;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'spikewire-page-'));
    await start();
  });

  afterEach(async () => {
    await stop();
    await rm(directory, { recursive: true });
  });

  async function start(port = 0, store: object = { directory }): Promise<void> {
    const notes = (key: string) => house.notesOf(key);
    pool = new NetPool(model, inProcess(engineNamed('clocked')), { ...store, notes, capacity: 4096 });
    desk = new Desk(pool);
    const house: DeskSource = new DeskSource(desk, { title: 'air', input: 'house/+/air' });
    await dashboard.close();
    dashboard = await startDashboard(house, { port, trustLocalUsers: true });
  }

  async function stop(): Promise<void> {
    desk.close();
    await pool.close();
  }

  async function feed(net: string, from: number, to: number, value = (k: number) => Math.sin(k)): Promise<void> {
    for (let k = from; k < to; k++) await desk.feed(net, { time: noon + 5000 * k, values: Float64Array.of(value(k)) });
  }

  it('waits for the first reading, then says what happened, also after a reload and a restart', async (context) => {
    const page = await open(context);
    await verdict(page, 'Waiting for the first reading on house/+/air').waitFor();
    expect(await page.title()).toBe('air');
    await feed('kitchen', 0, 25);
    await page.locator('#title', { hasText: 'kitchen' }).waitFor();
    await verdict(page, 'As expected').waitFor();
    await page.getByText('nothing unusual so far').waitFor();
    await feed('kitchen', 25, 28, () => 40);
    await feed('kitchen', 28, 640);
    const story = /^last unusual at 12:02:05, \d+ readings flagged: level is 40 where .* was expected$/;
    await page.locator('#verdict-detail', { hasText: story }).waitFor();
    await page.reload();
    await page.locator('#verdict-detail', { hasText: story }).waitFor();
    // The newest 600 readings no longer show it; the whole time does.
    await until(async () => (await redOf(page, '#past canvas')) > 20);
    expect(await redOf(page)).toBe(0);
    const { port } = new URL(dashboard.url);
    await stop();
    await start(Number(port));
    await page.reload();
    await verdict(page, 'Waiting for the first reading on house/+/air').waitFor();
    await feed('kitchen', 640, 641);
    await page.locator('#verdict-detail', { hasText: story }).waitFor();
    await until(async () => (await redOf(page, '#past canvas')) > 20);
    expect(await page.locator('#past-about').textContent()).toBe('641 readings since 12:00:00');
    await page.getByRole('button', { name: 'Numbers' }).click();
    await page.locator('#past-about', { hasText: /^641 readings$/ }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('tells the truth about switch and warm-up, however long the next reading is in coming', async (context) => {
    await feed('kitchen', 0, 25);
    await feed('kitchen', 25, 28, () => 40);
    const page = await open(context);
    await verdict(page, 'Unusual').waitFor();
    const learning = page.getByRole('switch', { name: /Learning/ });
    await learning.click();
    await page.locator('#learning[aria-checked="false"]').waitFor();
    await learning.click();
    await page.locator('#learning[aria-checked="true"]').waitFor();
    // By somebody else, over MQTT.
    await desk.command('kitchen', 'freeze');
    await page.locator('#learning[aria-checked="false"]').waitFor();
    await page.getByRole('button', { name: 'Reset …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await verdict(page, 'Warming up').waitFor();
    await page.getByText('0 of 20 readings').waitFor();
    await feed('kitchen', 28, 33);
    await page.getByText('5 of 20 readings').waitFor();
    await page.reload();
    await verdict(page, 'Warming up').waitFor();
    expect(await page.locator('#warm-up-bar').getAttribute('value')).toBe('5');
    await page.getByRole('button', { name: 'Save' }).click();
    await figure(page, 'Saved')
      .filter({ hasText: /^no\. \d+, just now$/ })
      .waitFor();
    expect(troubles).toEqual([]);
  });

  it('shows weights, their change and membranes to those who ask', async (context) => {
    await feed('kitchen', 0, 60);
    const page = await open(context);
    await verdict(page, 'As expected').waitFor();
    expect(await page.locator('#inside canvas').count()).toBe(0);
    await page.getByText('Weights and membranes').click();
    for (const map of [/decode: 10 weights/, /decode: change since the base/, /neurons: 10 membranes/]) {
      await page.getByRole('img', { name: map }).waitFor();
    }
    expect(await inkOf(page, '#inside canvas')).toBe(10);
    await page.getByText('Spikes', { exact: false }).first().click();
    await page.locator('#raster').waitFor({ state: 'hidden' });
    expect(troubles).toEqual([]);
  });

  it('keeps marks on its axes, and the other readings in sight, when one is far beyond them', async (context) => {
    await feed('kitchen', 0, 640, (k) => (k === 100 ? 1e308 : k === 620 ? -4e7 : Math.sin(k)));
    const page = await open(context);
    await verdict(page, 'As expected').waitFor();
    const told = (plot: string) => page.locator(`${plot} .beyond`).textContent();
    await until(async () => (await told('#past')) === 'beyond the axis: down to -40,000,000, up to 1.0e+308');
    expect(await told('.channel')).toBe('beyond the axis: down to -40,000,000, up to 1.0e+308');
    for (const plot of ['#past', '.channel', '#score']) {
      expect(await marksOf(page, `${plot} canvas`)).toBeGreaterThan(20);
      await page
        .getByRole('img', { name: /beyond the axis: / })
        .first()
        .waitFor();
    }
    expect(await told('#rate')).toBe('');
    expect(troubles).toEqual([]);
  });

  it('opens on what is unusual among many nets, which can be searched', async (context) => {
    await stop();
    await start(0, {});
    for (let net = 1; net <= 120; net++) await feed(`room-${net}`, 0, 3);
    await feed('room-77', 3, 25);
    await feed('room-77', 25, 28, () => 40);
    const page = await open(context);
    await page.locator('#title', { hasText: 'room-77' }).waitFor();
    await page.locator('#nets-summary', { hasText: '120 nets, 1 unusual' }).waitFor();
    const rooms = Array.from({ length: 120 }, (_, k) => `room-${k + 1}`).filter((room) => room !== 'room-77');
    await shows(page, ['room-77', ...rooms.slice(0, 47)]);
    expect(await page.locator('.net polyline[points*=","]').count()).toBe(48);
    await page.getByLabel('Search nets').fill('ROOM-10');
    await shows(page, ['room-10', ...Array.from({ length: 10 }, (_, k) => `room-10${k}`)]);
    await page.getByText('room-103', { exact: true }).click();
    await page.locator('#title', { hasText: 'room-103' }).waitFor();
    // One that comes later is there without a reload.
    await page.getByLabel('Search nets').fill('');
    await feed('attic', 0, 1);
    await page.locator('#nets-summary', { hasText: '121 nets' }).waitFor();
    await shows(page, ['room-77', 'attic', ...rooms.slice(0, 46)]);
    // A long name with the date of the last alarm breaks between words, not between letters.
    const lines = await page.evaluate<number>(`{
      const [name, latest] = ['.name', '.latest'].map((part) => document.querySelector('.net ' + part));
      [name.textContent, latest.textContent, latest.hidden] = ['multi-hop mote 1 (outdoor)', '▲ 2026-11-27 03:26:25', false];
      name.getBoundingClientRect().height / parseFloat(getComputedStyle(name).lineHeight);
    }`);
    expect(Math.round(lines)).toBeLessThanOrEqual(3);
    expect(troubles).toEqual([]);
  });

  it('lists a thousand nets in pages, also by keyboard and on a phone, and asks only for those in sight', async (context) => {
    await stop();
    await start(0, {});
    const rooms = Array.from({ length: 1000 }, (_, k) => `room-${k + 1}`);
    for (const room of rooms) await feed(room, 0, 1);
    await feed('room-1000', 1, 25);
    const page = await open(context, PHONE);
    const received: number[] = [];
    page.on('response', async (response) => {
      if (response.url().includes('/nets?')) received.push((await response.body()).length);
    });
    await page.locator('#nets-summary', { hasText: '1,000 nets, none unusual' }).click();
    await shows(page, rooms.slice(0, 48));
    expect(await page.locator('*').count()).toBeLessThan(2000);

    await page.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('49 to 96 of 1,000').waitFor();
    await shows(page, rooms.slice(48, 96));
    await page.locator('.net input').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('#title', { hasText: /^room-50$/ }).waitFor();
    expect(new URL(page.url()).hash).toBe('#net=room-50');
    expect(await seriousBarriers(page)).toEqual([]);
    const widths = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';
    expect(await page.evaluate<number[]>(widths)).toEqual([PHONE.width, PHONE.width]);

    await feed('room-1000', 25, 26, () => 40);
    await page.locator('#nets-summary', { hasText: '1,000 nets, 1 unusual' }).waitFor();
    await page.getByLabel('Search nets').fill('100');
    await expect.poll(() => page.locator('.net .name').first().textContent()).toBe('room-1000');
    // The net of the address is kept, wherever it stands in the list.
    await page.reload();
    await page.locator('#title', { hasText: /^room-50$/ }).waitFor();
    expect(received.length).toBeGreaterThan(3);
    expect(Math.max(...received)).toBeLessThan(10_000);
    expect(troubles).toEqual([]);
  });
});

/** Waits until the list has these nets, in this order. */
async function shows(page: Page, names: readonly string[]): Promise<void> {
  await expect.poll(() => page.locator('.net:visible .name').allTextContents()).toEqual(names);
}

/** Pixels of the strip above a plot, where only the marks of flags are, that are clearly red. */
function redOf(page: Page, plot = '#score canvas'): Promise<number> {
  return page.evaluate<number>(`{
    const canvas = document.querySelector('${plot}');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, 11);
    let red = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 128 && data[i] > 150 && data[i + 1] < 80) red++;
    }
    red;
  }`);
}

/** Pixels that were drawn on, left of a plot, where only the marks of its vertical axis are. */
function marksOf(page: Page, plot: string): Promise<number> {
  return page.evaluate<number>(`{
    const canvas = document.querySelector('${plot}');
    const { data } = canvas.getContext('2d').getImageData(0, 0, 40, canvas.height - 22);
    data.filter((value, k) => k % 4 === 3 && value > 128).length;
  }`);
}

/** Number of different left edges among the cards: the number of columns. */
async function leftEdges(page: Page): Promise<number> {
  const edges = await page
    .locator('.card:not([hidden])')
    .evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().x));
  return new Set(edges).size;
}

/** Does to a page what covering its window or changing the tab does. */
const setHidden = (hidden: boolean): string => `{
  Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}`;

/** Every visible text whose contrast to the nearest painted background is below the 4.5 of WCAG 2.1, 1.4.3. */
const WEAK_CONTRASTS = `{
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parts(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const contrast = (element) => {
    const [a, b] = [getComputedStyle(element).color, background(element)].map(luminance).sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const hasWords = (element) => [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== '');
  [...document.querySelectorAll('body *')]
    .filter((element) => element.checkVisibility() && hasWords(element))
    .filter((element) => contrast(element) < 4.5)
    .map((element) => element.id + ' ' + element.className + ' ' + element.textContent);
}`;
