import { expect, it } from 'vitest';
import { detailsText } from './history-text.ts';

it('says the details of an entry in one line', () => {
  const details = { phase: 'waves', waves: 2, reason: null, plan: { waves: [0.05, 1] }, labels: {}, on: true };
  expect(detailsText(details)).toBe('phase: waves; waves: 2; plan: (waves: 0.050, 1); labels: nothing; on: true');
  expect([{}, null, undefined, 'a word', [1, 2]].map(detailsText)).toEqual(['', '', '', 'a word', '1, 2']);
});
