import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, writeModel } from '@spikewire/models';
import type { Page } from 'playwright-core';
import type { MachineOrder, MachineReport, Orders } from 'spikewire/agent';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  deviceReport,
  machineReport,
  sha,
  type TestDevice,
} from '../../fleet/src/controller/devices/test-device.test-data.ts';
import { needs } from '../services.ts';
import { type Browser, barriers, DESKTOP, PHONE, startBrowser } from './browser.ts';
import { killAll, runCommand } from './command.ts';
import { confirmButton, decide, failToSignIn, signIn, signOut, visit } from './fleet-browser.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';
import { asked, hasSqlite, joinedBy, post, type ServedController, serveController } from './served-controller.ts';

/* The page of a real controller in a browser, and devices whose texts mean harm. */
const CODE = `<img src=x onerror="document.title='hacked'">`;
const QUOTES = `"'\`&quot;</td></table><b>&amp;`;
const REVERSED = 'pump \u202efdp.exe\u2066';
const LONG = 'W'.repeat(64);
const NAMES = [CODE, QUOTES, REVERSED, LONG];
/** Marks that turn the direction of writing: they would change how the text beside a name reads. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/;
const visible = (text: string) => text.replace('\u202e', '\\u202e').replace('\u2066', '\\u2066');

let folder: string;
let controller: ServedController | undefined;
let browser: Browser | undefined;
let broker: Mosquitto | undefined;
/** What went wrong in the page itself. */
let errors: string[];
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  errors = [];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-served-page-'));
});
afterEach(async () => {
  await browser?.close();
  await broker?.close();
  await killAll(controller === undefined ? [] : [controller.command]);
  [browser, broker, controller] = [undefined, undefined, undefined];
  await rm(folder, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

/** A repository with one base of the model pump. */
async function publishPump(): Promise<void> {
  const channels = ['vibration', 'current'].map((name) => ({ name, unit: '' }));
  const standardise = { mean: [0, 0], deviation: [1, 1] };
  const labels = ['off', 'on'];
  const model = classifierModel({ channels, labels, standardise, running: false, neurons: 24, seed: 1 });
  await writeFile(at('pump.spike'), writeModel(model));
  for (const words of [
    ['init', 'site', '--keys', 'keys'],
    ['publish', 'pump.spike', '--to', 'site', '--keys', 'keys'],
  ])
    expect((await runCommand(['fleet', ...words], folder)).code).toBe(0);
}

/** A device that does what it is told: it tries a base with good labels, and installs it. */
class ObedientDevice {
  readonly device: TestDevice;
  #change: Partial<MachineReport> = {};

  constructor(device: TestDevice) {
    this.device = device;
  }

  async report(): Promise<void> {
    const refused = [{ sha256: sha('c'), cause: 'model', reason: CODE }] as const;
    const groups = [QUOTES, REVERSED];
    const other = machineReport({
      machine: CODE,
      model: QUOTES,
      channel: REVERSED,
      groups,
      problem: REVERSED,
      refused,
    });
    const report = {
      ...deviceReport([machineReport({ ...this.#change }), other]),
      ...{ version: CODE, platform: REVERSED },
    };
    const answer = await post(controller!, this.device, '/v1/report', report);
    expect(answer.status).toBe(200);
    this.#obey(((await answer.json()) as Orders).machines.pump!);
  }

  #obey(order: MachineOrder): void {
    if (order.kind === 'install') {
      const base = {
        sha256: order.sha256,
        name: REVERSED,
        carrying: 'carry',
        since: '2026-12-01T00:00:00.000Z',
      } as const;
      this.#change = { state: 'probation', base, former: sha('a') };
    } else if (order.kind === 'try') {
      const counts = { compared: 1000, differed: 100, labelled: 60, gained: 50, lost: 10, ended: null };
      const trial = { sha256: order.sha256, ways: [{ carrying: 'carry', ...counts }] } as const;
      this.#change = { state: 'shadow', candidate: order.sha256, trial };
    }
  }
}

async function newFleet(): Promise<ObedientDevice[]> {
  const labels = NAMES.flatMap((name, k) => ['--label', `${name.replaceAll('=', '')}${k}=${name}`]);
  const { token } = await asked(controller!, 'token', '--uses', String(NAMES.length), ...labels);
  const devices: ObedientDevice[] = [];
  for (const name of NAMES) devices.push(new ObedientDevice(await joinedBy(controller!, token, name)));
  return devices;
}

async function allReport(devices: readonly ObedientDevice[]): Promise<void> {
  for (const device of devices) await device.report();
}

/** Expects names as text, in a view that everybody can use, on a phone too. */
async function inspect(page: Page, place: string, heading: string, texts: readonly string[]): Promise<void> {
  await visit(page, place, visible(heading));
  for (const text of texts) await page.locator('main', { hasText: visible(text) }).waitFor();
  expect(await page.locator('main img, main script, main b').count(), place).toBe(0);
  expect(await page.evaluate<string>('document.documentElement.textContent'), place).not.toMatch(TURNING);
  expect(await page.title()).not.toBe('hacked');
  for (const viewport of [DESKTOP, PHONE]) {
    await page.setViewportSize(viewport);
    const excess = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate<number>(excess), `${place}, ${viewport.width} px`).toBe(0);
    expect(await barriers(page), `${place}, ${viewport.width} px`).toEqual([]);
  }
  await page.setViewportSize(DESKTOP);
}

it('a rollout is begun, approved and ended on the page, among hostile names', async (context) => {
  if (!hasSqlite) context.skip('needs SQLite, which this release of Node does not have');
  browser = await startBrowser(needs(context, 'chromium'));
  await publishPump();
  const repository = ['--repository', 'site', '--root', 'site/metadata/1.root.json'];
  controller = await serveController(folder, ...repository, '--every', '1');
  const devices = await newFleet();
  await allReport(devices);

  const page = await browser.context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(controller.address);
  await failToSignIn(page, 'nonsense');
  expect(await barriers(page)).toEqual([]);
  await signIn(page, (await readFile(controller.tokenFile!, 'utf8')).trim());
  await inspect(page, 'devices', 'Devices', NAMES);
  for (const [k, { device }] of devices.entries()) {
    await inspect(page, `devices/${device.id}`, NAMES[k]!, NAMES.slice(0, 3));
    await page.getByRole('button', { name: 'Retire …' }).click();
    const question = await page.locator('#dialog-question').textContent();
    expect(question).toContain(`Retire “${visible(NAMES[k]!)}”?`);
    await page.keyboard.press('Escape');
  }

  // Begun: the machines try the base.
  await inspect(page, 'begin', 'Begin a rollout', ['stable/pump.spike']);
  await page.getByLabel('Name of the rollout').fill(REVERSED);
  await page.getByLabel('Waves in %').fill('100');
  await page.getByLabel('Hours of a wave').fill('0');
  await page.getByRole('button', { name: 'Begin …' }).click();
  await confirmButton(page).click();
  await page.locator('h2', { hasText: visible(REVERSED) }).waitFor();
  const phase = () => page.locator('.standing').textContent();
  expect(await phase()).toBe('On trial');
  const place = new URL(page.url()).hash.slice('#/'.length);
  // The first answer tells them to try it; the second report has what they counted.
  for (let k = 0; k < 2; k++) await allReport(devices);

  // Held, since four machines say too little; approved by a person.
  await expect.poll(phase).toBe('Waits for approval');
  await inspect(page, place, REVERSED, NAMES);
  expect(await page.locator('main').textContent()).toContain('4 machines are too few to decide by them');
  await inspect(page, '', 'Open rollouts', [REVERSED]);
  await visit(page, place, visible(REVERSED));
  await decide(page, 'Approve', 'Wave 1 of 1 begins: the new base comes to 4 of 4 machines.');
  await expect.poll(phase).toBe('Wave 1');
  for (let k = 0; k < 2; k++) await allReport(devices);
  await expect.poll(phase).toBe('Done');
  expect(await page.locator('main .actions button').count()).toBe(0);
  await inspect(page, 'rollouts', 'Rollouts', [REVERSED]);

  // Somebody who may only look sees no buttons, and gets no view of people or tokens.
  await inspect(page, 'tokens', 'Make a token', []);
  await visit(page, 'people', 'Add a person');
  const add = async (name: string) => {
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
  };
  await add(CODE);
  await expect.poll(() => page.locator('#answer').textContent()).toContain('is not a name; expected 1 to 64 letters');
  await add('Ben');
  const looker = await page.locator('.secret pre').textContent();
  await inspect(page, 'people', 'Add a person', ['Ben']);
  await signOut(page);
  await signIn(page, looker!.trim());
  expect(await page.locator('nav a').allTextContents()).toEqual([
    'Overview',
    'Devices',
    'Rollouts',
    'Learning together',
    'History',
  ]);
  for (const [where, heading] of [
    [`devices/${devices[0]!.device.id}`, CODE],
    [place, REVERSED],
  ] as const) {
    await inspect(page, where, heading, [CODE]);
    expect(await page.locator('main form, main .actions button').count()).toBe(0);
  }
  await inspect(page, 'history', 'History', [CODE, REVERSED]);

  const { rollouts } = await asked(controller, 'rollout');
  expect(rollouts).toEqual([expect.objectContaining({ name: REVERSED, phase: 'done', installed: NAMES.length })]);
  const history = await asked(controller, 'history', '--about', rollouts[0].id, '--limit', '100');
  const acts = history.entries.map(({ action }: { action: string }) => action);
  expect(acts.toReversed()).toEqual(expect.arrayContaining(['begin', 'approve']));
});

it('the page shows live values of a device as text, whatever the broker says, and none after 5 s', async (context) => {
  if (!hasSqlite) context.skip('needs SQLite, which this release of Node does not have');
  needs(context, 'mosquitto');
  browser = await startBrowser(needs(context, 'chromium'));
  broker = await startMosquitto();
  controller = await serveController(folder, '--mqtt', broker!.url);
  const { token } = await asked(controller, 'token');
  const device = await joinedBy(controller, token, 'north');
  await post(controller, device, '/v1/report', deviceReport([machineReport({})]));
  const own = `spikewire/fleet/${device.id}`;
  let looks = 0;
  const link = await MqttLink.connect(broker!.url, {
    ...{ clientId: 'hostile', random: () => 0.5 },
    subscriptions: [{ filter: `${own}/look`, handler: () => void looks++ }],
  });
  const say = (said: string | object, machine = 'pump', retain = false) =>
    link.publish(`${own}/live/${machine}`, typeof said === 'string' ? said : JSON.stringify(said), { retain });
  await say({ readings: 1, answer: 'kept' }, 'pump', true);

  const page = await browser.context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(controller.address);
  await signIn(page, (await readFile(controller.tokenFile!, 'utf8')).trim());
  expect(looks).toBe(0);
  await visit(page, `devices/${device.id}`, 'north');
  await expect.poll(() => looks).toBeGreaterThan(0);
  const shown = () => page.locator('.live').textContent();
  const height = () => page.evaluate<number>('document.documentElement.scrollHeight');
  await new Promise((resolve) => setTimeout(resolve, 1500)); // what the broker has kept would be shown now
  const empty = [await shown(), await height()];
  expect(empty[0]).toBe('');
  for (const [answer, text] of [
    [CODE, CODE],
    [REVERSED, visible(REVERSED)],
    [`${LONG}${LONG}`, `${LONG}${LONG}`],
  ] as const) {
    for (const wrong of [CODE, { readings: CODE }, { readings: 1, answer: 'x'.repeat(5000) }]) await say(wrong);
    await say({ readings: 9, answer: 'elsewhere' }, 'fan');
    await say({ readings: 1234, score: 1.5, anomaly: true, answer });
    await expect.poll(shown).toBe(`Live: answer “${text}”, score 1.50, unusual, reading 1,234`);
    expect(await height()).toBe(empty[1]);
    await inspect(page, `devices/${device.id}`, 'north', []);
  }
  await expect.poll(shown, { timeout: 10_000 }).toBe('');
  await visit(page, 'devices', 'Devices');
  const metrics = await fetch(new URL('/metrics', controller.address), {
    headers: { authorization: `Bearer ${(await readFile(controller.tokenFile!, 'utf8')).trim()}` },
  });
  expect(await metrics.text()).toMatch(/^spikewire_fleet_live_messages_total\{result="dropped"\} [1-9]/m);
  await link.close();
  expect(controller.command.stderr()).not.toContain('devices get no hints');
});
