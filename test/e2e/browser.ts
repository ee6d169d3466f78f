import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Quiet, and with no connection but those of the page. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const DESKTOP = { width: 1280, height: 800 } as const;
export const PHONE = { width: 390, height: 844 } as const;

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts Chromium with an empty profile. Whoever calls this closes it. */
export async function startBrowser(executablePath: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'spikewire-browser-'));
  const options = { executablePath, args: FLAGS, viewport: DESKTOP, colorScheme: 'light' } as const;
  const context = await chromium.launchPersistentContext(profile, options);
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What axe-core finds on a page that is serious or critical: rule and place. */
export function seriousBarriers(page: Page): Promise<string[]> {
  return barriers(page, ['serious', 'critical']);
}

/** What axe-core finds on a page of these impacts: rule and place. */
export async function barriers(
  page: Page,
  impacts: readonly string[] = ['minor', 'moderate', 'serious', 'critical'],
): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // As the debugger, past the content policy of the page, which lets no foreign script in.
  await page.evaluate(await readFile(axe, 'utf8'));
  return page.evaluate<string[]>(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
    violations
      .filter(({ impact }) => ${JSON.stringify(impacts)}.includes(impact))
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))`);
}

export interface ScreenshotOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  /** Whether the picture is as high as the page. */
  readonly fullPage?: boolean;
  /** Waits until the page shows what the picture is for; without it, until the first reading is there. */
  readonly ready?: (page: Page) => Promise<unknown>;
}

/** Opens the live page at an address and writes what a person would see to a PNG file. */
export async function takeScreenshot(
  executablePath: string,
  url: string,
  file: string,
  options: ScreenshotOptions = {},
): Promise<void> {
  const { context, close } = await startBrowser(executablePath);
  try {
    const page = await context.newPage();
    await page.setViewportSize(options.viewport ?? DESKTOP);
    await page.emulateMedia({ colorScheme: options.colorScheme ?? 'light' });
    await page.goto(url);
    await page.locator('#connection[data-state="live"]').waitFor();
    await (options.ready?.(page) ?? page.locator('#verdict:not([data-state="none"])').waitFor());
    await page.screenshot({ path: file, fullPage: options.fullPage ?? false });
  } finally {
    await close();
  }
}
