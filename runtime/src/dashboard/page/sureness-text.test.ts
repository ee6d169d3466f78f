import { expect, it } from 'vitest';
import { surenessText } from './sureness-text.ts';

it.each([
  [{ confidence: null }, 'tell it what it sees'],
  [{ confidence: 0.623 }, 'sure by 62.3 %'],
  [{ confidence: 0.623, likeliest: 'worn' }, 'unlike all that it was taught; most like “worn”, by 62.3 %'],
])('%j is said as %s', (taught, text) => {
  expect(surenessText(taught)).toBe(text);
});
