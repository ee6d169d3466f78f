import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { classifierModel, RandomGenerator, writeModel } from '@spikewire/models';
import type { Page } from 'playwright-core';
import { Agent } from 'spikewire/agent';
import { Host } from 'spikewire/host';
import { afterAll, afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, DESKTOP, PHONE, seriousBarriers, startBrowser } from './browser.ts';

/* A device that follows a real repository, and a person who sees on its page what is on trial and decides. */
const CLI = resolve('runtime/bin/spikewire.js');
const run = promisify(execFile);
const LABELS = ['idle', 'load', 'worn'];
const CHANNELS = ['vibration', 'current', 'temperature'].map((name) => ({ name, unit: '' }));
const MEANS = [
  [-1, 0, 0.5],
  [1, 0, 0],
  [0, 1.5, -0.5],
];
const TOKEN = 'a token of the page for commands';
const VIEWER = 'a token of the page for viewers';
/** The page shows the newest. */
const SHOWN_QUESTIONS = 5;
/** Where pictures of the page are wanted. */
const PICTURES = process.env.SPIKEWIRE_PICTURES;

let folder: string;
let browser: Browser | undefined;
let agent: Agent;
let host: Host;
let time: number;
let random: RandomGenerator;
const at = (...names: string[]) => join(folder, ...names);
const fleet = (...words: string[]) => run(process.execPath, [CLI, 'fleet', ...words]);

/** A classifier whose front has so many random neurons. */
function base(seed: number): Uint8Array {
  const standardise = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  return writeModel(
    classifierModel({ channels: CHANNELS, labels: LABELS, standardise, running: false, neurons: 24, seed }),
  );
}

beforeEach(async () => {
  [time, random] = [Date.UTC(2026, 10, 30), new RandomGenerator(1, 'machine')];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-updates-page-'));
  await fleet('init', at('site'), '--keys', at('keys'));
  await writeFile(at('viewer-token'), `${VIEWER}\n`, { mode: 0o600 });
  agent = (await Agent.open({
    ...{ folder: at('update'), repository: at('site'), root: await readFile(at('site', 'metadata', '1.root.json')) },
    wish: { model: 'pump', channel: 'stable', groups: [] },
    given: { bytes: base(1), name: 'first.spike' },
    ...{ version: '0.2.0', rules: { lookEverySeconds: 3600, decideEverySeconds: 0.02 } },
  }))!;
  const configuration = {
    ...{ net: '', learning: true, store: { directory: at('learned') }, device: 'reference', threads: 0 },
    page: { port: 0, token: TOKEN, viewerTokenFile: at('viewer-token') },
  };
  host = await Host.open(agent.base!, configuration, { onNewModel: agent.onNewModel, updates: agent.updates });
  await agent.begin(host);
});

afterEach(async () => {
  for (const page of browser?.context.pages() ?? []) await page.close();
  await agent.close();
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

afterAll(() => browser?.close());

/** Feeds readings, with or without their labels. */
async function live(readings: number, isLabelled: boolean): Promise<void> {
  for (let k = 0; k < readings; k++) {
    const state = random.nextInteger(3);
    const values = Float64Array.from(MEANS[state]!, (mean) => mean + 0.9 * random.nextNormal());
    time += 1000;
    await nextTurn(); // a reading comes from outside
    await host.desk.feed('', { time, values });
    if (isLabelled) await host.desk.teach('', { kind: 'label', label: LABELS[state]!, time });
  }
}

async function liveUntil(isSo: () => boolean, isLabelled = false): Promise<void> {
  for (let k = 0; k < 300 && !isSo(); k++) await live(10, isLabelled);
  expect(isSo(), JSON.stringify(agent.status)).toBe(true);
}

async function open(context: TestContext, token: string): Promise<Page> {
  browser ??= await startBrowser(needs(context, 'chromium'));
  await browser.context.clearCookies();
  const page = await browser.context.newPage();
  const url = new URL(host.pageUrl!);
  url.searchParams.set('token', token);
  await page.goto(String(url));
  await page.locator('#connection[data-state="live"]').waitFor();
  return page;
}

async function picture(page: Page, name: string, viewport: typeof DESKTOP | typeof PHONE): Promise<void> {
  await page.setViewportSize(viewport);
  const excess = () =>
    page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await expect.poll(excess).toBe(0); // plots take their new width with the next picture
  if (PICTURES === undefined) return;
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(PICTURES, `${name}-${viewport.width}.png`), fullPage: true });
}

