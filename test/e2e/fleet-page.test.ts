import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { Role } from '../../fleet/src/controller/wire/wire.ts';
import { needs } from '../services.ts';
import { type Browser, barriers, DESKTOP, startBrowser } from './browser.ts';
import { confirmButton, decide, failToSignIn, rows, signIn, signOut, visit } from './fleet-browser.ts';
import { DEVICES, HOSTILE, StandInController, TOKENS } from './stand-in-controller.ts';

/* The page of a controller in a browser, before a stand-in that answers as a controller with 10,000 devices. */
const SMALL_PHONE = { width: 360, height: 780 } as const;
const HOSTILE_DEVICE = (3).toString(16).padStart(32, '0');
/** Where pictures of the page are wanted. */
const PICTURES = process.env.SPIKEWIRE_PICTURES;

let controller: StandInController;
let browser: Browser | undefined;
/** What went wrong in the page itself. */
let errors: string[];

beforeEach(async () => {
  errors = [];
  controller = await StandInController.start();
});

afterEach(async () => {
  for (const page of browser?.context.pages() ?? []) await page.close();
  await controller.close();
  expect(errors).toEqual([]);
});

afterAll(() => browser?.close());

async function open(context: TestContext): Promise<Page> {
  browser ??= await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.setViewportSize(DESKTOP);
  await page.goto(controller.url);
  return page;
}

async function openAs(context: TestContext, role: Role): Promise<Page> {
  const page = await open(context);
  await signIn(page, TOKENS[role]);
  return page;
}

const lastRequest = (method: string) => controller.requests.findLast((request) => request.method === method)?.path;

describe('signing in', () => {
  it('refuses an unknown token, and keeps a valid one until the tab closes or the person signs out', async (context) => {
    const page = await open(context);
    await failToSignIn(page, 'nonsense');

    await signIn(page, TOKENS.look);
    await page.reload();
    await page.locator('.tile').first().waitFor();
    expect(await page.evaluate('[localStorage.length, document.cookie, location.search]')).toEqual([0, '', '']);
    await signOut(page);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    expect(await page.locator('nav').isVisible()).toBe(false);
  });

  it('shows each person what their role may do', async (context) => {
    const page = await open(context);
    const seen: Record<string, string[]> = {};
    for (const role of ['look', 'operate', 'release', 'administer'] as const) {
      await signIn(page, TOKENS[role]);
      await visit(page, `devices/${HOSTILE_DEVICE}`, 'Machine pump');
      const buttons = await page.locator('main form button, main .actions button').allTextContents();
      await visit(page, 'rollouts/r2', HOSTILE);
      buttons.push(...(await page.locator('main .actions button').allTextContents()));
      seen[role] = [...(await page.locator('nav a').allTextContents()), ...buttons];
      await signOut(page);
    }
    const [look, devices] = [
      ['Overview', 'Devices', 'Rollouts', 'Learning together', 'History'],
      ['Rename', 'Set labels'],
    ];
    const [tokens, decide] = [look.toSpliced(4, 0, 'Join tokens'), ['Approve …', 'Pause …', 'Abort …']];
    expect(seen).toEqual({
      look,
      operate: [...tokens, ...devices],
      release: [...tokens, ...devices, ...decide],
      administer: [...tokens.toSpliced(5, 0, 'People'), ...devices, 'Retire …', 'Revoke …', ...decide],
    });
  });
});

