import { UPDATE_STATES } from 'spikewire/desk';
import { expect, it } from 'vitest';
import { orderText, shortHash, updateText } from './machine-text.ts';

const sha256 = '0123456789abcdef'.repeat(4);

it('says each order in words, with the base that it is about', () => {
  const way = { sha256, carrying: 'carry' } as const;
  const texts = [
    orderText(null),
    orderText({ kind: 'keep' }),
    orderText({ kind: 'wait' }),
    orderText({ kind: 'try', ...way }),
    orderText({ kind: 'install', watch: true, ...way }),
    orderText({ kind: 'install', watch: false, ...way }),
    orderText({ kind: 'leave', sha256 }),
  ];
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts.filter((text) => text.includes(shortHash(sha256)))).toHaveLength(4);
});

it('has words for each state of an update', () => {
  for (const state of UPDATE_STATES) expect(updateText(state)).not.toBe(state);
});
