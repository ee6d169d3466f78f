import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tablesOf, updatedTable } from './page.mjs';
import { siteOf } from './site.mjs';

const MODULE = {
  rows: { a: 1, b: 2, z: 3 },
  quickRows: { small: 0 },
  options: { seeds: { default: '1,2,3', quick: '7', help: 'seeds' } },
  steps: () => [],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'study-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('measures all rows, or the named ones, or in the small form a few of its own', () => {
  expect(siteOf('x', MODULE, [])).toMatchObject({ chosen: ['a', 'b', 'z'], seeds: [1, 2, 3], isQuick: false });
  expect(siteOf('x', MODULE, ['--seeds', '4', 'b'])).toMatchObject({ chosen: ['b'], seeds: [4] });
  expect(siteOf('x', MODULE, ['--quick'])).toMatchObject({ chosen: ['small'], seeds: [7], isQuick: true });
});

it('refuses rows and options that it does not know', () => {
  expect(() => siteOf('x', MODULE, ['c'])).toThrow('there is no "c", only a; b; z');
  expect(() => siteOf('x', MODULE, ['--fronts', '5'])).toThrow('--fronts');
});

it('leaves rows without results as they are, and counts them', () => {
  const before = [
    { task: 'a', s: '7' },
    { task: 'b', s: '' },
  ];
  const site = siteOf('x', MODULE, []);
  const known = new Map([['b', ['b', '9']]]);
  const rows = site.rowsKnown(['a', 'b', 'z'], (name: string) => known.get(name));
  expect(site.unknown).toBe(2);
  expect(tablesOf(updatedTable(['task', 's'], ['a', 'b', 'z'], rows, before))).toEqual([
    [
      { task: 'a', s: '7' },
      { task: 'b', s: '9' },
    ],
  ]);
});

it('measures a run once and keeps it as a line of JSON', async () => {
  const site = siteOf('x', MODULE, ['--results', folder]);
  let count = 0;
  const measure = async () => ({ figure: ++count });
  await site.kept('a row, 10 %', measure);
  expect(await site.kept('a row, 10 %', measure)).toMatchObject({ figure: 1 });
  expect(readFileSync(join(folder, 'a_row_10_%.json'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  await expect(site.kept('b', () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
  expect(await site.kept('b', measure)).toMatchObject({ figure: 2 });
});
