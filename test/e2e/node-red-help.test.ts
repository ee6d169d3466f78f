import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { palette } from '../../nodes/src/palette/palette.ts';
import { needs } from '../services.ts';
import { type Browser, startBrowser } from './browser.ts';
import { NEWEST, NodeRedProcess } from './node-red-process.ts';

const LOCALES = fileURLToPath(new URL('../../nodes/palette/locales', import.meta.url));
const LANGUAGES = readdirSync(LOCALES);

/** What a page shows of a help. */
interface Shown {
  /** Names of items, without the types beside them. */
  readonly terms: readonly string[];
  /** Every text between two tags; behind a tag that has ended in the same line, it begins with an ellipsis. */
  readonly texts: readonly string[];
  readonly codes: readonly string[];
}

let nodeRed: NodeRedProcess;
let browser: Browser | undefined;
/** The helps by language and type, as the editor renders them. */
const shown = new Map<string, Readonly<Record<string, Shown>>>();

beforeAll(async () => {
  nodeRed = await NodeRedProcess.start(NEWEST, []);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await nodeRed.close();
});

async function helpOf(context: TestContext, language: string, type: string): Promise<Shown> {
  browser ??= await startBrowser(needs(context, 'chromium'));
  if (!shown.has(language)) {
    const page = await browser.context.newPage();
    await page.addInitScript(`localStorage.setItem('editor-language', '${language}')`);
    await page.goto(nodeRed.url);
    await page.locator(`[data-palette-type="${type}"]`).or(page.locator('#red-ui-palette')).first().waitFor();
    await page.waitForFunction("document.querySelector('script[data-help-name=spikewire-source]') !== null");
    const render = `(type) => {
      const help = document.createElement('div');
      help.innerHTML = RED.nodes.getNodeHelp(type);
      const terms = [...help.querySelectorAll('dt')].map((term) => term.firstChild.textContent.trim());
      const walk = document.createTreeWalker(help, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walk.nextNode()) {
        const { textContent, previousSibling } = walk.currentNode;
        texts.push((previousSibling === null ? '' : '…') + textContent);
      }
      const codes = [...help.querySelectorAll('code')].map((code) => code.textContent);
      return { terms, texts, codes };
    }`;
    const all = palette.map((node) => node.type);
    const helps = await page.evaluate<Shown[]>(`${JSON.stringify(all)}.map(${render})`);
    shown.set(language, Object.fromEntries(all.map((name, k) => [name, helps[k]!])));
    await page.close();
  }
  return shown.get(language)![type]!;
}

function read(language: string, file: string): string {
  return readFileSync(`${LOCALES}/${language}/${file}`, 'utf8');
}

describe.each(LANGUAGES.flatMap((language) => palette.map((node) => [node.type, language, node] as const)))(
  'the help of %s in %s, in the editor',
  (type, language, { fields }) => {
    it('has an item for each of its source, and for each field of the form', async (context) => {
      const { terms } = await helpOf(context, language, type);
      const source = read(language, `${type}.html`);
      expect(terms.length).toBe([...source.matchAll(/^\s*(?:<dt>|: )/gm)].length);
      const labels = JSON.parse(read(language, `${type}.json`)).field;
      expect(Object.keys(fields).filter((name) => !terms.includes(labels[name]))).toEqual([]);
    });

    it('has no code that is wider than a sidebar, where it does not break', async (context) => {
      const { codes } = await helpOf(context, language, type);
      expect(codes.filter((code) => code.length > 32)).toEqual([]);
    });

    it('shows no mark of how it is written', async (context) => {
      const { texts } = await helpOf(context, language, type);
      expect(texts.length).toBeGreaterThan(5);
      // A list that is none, a star that makes nothing slanted, a code in the middle of HTML, a tag that is text, a
      // line for which the build has put in nothing.
      expect(texts.filter((text) => /^\s*: |\n: |\*\w|`|^###|<\/?d[ltd]>|\{\{/.test(text))).toEqual([]);
    });
  },
);
