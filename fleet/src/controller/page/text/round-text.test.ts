import { expect, it } from 'vitest';
import { roundNextText, roundPartsText, roundPhaseText } from './round-text.ts';

it('a round says where it stands, how many parts came, and what comes next', () => {
  expect(roundPhaseText({ phase: 'open', reason: null })).toBe('takes parts');
  const reason = '2 parts came, of at least 10';
  expect(roundPhaseText({ phase: 'empty', reason })).toBe(`ended without a result: ${reason}`);
  const counts = { parts: 12, most: 200, taken: 11 } as never as object;
  expect(roundPartsText({ ...counts, ended: null } as never)).toBe('12 of at most 200 came');
  expect(roundPartsText({ ...counts, ended: 1 } as never)).toBe('12 of at most 200 came, 11 taken');
  expect(roundNextText({ id: 'ab', model: 'pump', phase: 'done' })).toContain('round fetch ab --out pump.spike');
  expect(roundNextText({ id: 'ab', model: 'pump', phase: 'empty' })).toBe('');
});
