import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const here = new URL('.', import.meta.url);
const notSuites = ['main.mjs', 'contestant.mjs'];
const suites = readdirSync(here).filter((file) => file.endsWith('.mjs') && !notSuites.includes(file));

describe('bench', () => {
  it.each(suites)('%s loads, and has what a suite needs', async (file) => {
    const suite = await import(new URL(file, here).href);
    expect(suite).toMatchObject({ title: expect.any(String), run: expect.any(Function), table: expect.any(Function) });
  });

  it.each([[[]], [['no-such-suite']], [['engine', 'infer']]])(
    'says what suites there are when called with %j',
    (words) => {
      const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('main.mjs', here)), ...words], {
        encoding: 'utf8',
      });
      expect(status).toBe(2);
      for (const suite of suites) expect(stderr).toContain(suite.slice(0, -'.mjs'.length));
    },
  );
});
