import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kept, knownRows, tablesOf, updatedTable } from '../../scripts/results-page.mjs';

const TEXT = `Words.

| task | mean | s   |
| ---- | ---- | --- |
| a    | 1.0  | 7   |
| b    | 2.0  |     |

More words | with a bar.

| other |
| ----- |
| c     |
`;

it('reads tables as cells by column', () => {
  expect(tablesOf(TEXT)).toEqual([
    [
      { task: 'a', mean: '1.0', s: '7' },
      { task: 'b', mean: '2.0', s: '' },
    ],
    [{ other: 'c' }],
  ]);
});

it('changes the rows that are new and keeps the others, in the order of the names', () => {
  const [before] = tablesOf(TEXT);
  const updated = updatedTable(
    ['task', 'mean', 'more'],
    ['z', 'b', 'a'],
    [
      ['b', '2.5', 'x'],
      ['z', '9', 'y'],
    ],
    before,
  );
  expect(tablesOf(updated)).toEqual([
    [
      { task: 'z', mean: '9', more: 'y' },
      { task: 'b', mean: '2.5', more: 'x' },
      { task: 'a', mean: '1.0', more: '' },
    ],
  ]);
  expect(updatedTable(['task'], ['a'], [], before)).not.toContain('b');
});

it('leaves rows of which nothing is known as they are', () => {
  const [before] = tablesOf(TEXT);
  const known = new Map([['b', ['b', '2.5', '9']]]);
  const { rows, unknown } = knownRows(['a', 'b', 'z'], (name: string) => known.get(name));
  expect(unknown).toBe(2);
  expect(tablesOf(updatedTable(['task', 'mean', 's'], ['a', 'b', 'z'], rows, before))).toEqual([
    [
      { task: 'a', mean: '1.0', s: '7' },
      { task: 'b', mean: '2.5', s: '9' },
    ],
  ]);
});

it('measures a run once and keeps it as a line of JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'results-'));
  let count = 0;
  const measure = async () => ({ figure: ++count });
  await kept(folder, 'a row, 10 %', measure);
  expect(await kept(folder, 'a row, 10 %', measure)).toMatchObject({ figure: 1 });
  expect(readFileSync(join(folder, 'a_row_10_%.json'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  await expect(kept(folder, 'b', () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
  expect(await kept(folder, 'b', measure)).toMatchObject({ figure: 2 });
  rmSync(folder, { recursive: true });
});
