import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REFERENCE, referencePage } from '../../scripts/docs.mjs';

it('docs/reference.md says what the tables of the kinds say; otherwise: npm run docs', () => {
  expect(readFileSync(REFERENCE, 'utf8')).toBe(referencePage());
});

it('describes every kind by the comment of its file', () => {
  const bare = referencePage().match(/^### .*\n\n(?:No parameters|\|)/gm) ?? [];
  expect(bare.map((section) => section.split('\n')[0])).toEqual([
    '### beside any rule',
    '### `normalize`',
    '### `homeostasis`',
    '### `winners`',
  ]);
});