/** Publishes another base and waits until it is on trial and asks about readings. */
async function beginTrial(): Promise<void> {
  await live(100, true);
  await writeFile(at('pump.spike'), base(2));
  await fleet('publish', at('pump.spike'), '--to', at('site'), '--keys', at('keys'));
}

describe('updates on the page', () => {
  it('show a trial, take the answer to a question, and install and go back when a person says so', {
    timeout: 120_000,
  }, async (context) => {
    const page = await open(context, TOKEN);
    const card = page.locator('#updates');
    await card.getByText('first.spike runs').waitFor();
    await beginTrial();
    await card.getByRole('button', { name: 'Look now' }).click();
    await card.getByText('checks for a newer model now').waitFor();
    await liveUntil(() => agent.entry.state === 'shadow');
    await live(30, true);
    const isAClass = ({ answering }: { answering: string }) => answering !== 'unknown';
    await liveUntil(() => agent.status!.questions.slice(-SHOWN_QUESTIONS).some(isAClass));
    await card.getByText(/is on trial and needs/).waitFor();
    await card
      .getByText(/synaptic operations a sample, old/)
      .first()
      .waitFor();
    expect(await page.locator('#beside').isVisible()).toBe(false);
    await card.getByRole('row', { name: /^carry/ }).waitFor();
    const oldRight = () => agent.status!.trial.reduce((sum, way) => sum + way.oldRight, 0);
    const before = oldRight();
    const { questions } = agent.status!;
    const { answering, watched, id } = questions.findLast(isAClass)!;
    const text = `old says “${answering}”, new says “${watched}” – which was it?`;
    const question = card.locator(`[data-question="${id}"]`);
    await question.getByText(text).waitFor();
    for (const viewport of [DESKTOP, PHONE]) await picture(page, 'trial', viewport);
    expect(await seriousBarriers(page)).toEqual([]);

    await question.getByRole('button', { name: answering, exact: true }).click();
    await card.getByText(`learned that this was “${answering}”`).waitFor();
    await expect.poll(() => agent.status!.questions.some((other) => other.id === id)).toBe(false);
    await question.waitFor({ state: 'detached' });
    await expect.poll(oldRight).toBeGreaterThan(before);

    const { name } = agent.entry.candidate!;
    await card.getByRole('button', { name: 'Install …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`Install ${name} now, without waiting for more labels?`).waitFor();
    await picture(page, 'install', DESKTOP);
    await dialog.getByLabel('How what was learned comes along').selectOption('carry');
    await dialog.getByRole('button', { name: 'Install', exact: true }).click();
    await card.getByText(`${name} runs on probation`).waitFor();
    expect(host.digest).toBe(agent.entry.current!.digest);
    expect(agent.entry.former!.name).toBe('first.spike');
    await expect.poll(() => page.title()).toContain('pump');
    await live(10, true);
    await picture(page, 'probation', DESKTOP);

    await card.getByRole('button', { name: 'Go back …' }).click();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await card.getByText('first.spike runs', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Pin', exact: true }).click();
    await card.getByText('first.spike runs; it is pinned').waitFor();
    await card.getByText('Not installed').click();
    const refused = card.locator('#updates-refused-list li').first();
    await refused.waitFor();
    for (const viewport of [DESKTOP, PHONE]) await picture(page, 'pinned', viewport);
    await card.getByRole('button', { name: 'Unpin' }).click();
    await card.getByText('first.spike runs', { exact: true }).waitFor();
    await refused.getByRole('button', { name: 'Try again' }).click();
    await card.getByText(/tries the refused model again/).waitFor();
    await expect.poll(() => agent.entry.state).toBe('shadow');
  });

  it('let a viewer see, and decide nothing', { timeout: 60_000 }, async (context) => {
    const page = await open(context, VIEWER);
    const card = page.locator('#updates');
    await card.getByText('first.spike runs').waitFor();
    await beginTrial();
    agent.updater!.lookNow();
    await liveUntil(() => agent.status!.questions.length > 0);
    await card
      .getByText(/which was it/)
      .first()
      .waitFor();
    expect(await card.getByRole('button').filter({ visible: true }).count()).toBe(0);
  });
});