describe('devices', () => {
  it('are counted by health, and grouped by a label', async (context) => {
    const page = await openAs(context, 'look');
    expect(await page.locator('.tile strong').allTextContents()).toEqual(['7,000', '1,000', '2,000', '0', '0']);
    expect(await rows(page, 'Groups').count()).toBe(5);
    await page.getByRole('link', { name: 'With a problem' }).click();
    await page.getByLabel('Health').waitFor();
    await expect.poll(() => rows(page, 'Devices').first().textContent()).toContain('With a problem');
    expect(await page.getByLabel('Health').inputValue()).toBe('problem');
  });

  it('are read 50 at a time, however many there are', async (context) => {
    const page = await openAs(context, 'look');
    await visit(page, 'devices', 'Devices');
    await expect.poll(() => rows(page, 'Devices').count()).toBe(50);
    await page.getByRole('button', { name: 'Next devices' }).click();
    await expect.poll(() => rows(page, 'Devices').first().textContent()).toContain('pump 00050');
    expect(await page.getByText('Devices 51 to 100').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Previous devices' }).click();
    await expect.poll(() => rows(page, 'Devices').first().textContent()).toContain('pump 00000');
    expect(await rows(page, 'Devices').count()).toBe(50);

    const read = controller.requests.filter(({ path }) => path.startsWith('/v1/devices'));
    expect(Math.max(...read.map(({ items }) => items))).toBe(50);
    expect(controller.requests.reduce((sum, { items }) => sum + items, 0)).toBeLessThan(DEVICES / 20);
  });

  it('are found while their name is typed, and the address keeps the search', async (context) => {
    const page = await openAs(context, 'look');
    await visit(page, 'devices', 'Devices');
    await page.getByRole('button', { name: 'Next devices' }).click();
    await page.getByText('Devices 51 to 100').waitFor();
    await page.getByLabel('Name or id').pressSequentially('pump 0999', { delay: 20 });
    await expect.poll(() => rows(page, 'Devices').count()).toBe(10);
    await page.getByLabel('Labels').fill('room=yard, floor=0');
    await expect.poll(() => rows(page, 'Devices').allTextContents()).toEqual([expect.stringContaining('pump 09993')]);
    expect(new URL(page.url()).hash).toBe('#/devices?search=pump+0999&label=room%3Dyard%2C+floor%3D0');
    await page.reload();
    await expect.poll(() => rows(page, 'Devices').count()).toBe(1);
    const typed = controller.requests.filter(({ path }) => path.includes('search=pump'));
    expect(typed.length).toBeLessThan(8); // not one for each of the 9 letters, and a filter and a reload behind
  });

  it('are renamed, labelled, retired and revoked, the latter after a question', async (context) => {
    const page = await openAs(context, 'administer');
    await visit(page, `devices/${HOSTILE_DEVICE}`, 'Machine pump');
    await page.getByLabel('Name', { exact: true }).fill('press 4');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.locator('h2', { hasText: 'press 4' }).waitFor();
    await page.getByLabel('Labels').fill('room');
    await page.getByRole('button', { name: 'Set labels' }).click();
    await expect.poll(() => page.locator('#answer').textContent()).toContain('“room” is not a label');
    await page.getByLabel('Labels').fill('room=attic');
    await page.getByRole('button', { name: 'Set labels' }).click();
    await expect.poll(() => page.locator('#answer').textContent()).toBe('The device has its new labels.');
    expect(controller.devices[3]).toMatchObject({ name: 'press 4', labels: { room: 'attic' } });

    await page.getByRole('button', { name: 'Revoke …' }).click();
    expect(await page.locator('#dialog-question').textContent()).toContain('Revoke “press 4”?');
    await page.keyboard.press('Escape');
    expect(controller.devices[3]!.health).toBe('reporting');
    await page.getByRole('button', { name: 'Retire …' }).click();
    await confirmButton(page).click();
    await expect.poll(() => page.locator('.health').first().textContent()).toContain('Retired');
    expect(await rows(page, 'History').count()).toBe(3);
  });

  it('have hostile names that are shown as text', async (context) => {
    const page = await openAs(context, 'administer');
    for (const [place, heading] of [
      ['devices', 'Devices'],
      [`devices/${HOSTILE_DEVICE}`, HOSTILE],
      ['rollouts/r2', HOSTILE],
      ['', 'Open rollouts'],
    ] as const) {
      await visit(page, place, heading);
      await page.getByText(HOSTILE).first().waitFor();
      expect(await page.locator('main img, main script').count()).toBe(0);
    }
    expect(await page.title()).not.toBe('hacked');
  });
});

describe('a rollout', () => {
  it('shows where it stands, what labels say, and its machines', async (context) => {
    const page = await openAs(context, 'look');
    await visit(page, 'rollouts/r1', 'pump-8 everywhere');
    const text = (await page.locator('main').textContent())!.replace(/\s+/g, ' ');
    expect(text).toContain('Wave 1 of 3: the new base answers on the machines of this wave');
    expect(text).toContain('It is worse: e = below 0.01, limit 100');
    expect(text).toContain('It is not worse: e = 5.4, limit 20');
    const states = Object.values(controller.rollouts[0]!.states);
    expect(states.reduce((sum, count) => sum + count, 0)).toBe(DEVICES);
    const shown = await page.locator('.legend strong').allTextContents();
    expect(shown.map((count) => Number(count.replace(',', ''))).toSorted()).toEqual(states.toSorted());
    // As wide as its share: 398 of 10,000.
    const bar = page.locator('.bar').first();
    const widths = bar.locator('rect').evaluateAll((boxes) => boxes.map((box) => box.getAttribute('width')));
    expect(Number((await widths)[0])).toBeCloseTo(39.8, 6);

    await page.getByLabel('State').selectOption('failed');
    await expect.poll(() => rows(page, 'Machines of the rollout').count()).toBe(1);
    expect(await rows(page, 'Machines of the rollout').textContent()).toContain('self-test 3 differs');
  });

  it('is paused, resumed, approved and aborted, each after a question that says what happens', async (context) => {
    const page = await openAs(context, 'release');
    await visit(page, 'rollouts/r2', HOSTILE);
    const phase = () => page.locator('.standing').textContent();
    await decide(page, 'Pause', 'No machine gets a new order');
    await expect.poll(phase).toBe('Paused (waits for approval)');
    await decide(page, 'Resume', 'Machines get orders of this rollout again.');
    await expect.poll(phase).toBe('Waits for approval');
    await decide(page, 'Approve', 'Wave 1 of 3 begins: the new base comes to 500 of 10,000 machines.');
    await expect.poll(phase).toBe('Wave 1');
    await decide(page, 'Abort', '398 machines return from the new base to the former one');
    await expect.poll(phase).toBe('Stopped');
    expect(await page.locator('main .actions button').count()).toBe(0);
    expect(controller.history.slice(1).map(({ action }) => action)).toEqual(['pause', 'resume', 'approve', 'abort']);
  });

  it('begins from an offer with the default plan, as far as a person does not change it', async (context) => {
    const page = await openAs(context, 'release');
    await visit(page, 'rollouts', 'Rollouts');
    await page.getByRole('link', { name: 'Begin a rollout' }).click();
    await page.getByLabel('Name of the rollout').fill('to the yard');
    await page.getByLabel('Only devices with labels').fill('room=yard');
    await page.getByLabel('Machines on trial').fill('10');
    await page.getByRole('button', { name: 'Begin …' }).click();
    expect(await page.locator('#dialog-question').textContent()).toContain('devices with room=yard');
    await confirmButton(page).click();
    await expect.poll(() => page.locator('#answer').textContent()).toContain('plan, shadow: is 10');
    await page.getByLabel('Machines on trial').fill('60');
    await page.getByRole('button', { name: 'Begin …' }).click();
    await confirmButton(page).click();
    await page.locator('h2', { hasText: 'to the yard' }).waitFor();
    const [begun, , before] = controller.rollouts;
    expect(begun).toMatchObject({ labels: { room: 'yard' }, plan: { ...before!.plan, shadow: 60 } });
  });
});

describe('people and tokens', () => {
  it('are made, shown once, and withdrawn', async (context) => {
    const page = await openAs(context, 'administer');
    await visit(page, 'tokens', 'Make a token');
    await page.getByLabel('Labels').fill('room=hall');
    await page.getByRole('button', { name: 'Make', exact: true }).click();
    const command = page.locator('.secret pre');
    const address = controller.url.replace(/\/$/, '');
    await expect.poll(() => command.textContent()).toBe(`spikewire agent --controller ${address} --join join-c0ffee00`);
    await page.getByRole('button', { name: 'I have it' }).click();
    await expect.poll(() => command.count()).toBe(0);
    await page.getByRole('button', { name: 'Withdraw token c0ffee00 …' }).click();
    await confirmButton(page).click();
    await expect.poll(() => lastRequest('DELETE')).toBe('/v1/tokens/c0ffee00?');

    await visit(page, 'people', 'Add a person');
    await page.getByLabel('Name').fill('Grace');
    await page.getByLabel('Role').selectOption('release');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect.poll(() => command.textContent()).toBe('person-Grace');
    await visit(page, 'history', 'History');
    await visit(page, 'people', 'Add a person');
    expect(await command.count()).toBe(0);
    await page.getByRole('button', { name: 'Remove Grace …' }).click();
    await confirmButton(page).click();
    await expect.poll(() => rows(page, 'People').count()).toBe(1);
  });

  it('leave a history whose chain can be checked', async (context) => {
    const page = await openAs(context, 'look');
    await visit(page, 'history', 'History');
    expect(await rows(page, 'History').count()).toBe(1);
    await page.getByRole('button', { name: 'Check the chain' }).click();
    await page.getByText('All 1 entries fit together').waitFor();
  });
});

describe('the connection', () => {
  it('shows changes, and leaves what a person types and where the keyboard is', async (context) => {
    const page = await openAs(context, 'operate');
    await visit(page, `devices/${HOSTILE_DEVICE}`, 'Machine pump');
    await page.getByLabel('Labels').fill('room=atti');
    controller.devices[3] = { ...controller.devices[3]!, health: 'silent' };
    controller.changed('devices');
    await expect.poll(() => page.locator('.health').first().textContent()).toContain('Silent');
    await page.keyboard.type('c');
    expect(await page.getByLabel('Labels').inputValue()).toBe('room=attic');
  });

  it('reads many changes together, and none that the view is not about', async (context) => {
    const page = await openAs(context, 'look');
    await visit(page, 'history', 'History');
    await page.waitForTimeout(4000); // what it reads because the stream has begun
    const before = controller.requests.length;
    for (let k = 0; k < 200; k++) controller.changed('devices', 'rollouts');
    controller.changed('history');
    for (let k = 0; k < 50; k++) controller.changed('history');
    await expect.poll(() => controller.requests.length).toBe(before + 2); // its status and its entries
    await page.waitForTimeout(4000);
    expect(controller.requests.length).toBeLessThanOrEqual(before + 4);
  });

  it('says that it is lost, keeps what it showed, and comes back; without a stream it asks', async (context) => {
    const page = await openAs(context, 'look');
    const state = () => page.locator('#connection').getAttribute('data-state');
    controller.streams = false;
    controller.cut();
    await expect.poll(state).toBe('asking');
    controller.isDown = true;
    await expect.poll(state).toBe('lost');
    expect(await page.locator('#connection').textContent()).toContain('No connection to the controller');
    expect(await page.locator('.tile').count()).toBe(5);
    controller.isDown = false;
    await expect.poll(state).toBe('asking');
    controller.streams = true;
    await expect.poll(state).toBe('live');
  });
});

describe('each view', () => {
  it('has no barrier that axe-core knows, and fits a phone, light and dark', async (context) => {
    const page = await openAs(context, 'administer');
    controller.tokens.push({
      id: 'c0ffee',
      labels: { room: 'hall' },
      expires: 2e12,
      uses: 3,
      madeBy: 'Ada',
      made: 1.7e12,
    });
    for (const colorScheme of ['light', 'dark'] as const)
      for (const viewport of [DESKTOP, SMALL_PHONE]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        for (const [place, heading] of VIEWS) {
          await visit(page, place, heading);
          const excess = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
          const where = `${place}, ${viewport.width} px, ${colorScheme}`;
          expect(await page.evaluate<number>(excess), where).toBe(0);
          expect(await barriers(page), where).toEqual([]);
          if (PICTURES === undefined) continue;
          const name = `fleet-${place.replaceAll('/', '-') || 'overview'}-${viewport.width}-${colorScheme}.png`;
          await page.screenshot({ path: join(PICTURES, name), fullPage: true });
        }
      }
  });

  it('is reached and used by the keyboard', async (context) => {
    const page = await openAs(context, 'release');
    await page.reload();
    await page.locator('.tile').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash).toBe('#/devices?health=reporting');
    await visit(page, 'rollouts/r1', 'pump-8 everywhere');
    await page.getByRole('button', { name: 'Abort …' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Abort …');
  });
});

const VIEWS: readonly (readonly [place: string, heading: string])[] = [
  ['', 'Open rollouts'],
  ['devices', 'Devices'],
  [`devices/${HOSTILE_DEVICE}`, 'Machine pump'],
  ['rollouts', 'Rollouts'],
  ['rollouts/r1', 'pump-8 everywhere'],
  ['rollouts/r2', HOSTILE],
  ['rounds', 'Learning together'],
  ['begin', 'Begin a rollout'],
  ['tokens', 'Make a token'],
  ['people', 'Add a person'],
  ['history', 'History'],
];
