import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { updateFields } from '../../nodes/src/nets/update-settings.ts';
import { palette } from '../../nodes/src/palette/palette.ts';
import { needs } from '../services.ts';
import { type Browser, seriousBarriers, startBrowser } from './browser.ts';
import { NEWEST, NodeRedProcess } from './node-red-process.ts';

const MOST_ROWS = 5;

/** Of each type a new node, as far as it has a form; those in no flow stand in one that refers to them. */
const TYPES = palette.filter(({ category, type }) => category !== 'config' && type !== 'spikewire-monitor');
const FLOW = [
  { id: 'tab', type: 'tab', label: 'forms' },
  { id: 'tank', type: 'spikewire-net', model: '', modelType: 'file' },
  ...TYPES.map(({ type }, k) => ({
    ...{ id: type, type, z: 'tab', x: 150 + 250 * (k % 3), y: 60 + 60 * Math.floor(k / 3), wires: [] },
    ...(type === 'spikewire-infer' && { net: 'tank' }),
  })),
  ...[
    { id: 'holding', type: 'spikewire-anomaly', missing: 'hold' },
    { id: 'elsewhere', type: 'spikewire-classify', device: 'event' },
    { id: 'unlearned', type: 'spikewire-anomaly', learning: false },
  ].map((node, k) => ({ ...node, z: 'tab', x: 150 + 250 * k, y: 420, wires: [] })),
];

/** Where pictures of forms are wanted. */
const PICTURES = process.env.SPIKEWIRE_PICTURES;

function textsOf(language: string, type: string) {
  const file = new URL(`../../nodes/palette/locales/${language}/${type}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

let nodeRed: NodeRedProcess | undefined;
let browser: Browser | undefined;
afterEach(async () => {
  await browser?.close();
  await nodeRed?.close();
});

async function openEditor(page: Page, language: string): Promise<void> {
  await page.addInitScript(`localStorage.setItem('editor-language', '${language}')`);
  await page.goto(nodeRed!.url);
  await page.locator('[id="spikewire-anomaly"]').waitFor();
}

/** Opens the form of a node, and has it closed afterwards. */
async function withForm(page: Page, id: string, look: (form: Locator) => Promise<void>): Promise<void> {
  await page.locator(`[id="${id}"]`).dblclick();
  await page.locator('#node-input-name').waitFor();
  await look(page.locator('.red-ui-tray').last());
  await page.locator('#node-dialog-cancel').click();
  await page.locator('.red-ui-tray').first().waitFor({ state: 'detached' });
}

const rowsIn = (form: Locator) => form.locator('.form-row:visible').count();
const foldOf = (form: Locator) => form.locator('details.spikewire-more');
const isOpen = (form: Locator) => foldOf(form).evaluate((fold) => (fold as unknown as { open: boolean }).open);

/**
 * Presses Enter on the fold unless it is open. A key is lost when the editor moves the focus at the end of its
 * animation.
 */
async function openByKey(form: Locator): Promise<boolean> {
  if (!(await isOpen(form))) await foldOf(form).locator('summary').press('Enter');
  return isOpen(form);
}

it.for(['en-US', 'de'])(
  'forms show five lines, and the others when they are asked for: %s',
  async (language, context) => {
    const chromium = needs(context, 'chromium');
    nodeRed = await NodeRedProcess.start(NEWEST, FLOW);
    browser = await startBrowser(chromium);
    const page = await browser.context.newPage();
    const failures: string[] = [];
    page.on('pageerror', ({ message }) => failures.push(message));
    await openEditor(page, language);
    for (const { type, fields, first, sections = {} } of TYPES) {
      const texts = textsOf(language, type);
      await withForm(page, type, async (form) => {
        const before = await rowsIn(form);
        expect(before, type).toBeLessThanOrEqual(MOST_ROWS);
        expect(await foldOf(form).count(), type).toBe(first === undefined ? 0 : 1);
        if (first === undefined) return;
        expect(await isOpen(form), type).toBe(false);
        const heading = foldOf(form).locator('summary');
        expect(await heading.textContent()).toBe(texts.more);
        await expect.poll(() => openByKey(form), { message: type }).toBe(true);
        expect(await rowsIn(form), type).toBeGreaterThan(before);
        for (const section of Object.keys(sections)) {
          const fold = form.locator(`details.spikewire-${section}`);
          expect(await fold.locator('summary').textContent()).toBe(texts.section[section]);
          await fold.locator('summary').click();
        }
        const always = Object.keys(fields).filter((name) => fields[name]!.when === undefined);
        for (const name of always) expect(await form.locator(`#node-input-${name}-row`).isVisible(), name).toBe(true);
      });
    }
    // That of a net, which stands in no flow.
    await withForm(page, 'spikewire-infer', async () => {
      await page.locator('#node-input-lookup-net, #node-input-btn-net-edit').first().click();
      await page.locator('#node-config-input-model-row').waitFor();
      const form = page.locator('.red-ui-tray').last();
      expect(await rowsIn(form)).toBeLessThanOrEqual(MOST_ROWS);
      await foldOf(form).locator('summary').click();
      expect(await form.locator('#node-config-input-store').isVisible()).toBe(true);
      const texts = textsOf(language, 'spikewire-net');
      const updates = form.locator('details.spikewire-updates');
      expect(await updates.locator('summary').textContent()).toBe(texts.section.updates);
      expect(await form.locator('#node-config-input-repository').isVisible()).toBe(false);
      await updates.locator('summary').click();
      for (const name of Object.keys(updateFields))
        expect(await form.locator(`#node-config-input-${name}-row`).textContent(), name).toContain(texts.field[name]);
      const repository = form.locator('#node-config-input-repository');
      expect(await repository.getAttribute('placeholder')).toBe(texts.hint.repository);
      expect(await form.locator('#node-config-input-lookEvery').inputValue()).toBe('3600');
      await form.locator('#node-config-input-lookEvery').scrollIntoViewIfNeeded();
      if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `node-red-updates-${language}.png`) });
      await page.locator('#node-config-dialog-cancel').click();
      await page.locator('#node-input-net').waitFor();
    });
    // What is not at its default is in sight.
    for (const [id, name] of [
      ['holding', 'missing'],
      ['elsewhere', 'device'],
      ['unlearned', 'learning'],
    ] as const) {
      await withForm(page, id, async (form) => {
        expect(await isOpen(form), id).toBe(true);
        expect(await form.locator(`#node-input-${name}`).isVisible(), id).toBe(true);
        const barriers = await seriousBarriers(page);
        expect(barriers.filter((barrier) => /spikewire|summary|details/.test(barrier))).toEqual([]);
      });
    }
    expect(failures).toEqual([]);
  },
);
