import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, startBrowser } from './browser.ts';
import { type Answers, answersOf } from './engine-answers.ts';

const ZOO = fileURLToPath(new URL('../../models/zoo/', import.meta.url));
const ENGINES = ['clocked', 'event', 'reference', 'auto'];

/** The models of the zoo, which are in whole numbers, and one in real numbers. */
const MODELS = new Map<string, Uint8Array>([
  ...readdirSync(ZOO)
    .filter((name) => name.endsWith('.spike'))
    .map((name) => [basename(name, '.spike'), readFileSync(`${ZOO}${name}`)] as const),
  ['next-reading-float', writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }] }))],
]);

/** The examples of the page about the engines, by name, and what each says that it prints. */
const PAGE = readFileSync(new URL('../../docs/engines.md', import.meta.url), 'utf8');
const EXAMPLES = new Map([...PAGE.matchAll(/^```js (\w+)\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [name!, code!]));
const printed = (code: string) => /^console\.log.*; \/\/ (.*)$/m.exec(code)![1]!;
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** A module and all that it imports as a script for browsers. Rejects where a module of Node is in it. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: HERE },
    ...{ bundle: true, platform: 'browser', format: 'esm', write: false, logLevel: 'silent' },
  });
  return outputFiles[0]!.text;
}

describe('the engines in a browser', () => {
  let browser: Browser | undefined;
  let page: Page | undefined;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.slice(1));
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.end(scripts.get(path) ?? MODELS.get(path) ?? '<!doctype html><title>engines</title>');
  });
  const scripts = new Map<string, string>();

  beforeAll(async () => {
    scripts.set('answers.js', await bundle(`export * from './engine-answers.ts';`));
    for (const [name, code] of EXAMPLES) scripts.set(`example-${name}.js`, await bundle(code));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await browser?.close();
    server.close();
  });

  async function openPage(context: TestContext): Promise<Page> {
    browser ??= await startBrowser(needs(context, 'chromium'));
    if (page !== undefined) return page;
    page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return page;
  }

  it('are bundled without a module of Node, which would be refused', async () => {
    expect([...scripts.keys()]).toEqual([
      'answers.js',
      ...['steps', 'answers', 'states'].map((name) => `example-${name}.js`),
    ]);
    await expect(bundle(`import 'node:fs';`)).rejects.toThrow(/node:fs/);
  });

  it.each([...EXAMPLES.keys()])('print in Node what the example "%s" says', (name) => {
    const code = EXAMPLES.get(name)!;
    const words = ['--input-type=module', '--eval', code];
    const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: HERE, encoding: 'utf8' });
    expect({ stdout: stdout.trim().replace(/\[ (.*) \]/, '[$1]'), stderr }).toEqual({
      stdout: printed(code),
      stderr: '',
    });
  });

  for (const [name, code] of EXAMPLES) {
    it(`print in a browser what the example "${name}" says`, async (context) => {
      const page = await openPage(context);
      const [message] = await Promise.all([
        page.waitForEvent('console'),
        page.evaluate(`import('/example-${name}.js').then(() => {})`),
      ]);
      expect(message.text()).toBe(printed(code));
    });
  }

  for (const model of MODELS.keys()) {
    for (const engine of ENGINES) {
      it(`give the bits of Node: answers and what is learned of ${model} on ${engine}`, async (context) => {
        const inBrowser = await (await openPage(context)).evaluate<Answers>(`(async () => {
          const { answersOf } = await import('/answers.js');
          const bytes = new Uint8Array(await (await fetch('/${model}')).arrayBuffer());
          return answersOf(bytes, '${engine}');
        })()`);
        expect(inBrowser).toEqual(await answersOf(MODELS.get(model)!, engine));
        expect(inBrowser.spikes).toBeGreaterThan(0);
        expect(inBrowser.changed > 0).toBe(model.startsWith('next-reading'));
      });
    }
  }
});
