import { expect, it } from 'vitest';
import { tablesOf, updatedTable } from './page.mjs';

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
